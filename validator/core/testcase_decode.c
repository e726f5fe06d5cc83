/* testcase.yaml: every key, every default, and whether what it runs is there. */
#include "core/testcase_decode.h"

#include "base/decode.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/node.h"
#include "core/category.h"
#include "core/testcase.h"

enum { TIMEOUT_MS = 60 * 1000, OUTPUT_MAX = 1 << 20 };

int testcase_key_error(const struct decoder *d, const struct node *map, const char *path,
                       const char *key, struct err **err, const char *problem)
{
    AUTO_FREE char *below = xasprintf("%s.%s", path, key);
    const struct node *n = node_get(map, key);

    return decode_error(d, n ? n : map, below, err, "%s", problem);
}

int testcase_check_program(const struct decoder *d, const struct node *n, const char *path,
                           const struct bundle *b, const char *program, struct err **err)
{
    bool absolute = program[0] == '/';
    const struct bundle_file *f = absolute ? NULL : bundle_find(b, program);

    if (!path_is_safe(program + absolute))
        return decode_error(d, n, path, err,
                            "expected a path below the testcase or from '/', without '..'");
    if (absolute)
        return 0;
    if (!f) {
        decode_error(d, n, path, err, "there is no file '%s' in the testcase", program);
        return err_hint(err, "a program of the guest is written with its whole path");
    }
    if (f->mode != 0755) {
        decode_error(d, n, path, err, "the file '%s' is not executable", program);
        return err_hint(err, "chmod +x '%s'", program);
    }
    return 0;
}

static int decode_ready(const struct decoder *d, const struct node *n, const char *path,
                        void *target, struct err **err)
{
    struct testcase *t = target;

    if (command_decode(d, n, path, &t->ready, err) < 0)
        return -1;
    AUTO_FREE char *below = xasprintf("%s.command[0]", path);
    return testcase_check_program(d, node_get(n, "command")->items[0], below, &t->bundle,
                                  t->ready.argv.ptr[0], err);
}

struct applies {
    unsigned categories;
    struct strv images;
};

static int decode_applies(const struct decoder *d, const struct node *n, const char *path,
                          void *target, struct err **err)
{
    static const struct field fields[] = {
        { "categories", FIELD_ENUMS, offsetof(struct applies, categories),
          .names = category_names },
        { "images", FIELD_NAMES, offsetof(struct applies, images) },
        { 0 },
    };
    struct testcase *t = target;
    struct applies a = { 0 };
    int rc = decode_map(d, n, path, fields, &a, err);

    t->images = a.images;
    if (rc < 0)
        return -1;
    for (size_t i = 0; category_names[i]; i++) {
        if (a.categories >> i & 1)
            strv_add(&t->categories, category_names[i]);
    }
    if (t->images.len == 0 && t->categories.len == 0) {
        decode_error(d, n, path, err, "expected at least one category or image");
        return err_hint(err, "without 'applies-to' a testcase goes with every image");
    }
    return 0;
}

#define AT(member) offsetof(struct testcase, member)
static const struct field fields[] = {
    { "name", FIELD_NAME, AT(name), .required = true },
    { "description", FIELD_PROSE, AT(description) },
    { "owner", FIELD_TEXT, AT(owner) },
    { "applies-to", FIELD_CUSTOM, .decode = decode_applies },
    { "ready", FIELD_CUSTOM, .decode = decode_ready },
    { "timeout", FIELD_DURATION, AT(timeout_ms), .min = TIMEOUT_MIN_MS, .max = TIMEOUT_MAX_MS },
    { "output-limit", FIELD_SIZE, AT(output_max), .max = OUTPUT_LIMIT },
    { "checks", FIELD_CUSTOM, .required = true, .decode = testcase_decode_checks },
    { "params", FIELD_CUSTOM, .decode = testcase_decode_params },
    { "manual", FIELD_CUSTOM, .decode = testcase_decode_manual },
    { 0 },
};
#undef AT

int testcase_decode(const char *text, size_t len, const char *name, struct testcase *t,
                    struct err **err)
{
    const struct decoder d = { name };
    AUTO_NODE n = node_parse(text, len, name, err);

    if (!n)
        return -1;
    t->timeout_ms = TIMEOUT_MS;
    t->output_max = OUTPUT_MAX;
    if (decode_map(&d, n, "", fields, t, err) < 0)
        return -1;
    for (size_t i = 0; i < t->check_count; i++) {
        struct check *c = &t->checks[i];
        if (c->timeout_ms == CHECK_UNSET)
            c->timeout_ms = t->timeout_ms;
        if (c->output_max == CHECK_UNSET)
            c->output_max = t->output_max;
    }
    return 0;
}
