#include "fakes/fixture.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/evidence.h"
#include "core/queue.h"
#include "core/signoff.h"
#include "fakes/sqlite_fault.h"

static int64_t passed_run(struct fixture *f)
{
    int64_t run = fixture_run(f, "web-01", "web-02", NULL);

    fixture_verdict(f, run, "pass");
    return run;
}

static void sign(struct fixture *f, int64_t run, enum role role, const char *person,
                 enum decision decision)
{
    const char *remark = decision == DECISION_REFUSE ? "the shop is down" : NULL;
    AUTO_ERR e = NULL;

    expect_ok(signoff_add(f->s, run, role, person, decision, remark, &e) == 0, &e);
}

static void expect_refused(struct fixture *f, int64_t run, enum role role, const char *person,
                           enum decision decision, const char *remark, enum err_code code,
                           const char *part)
{
    AUTO_ERR e = NULL;

    assert_int_equal(signoff_add(f->s, run, role, person, decision, remark, &e), -1);
    expect_err(code, part, &e);
    assert_int_equal(fixture_count(f, "SELECT count(*) FROM evidence WHERE kind = 'signoff'"),
                     fixture_count(f, "SELECT count(*) FROM signoff"));
}

static int64_t count_state(struct fixture *f, const char *state)
{
    AUTO_ERR e = NULL;
    AUTO_JSON *list = queue_list(f->s, state, 0, &e);

    expect_ok(list, &e);
    return (int64_t)json_array_size(list);
}

static int64_t count_kind(struct fixture *f, const char *kind)
{
    AUTO_FREE char *sql = xasprintf("SELECT count(*) FROM evidence WHERE kind = '%s'", kind);

    return fixture_count(f, sql);
}

static void verify(struct fixture *f)
{
    AUTO_ERR e = NULL;
    int64_t n;

    expect_ok(evidence_verify(f->s, f->b, 0, &n, &e) == 0, &e);
}

static void knows_names_of_people(void **state)
{
    static const char *const good[] = { "ann", "Ann.O-Hara", "ann@example.org",
                                        "a",   "7of9",       "a+b~c_d" };
    static const char *const bad[] = { "",         "@ann",    ".ann", "-ann", "ann smith", "ann\n",
                                       "\xc3\xa4", "ann/bob", "ann'", "~",    "+1" };
    char long_name[130];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        assert_true(person_is_valid(good[i]));
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(person_is_valid(bad[i]));
    memset(long_name, 'x', sizeof(long_name));
    long_name[129] = '\0';
    assert_false(person_is_valid(long_name));
    long_name[128] = '\0';
    assert_true(person_is_valid(long_name));
}

static void covers_the_digests_of_the_run(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    int64_t run = passed_run(&f);
    AUTO_ERR e = NULL;
    AUTO_JSON *covers = signoff_covers(f.s, run, &e);
    char head[DIGEST_HEX_SIZE];
    const json_t *test;

    (void)state;
    expect_ok(covers, &e);
    expect_ok(evidence_head(f.s, run, head, &e) == 0, &e);
    assert_string_equal(json_str_at(covers, "verdict"), head);
    assert_true(digest_is_hex(json_str_at(covers, "image")));
    assert_true(digest_is_hex(json_str_at(covers, "patch")));
    assert_string_not_equal(json_str_at(covers, "image"), json_str_at(covers, "patch"));
    test = json_array_get(json_object_get(covers, "testcases"), 0);
    assert_string_equal(json_str_at(test, "name"), "web-shop");
    assert_true(digest_is_hex(json_str_at(test, "digest")));
    assert_int_equal(json_object_size(covers), 4);
}

static void needs_a_run_with_a_verdict(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    int64_t run = fixture_run(&f, "web-01", NULL);
    AUTO_ERR e = NULL;

    (void)state;
    expect_refused(&f, run, ROLE_OWNER, "ann", DECISION_APPROVE, NULL, ERR_CONFLICT,
                   "run 1 has no verdict yet");
    expect_refused(&f, 99, ROLE_OWNER, "ann", DECISION_APPROVE, NULL, ERR_NOT_FOUND,
                   "there is no run 99");
    assert_null(signoff_covers(f.s, run, &e));
    expect_err(ERR_CONFLICT, "run 1 has no verdict yet", &e);
    assert_null(signoff_covers(f.s, 99, &e));
    expect_err(ERR_NOT_FOUND, "there is no run 99", &e);
    fixture_raw(&f, "UPDATE run SET verdict = 'pass'");
    assert_null(signoff_covers(f.s, run, &e));
    expect_err(ERR_CORRUPT, "run 1 has a verdict, but no evidence of it", &e);
    fixture_raw(&f, "UPDATE run SET spec = '{}', verdict_hash = 'x'");
    assert_null(signoff_covers(f.s, run, &e));
    expect_err(ERR_CORRUPT, "no list of testcases", &e);
    fixture_raw(&f, "UPDATE run SET spec = 'spec'");
    assert_null(signoff_covers(f.s, run, &e));
    expect_err(ERR_CORRUPT, "run 1: ", &e);
}

static void checks_what_is_said(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    int64_t run = passed_run(&f);
    AUTO_FREE char *long_text = xcalloc(1, REMARK_MAX + 2);

    (void)state;
    memset(long_text, 'x', REMARK_MAX + 1);
    expect_refused(&f, run, ROLE_OWNER, "no one", DECISION_APPROVE, NULL, ERR_INVALID,
                   "'no one' is no name");
    expect_refused(&f, run, ROLE_OWNER, "\033[2J", DECISION_APPROVE, NULL, ERR_INVALID,
                   "'\\x1b[2J' is no name");
    expect_refused(&f, run, ROLE_OWNER, "ann", DECISION_REFUSE, NULL, ERR_INVALID,
                   "a refusal needs a reason");
    expect_refused(&f, run, ROLE_OWNER, "ann", DECISION_REFUSE, " \n", ERR_INVALID,
                   "a refusal needs a reason");
    expect_refused(&f, run, ROLE_OWNER, "ann", DECISION_APPROVE, long_text, ERR_INVALID,
                   "longer than 4096 bytes");
    assert_int_equal(fixture_count(&f, "SELECT count(*) FROM signoff"), 0);
}

static void one_person_has_one_role(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    int64_t run = passed_run(&f), other = passed_run(&f);

    (void)state;
    sign(&f, run, ROLE_OWNER, "ann", DECISION_APPROVE);
    expect_refused(&f, run, ROLE_GATEKEEPER, "ann", DECISION_APPROVE, NULL, ERR_DENIED,
                   "'ann' signed run 1 as owner already");
    expect_refused(&f, run, ROLE_GATEKEEPER, "Ann", DECISION_APPROVE, NULL, ERR_DENIED,
                   "'Ann' signed run 1 as owner already");
    sign(&f, run, ROLE_OWNER, "ann", DECISION_REFUSE);
    sign(&f, other, ROLE_GATEKEEPER, "ann", DECISION_APPROVE);
}

static void is_listed_and_recorded(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    int64_t run = passed_run(&f);
    AUTO_SIGNOFF_LIST list = { 0 };
    AUTO_FREE char *covers = NULL;
    AUTO_JSON *now = NULL;
    AUTO_ERR e = NULL;

    (void)state;
    fixture_time(4711);
    expect_ok(signoff_add(f.s, run, ROLE_OWNER, "ann@example.org", DECISION_APPROVE, "  ", &e) == 0,
              &e);
    expect_ok(
        signoff_add(f.s, run, ROLE_GATEKEEPER, "Bob", DECISION_REFUSE, "no \xff\x01", &e) == 0, &e);
    expect_ok(signoff_list(f.s, run, &list, &e) == 0, &e);
    now = signoff_covers(f.s, run, &e);
    covers = json_canonical(now);
    assert_int_equal(list.len, 2);
    assert_int_equal(list.ptr[0].role, ROLE_OWNER);
    assert_string_equal(list.ptr[0].person, "ann@example.org");
    assert_int_equal(list.ptr[0].decision, DECISION_APPROVE);
    assert_null(list.ptr[0].remark);
    assert_string_equal(list.ptr[0].covers, covers);
    assert_int_equal(list.ptr[0].at, 4711);
    assert_int_equal(list.ptr[1].decision, DECISION_REFUSE);
    assert_string_equal(list.ptr[1].remark, "no \xef\xbf\xbd\x01");
    assert_int_equal(fixture_count(&f, "SELECT count(*) FROM evidence WHERE kind = 'signoff'"
                                       " AND json_extract(body, '$.covers.verdict') ="
                                       " (SELECT verdict_hash FROM run)"),
                     2);
    verify(&f);
    fixture_drop_triggers(&f);
    fixture_raw(&f, "UPDATE signoff SET role = 'king'");
    signoff_list_release(&list);
    assert_int_equal(signoff_list(f.s, run, &list, &e), -1);
    expect_err(ERR_CORRUPT, "sign-off 1 has an unknown role", &e);
    assert_int_equal(list.len, 0);
}

static void the_queue_follows_the_gate(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    int64_t run = passed_run(&f);

    (void)state;
    sign(&f, run, ROLE_OWNER, "ann", DECISION_APPROVE);
    assert_int_equal(count_state(&f, NULL), 0);
    sign(&f, run, ROLE_GATEKEEPER, "bob", DECISION_APPROVE);
    assert_int_equal(count_state(&f, "ready"), 2);
    assert_int_equal(count_kind(&f, "queue.added"), 1);
    sign(&f, run, ROLE_GATEKEEPER, "bob", DECISION_APPROVE); /* nothing new */
    assert_int_equal(count_kind(&f, "queue.added") + count_kind(&f, "queue.released"), 1);
    sign(&f, run, ROLE_OWNER, "cyd", DECISION_REFUSE);
    assert_int_equal(count_state(&f, "held"), 2);
    assert_int_equal(count_kind(&f, "queue.held"), 1);
    sign(&f, run, ROLE_OWNER, "dan", DECISION_APPROVE);
    assert_int_equal(count_state(&f, "held"), 2);
    sign(&f, run, ROLE_OWNER, "cyd", DECISION_APPROVE);
    assert_int_equal(count_state(&f, "ready"), 2);
    assert_int_equal(count_kind(&f, "queue.released"), 1);
    verify(&f);
}

static void the_gate_tells_what_is_missing(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    int64_t run = fixture_run(&f, "web-01", NULL);
    AUTO_STRV missing = { 0 };
    AUTO_FREE char *said = NULL;
    AUTO_ERR e = NULL;

    (void)state;
    assert_int_equal(signoff_gate(f.s, run, &missing, &e), 0);
    fixture_verdict(&f, run, "pass");
    sign(&f, run, ROLE_OWNER, "ann", DECISION_APPROVE);
    assert_int_equal(signoff_gate(f.s, run, &missing, &e), 0);
    said = strv_join(&missing, "; ");
    assert_string_equal(said, "the run has no verdict yet; owner has not approved; "
                              "gatekeeper has not approved; gatekeeper has not approved");
    sign(&f, run, ROLE_GATEKEEPER, "bob", DECISION_APPROVE);
    assert_int_equal(signoff_gate(f.s, run, &missing, &e), 1);
    assert_int_equal(missing.len, 4);
    assert_int_equal(signoff_gate(f.s, 99, &missing, &e), -1);
    expect_err(ERR_NOT_FOUND, "there is no run 99", &e);
}

static void no_verdict_but_pass_is_queued(void **state)
{
    static const char *const verdicts[] = { "fail", "review", "broken" };
    AUTO_FIXTURE f = fixture_open();

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(verdicts); i++) {
        int64_t run = fixture_run(&f, "web-01", NULL);

        fixture_verdict(&f, run, verdicts[i]);
        sign(&f, run, ROLE_OWNER, "ann", DECISION_APPROVE);
        sign(&f, run, ROLE_GATEKEEPER, "bob", DECISION_APPROVE);
    }
    assert_int_equal(count_state(&f, NULL), 0);
}

static void what_changed_must_be_signed_again(void **state)
{
    static const char *const changes[] = {
        "UPDATE image SET digest = 'another'",
        "UPDATE patch SET digest = 'another'",
        "UPDATE run SET spec = json_set(spec, '$.testcases[0].digest', 'another')",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
        AUTO_FIXTURE f = fixture_open();
        int64_t run = passed_run(&f);

        sign(&f, run, ROLE_OWNER, "ann", DECISION_APPROVE);
        fixture_raw(&f, changes[i]);
        sign(&f, run, ROLE_GATEKEEPER, "bob", DECISION_APPROVE);
        assert_int_equal(count_state(&f, NULL), 0);
        sign(&f, run, ROLE_OWNER, "ann", DECISION_APPROVE);
        assert_int_equal(count_state(&f, "ready"), 2);
    }
}

/* ---- random histories: what the store does against a model of the rules ---- */

#define PEOPLE 4

struct model {
    int role[PEOPLE]; /* -1: none yet */
    bool approves[PEOPLE], refuses[PEOPLE];
    bool queued;
};

static bool model_open(const struct model *m)
{
    bool role_ok[ROLE_MAX_] = { false };

    for (int who = 0; who < PEOPLE; who++) {
        if (m->refuses[who])
            return false;
        if (m->approves[who])
            role_ok[m->role[who]] = true;
    }
    return role_ok[ROLE_OWNER] && role_ok[ROLE_GATEKEEPER];
}

static unsigned next_random(unsigned below)
{
    static uint64_t seed = 4711;

    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(seed >> 33) % below;
}

static void random_decision(struct fixture *f, int64_t run, struct model *m)
{
    static const char *const people[PEOPLE] = { "ann", "bob", "cyd@example.org", "Dan" };
    int who = (int)next_random(PEOPLE), role = (int)next_random(ROLE_MAX_);
    bool refuse = next_random(3) == 0;
    AUTO_ERR e = NULL;
    int rc = signoff_add(f->s, run, role, people[who], refuse ? DECISION_REFUSE : DECISION_APPROVE,
                         refuse ? "no" : NULL, &e);

    if (m->role[who] >= 0 && m->role[who] != role) {
        assert_int_equal(rc, -1);
        expect_err(ERR_DENIED, "already", &e);
        return;
    }
    expect_ok(rc == 0, &e);
    m->role[who] = role;
    m->refuses[who] = refuse;
    m->approves[who] = !refuse;
}

static void agrees_with_the_model(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    int opened = 0, closed_again = 0;

    (void)state;
    for (int round = 0; round < 25; round++) {
        int64_t run = passed_run(&f);
        AUTO_FREE char *ready = xasprintf("SELECT count(*) FROM queue WHERE state = 'ready'"
                                          " AND run = %d",
                                          (int)run);
        AUTO_FREE char *held = xasprintf("SELECT count(*) FROM queue WHERE state = 'held'"
                                         " AND run = %d",
                                         (int)run);
        struct model m = { .role = { -1, -1, -1, -1 } };

        for (int i = 0; i < 14; i++) {
            bool open;

            random_decision(&f, run, &m);
            open = model_open(&m);
            m.queued = m.queued || open;
            opened += open;
            closed_again += m.queued && !open;
            assert_int_equal(fixture_count(&f, ready), open ? 2 : 0);
            assert_int_equal(fixture_count(&f, held), m.queued && !open ? 2 : 0);
        }
    }
    assert_true(opened > 20 && closed_again > 20);
    verify(&f);
}

static void a_full_disk_leaves_nothing_half_done(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    int64_t run = passed_run(&f);
    bool left = true;
    AUTO_FREE char *remark = xcalloc(1, REMARK_MAX + 1);
    AUTO_ERR e = NULL;

    (void)state;
    memset(remark, 'x', REMARK_MAX);
    sign(&f, run, ROLE_OWNER, "ann", DECISION_APPROVE);
    for (int pages = 0; left; pages++) {
        AUTO_FREE char *limit = xasprintf("PRAGMA max_page_count = %d",
                                          (int)fixture_count(&f, "PRAGMA page_count") + pages);

        fixture_count(&f, limit);
        left = signoff_add(f.s, run, ROLE_GATEKEEPER, "bob", DECISION_APPROVE, remark, &e) < 0;
        if (left)
            expect_err(ERR_NO_ROOM, "cannot sign off run 1: ", &e);
        assert_int_equal(fixture_count(&f, "SELECT count(*) FROM signoff"), left ? 1 : 2);
        assert_int_equal(count_kind(&f, "signoff"), left ? 1 : 2);
        assert_int_equal(count_state(&f, "ready"), left ? 0 : 2);
        assert_true(left || pages > 0); /* else the disk was never full */
    }
    verify(&f);
}

/* Each allocation of SQLite fails in turn: a sign-off is there with all that follows, or not. */
static void signing_survives_every_failure(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    int64_t run = passed_run(&f);
    bool hit = true;

    (void)state;
    sign(&f, run, ROLE_OWNER, "ann", DECISION_APPROVE);
    for (int nth = 1; hit; nth++) {
        AUTO_ERR e = NULL;
        int rc;

        sqlite_fault_arm(nth);
        rc = signoff_add(f.s, run, ROLE_GATEKEEPER, "bob", DECISION_APPROVE, NULL, &e);
        hit = sqlite_fault_disarm();
        assert_int_equal(rc, e ? -1 : 0);
        if (e)
            expect_err(ERR_NO_ROOM, "out of memory", &e);
        assert_int_equal(fixture_count(&f, "SELECT count(*) FROM signoff"), rc == 0 ? 2 : 1);
        assert_int_equal(count_state(&f, "ready"), rc == 0 ? 2 : 0);
        assert_int_equal(count_kind(&f, "queue.added"), rc == 0);
        if (rc == 0)
            break; /* a failure that SQLite could do without may be hit and yet harmless */
    }
    verify(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_names_of_people),
        cmocka_unit_test(covers_the_digests_of_the_run),
        cmocka_unit_test(needs_a_run_with_a_verdict),
        cmocka_unit_test(checks_what_is_said),
        cmocka_unit_test(one_person_has_one_role),
        cmocka_unit_test(is_listed_and_recorded),
        cmocka_unit_test(the_queue_follows_the_gate),
        cmocka_unit_test(the_gate_tells_what_is_missing),
        cmocka_unit_test(no_verdict_but_pass_is_queued),
        cmocka_unit_test(what_changed_must_be_signed_again),
        cmocka_unit_test(agrees_with_the_model),
        cmocka_unit_test(a_full_disk_leaves_nothing_half_done),
        cmocka_unit_test(signing_survives_every_failure),
    };

    sqlite_fault_install();
    return cmocka_run_group_tests_name("signoff", tests, NULL, NULL);
}
