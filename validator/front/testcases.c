/* Which bundles; see testcases.h. */
#include "front/testcases.h"

#include "base/err.h"
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

void testcases_keep_applying(struct testcase_list *l, const char *image, const char *category)
{
    size_t kept = 0;

    for (size_t i = 0; i < l->len; i++) {
        if (testcase_applies(&l->ptr[i], image, category))
            l->ptr[kept++] = l->ptr[i];
        else
            testcase_release(&l->ptr[i]);
    }
    l->len = kept;
}
