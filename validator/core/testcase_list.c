/* All testcases in some directories, under names that are unique. */
#include <stdlib.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "core/testcase.h"

static bool is_testcase(const char *dir)
{
    AUTO_FREE char *path = path_join(dir, "testcase.yaml");

    return file_exists(path);
}

/* Evidence and the payload disc know a testcase by its name. */
static int check_unique(const struct testcase_list *l, const struct testcase *t, struct err **err)
{
    for (size_t i = 0; i < l->len; i++) {
        if (str_eq(l->ptr[i].name, t->name))
            return err_set(err, ERR_INVALID, "the testcases in '%s' and '%s' are both named '%s'",
                           l->ptr[i].dir, t->dir, t->name);
    }
    return 0;
}

static int add(struct testcase_list *l, const char *dir, struct err **err)
{
    AUTO_TESTCASE t = { 0 };

    if (testcase_read(dir, &t, err) < 0 || check_unique(l, &t, err) < 0)
        return -1;
    l->ptr = xreallocarray(l->ptr, l->len + 1, sizeof(*l->ptr));
    l->ptr[l->len++] = t;
    t = (struct testcase){ 0 };
    return 0;
}

static int add_below(struct testcase_list *l, const char *path, struct err **err)
{
    AUTO_STRV names = { 0 };
    size_t before = l->len;

    if (dir_list(path, &names, err) < 0)
        return -1;
    for (size_t i = 0; i < names.len; i++) {
        AUTO_FREE char *dir = path_join(path, names.ptr[i]);
        if (is_testcase(dir) && add(l, dir, err) < 0)
            return -1;
    }
    if (l->len == before) {
        err_set(err, ERR_NOT_FOUND, "there is no testcase in '%s'", path);
        return err_hint(err, "a testcase is a directory with a file testcase.yaml");
    }
    return 0;
}

int testcases_read(const struct strv *paths, struct testcase_list *ret, struct err **err)
{
    AUTO_TESTCASE_LIST l = { 0 };

    for (size_t i = 0; i < paths->len; i++) {
        const char *path = paths->ptr[i];
        if ((is_testcase(path) ? add(&l, path, err) : add_below(&l, path, err)) < 0)
            return -1;
    }
    *ret = l;
    l = (struct testcase_list){ 0 };
    return 0;
}

void testcase_list_release(struct testcase_list *l)
{
    for (size_t i = 0; i < l->len; i++)
        testcase_release(&l->ptr[i]);
    free(l->ptr);
    *l = (struct testcase_list){ 0 };
}
