/* The `checks` of a testcase.yaml. */
#include <string.h>

#include "base/decode.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/node.h"
#include "core/check_results.h"
#include "core/testcase.h"
#include "core/testcase_decode.h"

enum { CHECKS_MAX = 500, ARGS_MAX = 100, USER_LEN = 32 };

/* What useradd takes; a name that looks like an option must not reach a command line. */
static bool user_is_valid(const char *s)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
    static const char rest[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789.-";
    size_t len = strlen(s);

    return len >= 1 && len <= USER_LEN && strchr(letters, s[0]) && strspn(s, rest) == len;
}

/* What the table of fields cannot say. */
static int check_check(const struct decoder *d, const struct node *n, const char *path,
                       const struct testcase *t, const struct check *c, struct err **err)
{
    AUTO_FREE char *run = xasprintf("%s.run", path);

    if (testcase_check_program(d, node_get(n, "run"), run, &t->bundle, c->run, err) < 0)
        return -1;
    if (c->args.len > ARGS_MAX)
        return testcase_key_error(d, n, path, "args", err, "too many: at most 100");
    if (c->user && !user_is_valid(c->user))
        return testcase_key_error(d, n, path, "user", err,
                                  "expected the name of a user in the guest");
    if (c->report && c->results == CHECK_EXIT) {
        testcase_key_error(d, n, path, "report", err, "a report needs to say its format");
        return err_hint(err, "add 'results: tap' or 'results: junit'");
    }
    if (c->stages == 0)
        return testcase_key_error(d, n, path, "stages", err, "expected at least one stage");
    for (const struct check *other = t->checks; other < c; other++) {
        if (str_eq(other->name, c->name))
            return testcase_key_error(d, n, path, "name", err,
                                      "another check has this name already");
    }
    return 0;
}

#define AT(member) offsetof(struct check, member)
static const struct field check_fields[] = {
    { "name", FIELD_NAME, AT(name), .required = true },
    { "title", FIELD_TEXT, AT(title) },
    { "run", FIELD_TEXT, AT(run), .required = true },
    { "args", FIELD_TEXTS, AT(args) },
    { "user", FIELD_TEXT, AT(user) },
    { "timeout", FIELD_DURATION, AT(timeout_ms), .min = TIMEOUT_MIN_MS, .max = TIMEOUT_MAX_MS },
    { "output-limit", FIELD_SIZE, AT(output_max), .max = OUTPUT_LIMIT },
    { "stages", FIELD_ENUMS, AT(stages), .names = point_names },
    { "results", FIELD_ENUM, AT(results), .names = check_format_names },
    { "report", FIELD_PATH, AT(report) },
    { 0 },
};
#undef AT

static int decode_check(const struct decoder *d, const struct node *n, const char *path, void *arg,
                        struct err **err)
{
    struct testcase *t = arg;
    struct check *c = &t->checks[t->check_count++];

    c->timeout_ms = CHECK_UNSET;
    c->output_max = CHECK_UNSET;
    c->stages = (1u << POINT_MAX_) - 1;
    if (decode_map(d, n, path, check_fields, c, err) < 0)
        return -1;
    if (!c->title)
        c->title = xstrdup(c->name);
    return check_check(d, n, path, t, c, err);
}

int testcase_decode_checks(const struct decoder *d, const struct node *n, const char *path,
                           void *target, struct err **err)
{
    struct testcase *t = target;

    if (n->kind == NODE_LIST && (n->len == 0 || n->len > CHECKS_MAX))
        return decode_error(d, n, path, err, "expected 1 to %d checks, found %zu", CHECKS_MAX,
                            n->len);
    t->checks = xcalloc(n->len + 1, sizeof(*t->checks));
    return decode_list(d, n, path, decode_check, t, err);
}
