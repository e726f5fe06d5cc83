/* Why a verdict is no pass, and who can do what about it; the rules are in cause.h. */
#include "core/cause.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"

const char *const cause_names[] = {
    [CAUSE_NOT_APPLIED] = "not-applied",
    [CAUSE_REGRESSION] = "regression",
    [CAUSE_RESTART] = "restart",
    [CAUSE_REVERSAL] = "reversal",
    [CAUSE_CLAIM] = "claim",
    [CAUSE_OTHER_FAIL] = "other-fail",
    [CAUSE_HALF_APPLIED] = "half-applied",
    [CAUSE_PACKAGES] = "packages",
    [CAUSE_REVIEW_REGRESSION] = "review-regression",
    [CAUSE_REVIEW_RESTART] = "review-restart",
    [CAUSE_REVIEW_REVERSAL] = "review-reversal",
    [CAUSE_FLAKY] = "flaky",
    [CAUSE_MISSING] = "missing",
    [CAUSE_NO_CHANGE] = "no-change",
    [CAUSE_NEW_FINDING] = "new-finding",
    [CAUSE_CHANGES] = "changes",
    [CAUSE_MANUAL] = "manual",
    [CAUSE_NOT_LOOKED] = "not-looked",
    [CAUSE_NO_PASS] = "no-pass",
    [CAUSE_OTHER_REVIEW] = "other-review",
    [CAUSE_BROKEN] = "broken",
    [CAUSE_MAX_] = NULL,
};

const char *const actor_names[] = {
    [ACTOR_OWNER] = "owner",         [ACTOR_TESTER] = "tester", [ACTOR_GATEKEEPER] = "gatekeeper",
    [ACTOR_SUBMITTER] = "submitter", [ACTOR_MAX_] = NULL,
};

/* `%s` is what the cause is about. */
struct action {
    const char *what; /* NULL: it is not in his hands */
    enum verdict then;
};

/* clang-format off */
#define REGRESSION_ACTIONS \
    { \
        [ACTOR_OWNER] = { "change %s, if the service may be so from now on", VERDICT_PASS }, \
        [ACTOR_TESTER] = { "confirm it more often ('--confirm 5'): one round without the " \
                           "difference makes %s flaky", VERDICT_REVIEW }, \
        [ACTOR_SUBMITTER] = { "send a patch that leaves %s passing", VERDICT_PASS }, \
    }
#define RESTART_ACTIONS \
    { \
        [ACTOR_OWNER] = { "mend the service that cannot be restarted", VERDICT_PASS }, \
        [ACTOR_SUBMITTER] = { "send a patch after which its services can be restarted", \
                              VERDICT_PASS }, \
    }
#define REVERSAL_ACTIONS \
    { \
        [ACTOR_TESTER] = { "make the gate of the stage 'rolled-back' a note ('config.yaml'), if " \
                           "the VM can be restored instead", VERDICT_PASS }, \
        [ACTOR_SUBMITTER] = { "send a patch that can be undone", VERDICT_PASS }, \
    }
/* clang-format on */

static const struct {
    enum verdict weight;
    struct action actions[ACTOR_MAX_];
} table[CAUSE_MAX_] = {
    [CAUSE_NOT_APPLIED] = {
        VERDICT_FAIL,
        {
            [ACTOR_TESTER] = { "choose an image that the patch is meant for", VERDICT_PASS },
            [ACTOR_SUBMITTER] = { "send a patch that can be applied here", VERDICT_PASS },
        },
    },
    [CAUSE_REGRESSION] = { VERDICT_FAIL, REGRESSION_ACTIONS },
    [CAUSE_RESTART] = { VERDICT_FAIL, RESTART_ACTIONS },
    [CAUSE_REVERSAL] = { VERDICT_FAIL, REVERSAL_ACTIONS },
    [CAUSE_CLAIM] = {
        VERDICT_FAIL,
        {
            [ACTOR_TESTER] = { "poll the vulnerability data, if it is behind ('feed poll')",
                               VERDICT_PASS },
            [ACTOR_SUBMITTER] = { "send a patch that fixes what it claims, or claim less",
                                  VERDICT_PASS },
        },
    },
    [CAUSE_OTHER_FAIL] = { VERDICT_FAIL, { { NULL } } },
    [CAUSE_HALF_APPLIED] = {
        VERDICT_REVIEW,
        {
            [ACTOR_SUBMITTER] = { "send a patch that can be applied each time", VERDICT_PASS },
        },
    },
    [CAUSE_PACKAGES] = {
        VERDICT_REVIEW,
        {
            [ACTOR_TESTER] = { "make a new image once the packages of the server are in order, or "
                               "no longer on hold", VERDICT_PASS },
            [ACTOR_SUBMITTER] = { "send a patch that leaves its packages in order", VERDICT_PASS },
        },
    },
    [CAUSE_REVIEW_REGRESSION] = { VERDICT_REVIEW, REGRESSION_ACTIONS },
    [CAUSE_REVIEW_RESTART] = { VERDICT_REVIEW, RESTART_ACTIONS },
    [CAUSE_REVIEW_REVERSAL] = { VERDICT_REVIEW, REVERSAL_ACTIONS },
    [CAUSE_FLAKY] = {
        VERDICT_REVIEW,
        {
            [ACTOR_OWNER] = { "make %s steady: wait for what it needs, leave nothing to chance",
                              VERDICT_PASS },
        },
    },
    [CAUSE_MISSING] = {
        VERDICT_REVIEW,
        {
            [ACTOR_OWNER] = { "let %s say pass or fail both with and without the patch",
                              VERDICT_PASS },
        },
    },
    [CAUSE_NO_CHANGE] = {
        VERDICT_REVIEW,
        {
            [ACTOR_TESTER] = { "choose an image with the packages that it updates", VERDICT_PASS },
            [ACTOR_SUBMITTER] = { "send a patch for what is installed here", VERDICT_PASS },
        },
    },
    [CAUSE_NEW_FINDING] = {
        VERDICT_REVIEW,
        {
            [ACTOR_TESTER] = { "poll the vulnerability data, if it is behind ('feed poll')",
                               VERDICT_PASS },
            [ACTOR_SUBMITTER] = { "send a patch that brings no new vulnerability", VERDICT_PASS },
        },
    },
    /* The verdict stays, but the gate takes it like a pass. */
    [CAUSE_CHANGES] = {
        VERDICT_REVIEW,
        {
            [ACTOR_OWNER] = { "acknowledge the changes that are wanted ('run changes', "
                              "'run acknowledge')", VERDICT_PASS },
            [ACTOR_SUBMITTER] = { "send a patch that leaves the rest alone, or says what it "
                                  "changes", VERDICT_PASS },
        },
    },
    [CAUSE_MANUAL] = {
        VERDICT_REVIEW,
        {
            [ACTOR_TESTER] = { "take the manual steps and say what you saw ('uat')",
                               VERDICT_PASS },
        },
    },
    [CAUSE_NOT_LOOKED] = {
        VERDICT_REVIEW,
        {
            [ACTOR_TESTER] = { "validate again, or without the look ('--no-observe')",
                               VERDICT_PASS },
        },
    },
    [CAUSE_NO_PASS] = {
        VERDICT_REVIEW,
        {
            [ACTOR_OWNER] = { "bring a check that passes without the patch", VERDICT_PASS },
        },
    },
    [CAUSE_OTHER_REVIEW] = { VERDICT_REVIEW, { { NULL } } },
    [CAUSE_BROKEN] = {
        VERDICT_BROKEN,
        {
            [ACTOR_TESTER] = { "mend the lab ('doctor') and validate again", VERDICT_PASS },
        },
    },
};

json_t *causes_json(unsigned causes)
{
    json_t *list = json_array();

    for (int i = 0; i < CAUSE_MAX_; i++) {
        if (causes >> i & 1)
            json_array_append_new(list, json_string(cause_names[i]));
    }
    return list;
}

unsigned causes_from_json(const json_t *list)
{
    unsigned causes = 0;
    size_t k;
    json_t *name;

    json_array_foreach((json_t *)list, k, name)
    {
        int i = str_index(cause_names, json_string_value(name));
        causes |= i < 0 ? 0 : 1u << i;
    }
    return causes;
}

bool causes_are_open_matters(unsigned causes)
{
    return causes && !(causes & ~(1u << CAUSE_CHANGES | 1u << CAUSE_MANUAL));
}

static int gravity(enum verdict v)
{
    static const int gravities[VERDICT_MAX_] = {
        [VERDICT_PASS] = 0, [VERDICT_REVIEW] = 1, [VERDICT_FAIL] = 2, [VERDICT_BROKEN] = 3
    };

    return gravities[v];
}

static enum verdict worse(enum verdict a, enum verdict b)
{
    return gravity(a) > gravity(b) ? a : b;
}

/* "change %s, if ..." with the object. */
static void add_action(const char *what, const char *object, struct strv *ret)
{
    const char *gap = strstr(what, "%s");
    AUTO_FREE char *text = gap ? xasprintf("%.*s%s%s", (int)(gap - what), what,
                                           object ? object : "it", gap + 2)
                               : xstrdup(what);

    if (!strv_has(ret, text))
        strv_add(ret, text);
}

enum verdict cause_actions(unsigned causes, enum verdict v, enum actor actor,
                           const char *const objects[CAUSE_MAX_], struct strv *ret)
{
    enum verdict then = VERDICT_PASS;

    for (int i = 0; i < CAUSE_MAX_; i++) {
        const struct action *a = &table[i].actions[actor];
        if (!(causes >> i & 1))
            continue;
        if (table[i].weight != v || !a->what) {
            then = worse(then, table[i].weight);
            continue;
        }
        add_action(a->what, objects[i], ret);
        then = worse(then, a->then);
    }
    return then;
}
