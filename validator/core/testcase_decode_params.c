/* The `params` of a testcase.yaml: names of values that the checks are given. */
#include <string.h>

#include "base/decode.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/node.h"
#include "core/params.h"
#include "core/testcase.h"
#include "core/testcase_decode.h"

enum { PARAMS_MAX = 100 };

#define AT(member) offsetof(struct param, member)
static const struct field param_fields[] = {
    { "title", FIELD_TEXT, AT(title) },
    { "default", FIELD_TEXT, AT(fallback) },
    { "required", FIELD_BOOL, AT(required) },
    { "secret", FIELD_BOOL, AT(secret) },
    { 0 },
};
#undef AT

static int decode_param(const struct decoder *d, const struct node *n, const char *path,
                        struct param *p, struct err **err)
{
    if (decode_map(d, n, path, param_fields, p, err) < 0)
        return -1;
    if (!p->title)
        p->title = xstrdup(p->name);
    if (p->fallback && p->secret)
        return testcase_key_error(d, n, path, "default", err, "a secret has none: it is no secret");
    if (p->fallback && p->required)
        return testcase_key_error(d, n, path, "default", err,
                                  "of no use: a required parameter is always given");
    return 0;
}

int testcase_decode_params(const struct decoder *d, const struct node *n, const char *path,
                           void *target, struct err **err)
{
    struct testcase *t = target;

    if (n->kind != NODE_MAP)
        return decode_error(d, n, path, err, "expected a map of parameters by their names");
    if (n->len > PARAMS_MAX)
        return decode_error(d, n, path, err, "too many: at most %d", PARAMS_MAX);
    t->params = xcalloc(n->len + 1, sizeof(*t->params));
    for (size_t i = 0; i < n->len; i++) {
        AUTO_FREE char *below = xasprintf("%s.%s", path, n->keys[i]);
        struct param *p = &t->params[t->param_count++];
        p->name = xstrdup(n->keys[i]);
        if (!param_name_is_valid(p->name))
            return decode_error(d, n->items[i], below, err,
                                "expected a name of a-z, 0-9 and '-', a letter first, at most 64");
        if (decode_param(d, n->items[i], below, p, err) < 0)
            return -1;
    }
    return 0;
}
