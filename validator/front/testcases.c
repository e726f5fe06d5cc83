/* Which bundles; see testcases.h. */
#include "front/testcases.h"

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "front/wire.h"

int testcases_choose(const struct cli *c, const struct wire *w, struct testcase_list *ret,
                     struct err **err)
{
    AUTO_STRV given = { 0 };
    const struct strv *paths = wire_testcases(w);

    cli_opts(c, "testcases", &given);
    if (given.len > 0)
        paths = &given;
    if (paths->len == 0) {
        err_set(err, ERR_INVALID, "there are no testcases");
        return err_hint(err,
                        "name a directory with --testcases, or put bundles into '%s/testcases'",
                        wire_site(w)->dir);
    }
    return testcases_read(paths, ret, err);
}

static bool applies(const struct testcase *t, const char *image, const struct strv *categories)
{
    bool yes = testcase_applies(t, image, /* category= */ NULL);

    for (size_t i = 0; i < categories->len && !yes; i++)
        yes = testcase_applies(t, image, categories->ptr[i]);
    return yes;
}

void testcases_keep_applying(struct testcase_list *l, const char *image,
                             const struct strv *categories)
{
    size_t kept = 0;

    for (size_t i = 0; i < l->len; i++) {
        if (applies(&l->ptr[i], image, categories))
            l->ptr[kept++] = l->ptr[i];
        else
            testcase_release(&l->ptr[i]);
    }
    l->len = kept;
}

int testcases_params(const struct cli *c, const struct wire *w, const char *image, char **ret,
                     struct err **err)
{
    const char *given = cli_opt(c, "params"), *dir = wire_config(w)->params;
    AUTO_FREE char *own = dir ? xasprintf("%s/%s.yaml", dir, image) : NULL;

    *ret = NULL;
    if (!given && dir && !dir_exists(dir)) {
        err_set(err, ERR_INVALID, "'%s', which config.yaml names as 'params', is no directory",
                dir);
        return err_hint(err, "make it, or name a file with --params");
    }
    if (!given && (!own || !file_exists(own)))
        return 0;
    *ret = path_absolute(given ? given : own, err);
    return *ret ? 0 : err_wrap(err, "the parameters");
}
