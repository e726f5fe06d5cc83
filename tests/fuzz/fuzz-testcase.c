/*
 * fuzz-testcase - any bytes as the testcase.yaml of a bundle with five files.  Whatever the
 * bytes: an error with a message, or a testcase within its limits whose programs and steps are all
 * there.
 */
#include <stdint.h>
#include <string.h>

#include "base/decode.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "core/category.h"
#include "core/check_results.h"
#include "core/params.h"
#include "core/testcase.h"
#include "core/testcase_decode.h"
#include "must.h"

enum { SECOND = 1000, HOUR = 60 * 60 * SECOND };

static struct bundle files(void)
{
    static const char *const names[] = { "checks/a", "checks/b", "lib/plain.sh", "steps/login.md",
                                         "steps/long.md" };
    struct bundle b = { .ptr = xcalloc(ARRAY_LEN(names), sizeof(*b.ptr)), .len = ARRAY_LEN(names) };

    for (size_t i = 0; i < b.len; i++) {
        b.ptr[i].path = xstrdup(names[i]);
        b.ptr[i].mode = str_starts(names[i], "checks/") ? 0755 : 0644;
        b.ptr[i].size = str_eq(names[i], "steps/long.md") ? MANUAL_TEXT_MAX + 1 : 100;
    }
    return b;
}

static void check_program(const struct bundle *b, const char *program)
{
    const struct bundle_file *f = bundle_find(b, program);

    must(program[0] == '/' ? path_is_safe(program + 1) : f && f->mode == 0755);
}

static void check_check(const struct testcase *t, const struct check *c)
{
    must(name_is_valid(c->name) && c->title);
    check_program(&t->bundle, c->run);
    must(c->timeout_ms >= SECOND && c->timeout_ms <= HOUR);
    must(c->output_max >= 0 && c->output_max <= 16 << 20);
    must(c->stages > 0 && c->stages < 1u << POINT_MAX_);
    must(c->results >= CHECK_EXIT && c->results <= CHECK_JUNIT);
    must(!c->report || (c->results != CHECK_EXIT && path_is_safe(c->report)));
    must(c->args.len <= 100 && (!c->user || (*c->user && *c->user != '-')));
    for (const struct check *other = t->checks; other < c; other++)
        must(!str_eq(other->name, c->name));
}

static void check_param(const struct testcase *t, const struct param *p)
{
    must(param_name_is_valid(p->name));
    must(utf8_is_clean(p->title, false));
    must(!p->fallback || (!p->required && !p->secret));
    for (const struct param *other = t->params; other < p; other++)
        must(!str_eq(other->name, p->name));
}

static void check_step(const struct testcase *t, const struct manual *m)
{
    const struct bundle_file *f = bundle_find(&t->bundle, m->file);

    must(name_is_valid(m->name));
    must(utf8_is_clean(m->title, false));
    must(f && f->size <= MANUAL_TEXT_MAX);
    must(m->stages > 0 && m->stages < 1u << POINT_MAX_);
    for (const struct manual *other = t->manual; other < m; other++)
        must(!str_eq(other->name, m->name));
}

static void check_testcase(const struct testcase *t)
{
    must(name_is_valid(t->name));
    must(t->check_count >= 1 && t->check_count <= 500);
    for (size_t i = 0; i < t->check_count; i++)
        check_check(t, &t->checks[i]);
    must(t->param_count <= 100 && t->manual_count <= 100);
    for (size_t i = 0; i < t->param_count; i++)
        check_param(t, &t->params[i]);
    for (size_t i = 0; i < t->manual_count; i++)
        check_step(t, &t->manual[i]);
    if (t->ready.argv.len)
        check_program(&t->bundle, t->ready.argv.ptr[0]);
    for (size_t i = 0; i < t->categories.len; i++) {
        const char *const *name = category_names;
        while (*name && !str_eq(*name, t->categories.ptr[i]))
            name++;
        must(*name != NULL);
        must(testcase_applies(t, NULL, *name));
    }
    json_decref(testcase_json(t));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_TESTCASE t = { .bundle = files() };
    AUTO_ERR e = NULL;
    int rc = testcase_decode((const char *)data, size, "fuzz.yaml", &t, &e);

    must((rc == 0) == !e);
    if (e)
        must(str_starts(e->msg, "fuzz.yaml") && !strpbrk(e->msg, "\x1b\n"));
    else
        check_testcase(&t);
    return 0;
}
