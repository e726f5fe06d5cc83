/* The gate alone: each rule, then random histories against a model written another way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "core/signoff.h"

#define COVERS(image, patch, tests, verdict) \
    "{\"image\":\"" image "\",\"patch\":\"" patch "\",\"testcases\":[\"" tests "\"]," \
    "\"verdict\":\"" verdict "\"}"
#define NOW COVERS("i1", "p1", "t1", "v1")

static char ann[] = "ann", upper_ann[] = "ANN", bob[] = "bob", cyd[] = "cyd";
static char now_covers[] = NOW, old_image[] = COVERS("i0", "p1", "t1", "v1");
static char old_all[] = COVERS("i0", "p0", "t0", "v0"), no_json[] = "{";
static char remark[] = "shop is \033[31mdown";

#define OWNER(who, what, on) \
    { \
        .role = ROLE_OWNER, .person = (who), .decision = DECISION_##what, .covers = (on), \
        .remark = remark \
    }
#define KEEPER(who, what, on) \
    { \
        .role = ROLE_GATEKEEPER, .person = (who), .decision = DECISION_##what, .covers = (on) \
    }

/* "" for an open gate, else what is missing, joined with '; '. */
static char *ask(const char *verdict, const char *covers, struct signoff *ptr, size_t len)
{
    struct signoff_list list = { ptr, len };
    AUTO_STRV missing = { 0 };
    bool open = gate_open(&(struct gate_facts){ verdict, covers, &list }, &missing);

    assert_int_equal(open, missing.len == 0);
    return open ? xstrdup("") : strv_join(&missing, "; ");
}

#define EXPECT(verdict, covers, text, ...) \
    do { \
        struct signoff given[] = { __VA_ARGS__ }; \
        AUTO_FREE char *said = ask(verdict, covers, given, ARRAY_LEN(given)); \
        assert_string_equal(said, text); \
    } while (0)

static void opens_for_owner_and_gatekeeper(void **state)
{
    (void)state;
    EXPECT("pass", NOW, "", OWNER(ann, APPROVE, now_covers), KEEPER(bob, APPROVE, now_covers));
    EXPECT("pass", NOW, "", KEEPER(bob, APPROVE, now_covers), OWNER(ann, APPROVE, now_covers));
}

static void needs_the_verdict_pass(void **state)
{
    static const char *const others[] = { "fail", "review", "broken", "PASS", "passed", "" };

    (void)state;
    EXPECT(NULL, NULL,
           "the run has no verdict yet; owner has not approved; "
           "gatekeeper has not approved",
           OWNER(ann, APPROVE, now_covers), KEEPER(bob, APPROVE, now_covers));
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        AUTO_FREE char *want = xasprintf("the verdict is '%s', not 'pass'", others[i]);

        EXPECT(others[i], NOW, want, OWNER(ann, APPROVE, now_covers),
               KEEPER(bob, APPROVE, now_covers));
    }
}

static void needs_both_roles(void **state)
{
    AUTO_FREE char *nobody = ask("pass", NOW, NULL, 0);

    (void)state;
    assert_string_equal(nobody, "owner has not approved; gatekeeper has not approved");
    EXPECT("pass", NOW, "gatekeeper has not approved", OWNER(ann, APPROVE, now_covers));
    EXPECT("pass", NOW, "owner has not approved", KEEPER(ann, APPROVE, now_covers));
    EXPECT("pass", NOW, "gatekeeper has not approved", OWNER(ann, APPROVE, now_covers),
           OWNER(bob, APPROVE, now_covers));
}

static void needs_two_people(void **state)
{
    (void)state;
    EXPECT("pass", NOW, "owner and gatekeeper are the same person, 'ann'",
           OWNER(ann, APPROVE, now_covers), KEEPER(upper_ann, APPROVE, now_covers));
    EXPECT("pass", NOW, "", OWNER(ann, APPROVE, now_covers), KEEPER(ann, APPROVE, now_covers),
           OWNER(bob, APPROVE, now_covers));
    EXPECT("pass", NOW, "", OWNER(ann, APPROVE, now_covers), KEEPER(ann, APPROVE, now_covers),
           KEEPER(cyd, APPROVE, now_covers));
}

static void a_refusal_closes_it_while_it_stands(void **state)
{
    (void)state;
    EXPECT("pass", NOW, "owner 'cyd' refused: shop is \\x1b[31mdown",
           OWNER(ann, APPROVE, now_covers), KEEPER(bob, APPROVE, now_covers),
           OWNER(cyd, REFUSE, now_covers));
    EXPECT("pass", NOW, "gatekeeper 'bob' refused: no reason given; gatekeeper has not approved",
           OWNER(ann, APPROVE, now_covers), KEEPER(bob, APPROVE, now_covers),
           KEEPER(bob, REFUSE, now_covers));
    EXPECT("pass", NOW, "", OWNER(ann, REFUSE, now_covers), KEEPER(bob, APPROVE, now_covers),
           OWNER(upper_ann, APPROVE, now_covers));
    /* A refusal of what stood before still tells that somebody objects. */
    EXPECT("pass", NOW, "owner 'cyd' refused: shop is \\x1b[31mdown", OWNER(cyd, REFUSE, old_image),
           OWNER(ann, APPROVE, now_covers), KEEPER(bob, APPROVE, now_covers));
}

static void a_void_signoff_says_what_changed(void **state)
{
    (void)state;
    EXPECT("pass", NOW, "the image changed since owner 'ann' approved",
           OWNER(ann, APPROVE, old_image), KEEPER(bob, APPROVE, now_covers));
    EXPECT("pass", NOW,
           "the image changed since gatekeeper 'bob' approved; the patch changed since "
           "gatekeeper 'bob' approved; the testcases changed since gatekeeper 'bob' "
           "approved; the verdict changed since gatekeeper 'bob' approved",
           OWNER(ann, APPROVE, now_covers), KEEPER(bob, APPROVE, old_all));
    EXPECT("pass", NOW, "what owner 'ann' approved is not what stands now",
           OWNER(ann, APPROVE, no_json), KEEPER(bob, APPROVE, now_covers));
    /* A later approval of the old state replaces the valid one of the same person. */
    EXPECT("pass", NOW, "the image changed since owner 'ann' approved",
           OWNER(ann, APPROVE, now_covers), OWNER(ann, APPROVE, old_image),
           KEEPER(bob, APPROVE, now_covers));
    EXPECT("pass", NOW, "", OWNER(ann, APPROVE, old_image), OWNER(cyd, APPROVE, now_covers),
           KEEPER(bob, APPROVE, now_covers));
}

/* The model: what each person said last in each role, then the rule in its own words. */
enum said { NOTHING, APPROVED_NOW, APPROVED_OLD, REFUSED };

static bool model_open(enum said last[ROLE_MAX_][3], bool pass)
{
    bool open = false;

    for (int owner = 0; owner < 3; owner++)
        for (int keeper = 0; keeper < 3; keeper++)
            open = open
                   || (owner != keeper && last[ROLE_OWNER][owner] == APPROVED_NOW
                       && last[ROLE_GATEKEEPER][keeper] == APPROVED_NOW);
    for (int role = 0; role < ROLE_MAX_; role++)
        for (int who = 0; who < 3; who++)
            open = open && last[role][who] != REFUSED;
    return open && pass;
}

static unsigned next_random(unsigned below)
{
    static uint64_t seed = 20260101;

    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(seed >> 33) % below;
}

static void agrees_with_the_model(void **state)
{
    char *const people[] = { ann, bob, cyd }, *const covers[] = { now_covers, old_image, no_json };
    int opened = 0;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        struct signoff history[12];
        enum said last[ROLE_MAX_][3] = { 0 };
        size_t len = next_random(ARRAY_LEN(history) + 1);
        bool pass = next_random(8) != 0, want;
        AUTO_FREE char *said = NULL;

        for (size_t i = 0; i < len; i++) {
            unsigned who = next_random(3), role = next_random(ROLE_MAX_), old = next_random(4);
            bool refuse = next_random(6) == 0;

            old = old < 3 ? old : 0;
            history[i] = (struct signoff){
                .role = role, .person = people[who], .covers = covers[old], .decision = refuse
            };
            last[role][who] = refuse ? REFUSED : old ? APPROVED_OLD : APPROVED_NOW;
        }
        want = model_open(last, pass);
        said = ask(pass ? "pass" : "fail", NOW, history, len);
        assert_int_equal(*said == '\0', want);
        opened += want;
    }
    assert_in_range(opened, 500, 15000); /* else the histories prove nothing */
}

static void takes_a_review_whose_changes_are_acknowledged(void **state)
{
    struct signoff given[] = { OWNER(ann, APPROVE, now_covers), KEEPER(bob, APPROVE, now_covers) };
    struct signoff_list list = { given, ARRAY_LEN(given) };
    static const struct {
        const char *verdict;
        bool only_open;
        size_t open_changes;
        const char *missing;
    } rows[] = {
        { "review", true, 0, "" },
        { "review", true, 1,
          "1 change nobody has acknowledged: 'patchlab run changes 7' shows them,"
          " 'patchlab run acknowledge 7' takes them on" },
        { "review", false, 0, "the verdict is 'review', not 'pass'" },
        { "fail", true, 0, "the verdict is 'fail', not 'pass'" },
        { "broken", true, 0, "the verdict is 'broken', not 'pass'" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct gate_facts f = {
            .verdict = rows[i].verdict,
            .covers = NOW,
            .signoffs = &list,
            .only_open = rows[i].only_open,
            .open_changes = rows[i].open_changes,
            .run = 7,
        };
        AUTO_STRV missing = { 0 };
        assert_int_equal(gate_open(&f, &missing), !*rows[i].missing);
        AUTO_FREE char *all = strv_join(&missing, "; ");
        assert_string_equal(all, rows[i].missing);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_a_review_whose_changes_are_acknowledged),
        cmocka_unit_test(opens_for_owner_and_gatekeeper),
        cmocka_unit_test(needs_the_verdict_pass),
        cmocka_unit_test(needs_both_roles),
        cmocka_unit_test(needs_two_people),
        cmocka_unit_test(a_refusal_closes_it_while_it_stands),
        cmocka_unit_test(a_void_signoff_says_what_changed),
        cmocka_unit_test(agrees_with_the_model),
    };

    return cmocka_run_group_tests_name("gate", tests, NULL, NULL);
}
