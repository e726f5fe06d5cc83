/* The `manual` steps of a testcase.yaml. */
#include "base/decode.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/node.h"
#include "core/testcase.h"
#include "core/testcase_decode.h"

enum { STEPS_MAX = 100 };

#define AT(member) offsetof(struct manual, member)
static const struct field manual_fields[] = {
    { "name", FIELD_NAME, AT(name), .required = true },
    { "title", FIELD_TEXT, AT(title) },
    { "file", FIELD_PATH, AT(file), .required = true },
    { "stages", FIELD_ENUMS, AT(stages), .names = point_names },
    { 0 },
};
#undef AT

/* What the table of fields cannot say. */
static int check_step(const struct decoder *d, const struct node *n, const char *path,
                      const struct testcase *t, const struct manual *m, struct err **err)
{
    const struct bundle_file *f = bundle_find(&t->bundle, m->file);

    if (!f)
        return testcase_key_error(d, n, path, "file", err, "there is no such file in the testcase");
    if (f->size > MANUAL_TEXT_MAX)
        return testcase_key_error(d, n, path, "file", err, "the file has more than 64 KiB");
    if (m->stages == 0)
        return testcase_key_error(d, n, path, "stages", err, "expected at least one stage");
    for (const struct manual *other = t->manual; other < m; other++) {
        if (str_eq(other->name, m->name))
            return testcase_key_error(d, n, path, "name", err,
                                      "another step has this name already");
    }
    return 0;
}

static int decode_step(const struct decoder *d, const struct node *n, const char *path, void *arg,
                       struct err **err)
{
    struct testcase *t = arg;
    struct manual *m = &t->manual[t->manual_count++];

    m->stages = (1u << POINT_MAX_) - 1;
    if (decode_map(d, n, path, manual_fields, m, err) < 0)
        return -1;
    if (!m->title)
        m->title = xstrdup(m->name);
    return check_step(d, n, path, t, m, err);
}

int testcase_decode_manual(const struct decoder *d, const struct node *n, const char *path,
                           void *target, struct err **err)
{
    struct testcase *t = target;

    if (n->kind == NODE_LIST && n->len > STEPS_MAX)
        return decode_error(d, n, path, err, "too many: at most %d steps", STEPS_MAX);
    t->manual = xcalloc(n->len + 1, sizeof(*t->manual));
    return decode_list(d, n, path, decode_step, t, err);
}
