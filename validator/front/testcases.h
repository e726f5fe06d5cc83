/* testcases - which bundles a command works with: --testcases, else the site's own. */
#ifndef FRONT_TESTCASES_H
#define FRONT_TESTCASES_H

#include "core/testcase.h"
#include "front/cli.h"

#define TESTCASES_OPTION \
    { \
        "testcases", "DIR", "a bundle, or a directory of bundles (again for more)" \
    }

int testcases_choose(const struct cli *c, const struct wire *w, struct testcase_list *ret,
                     struct err **err);

/* Only what applies to this image, or to any of these categories, stays. */
void testcases_keep_applying(struct testcase_list *l, const char *image,
                             const struct strv *categories);

/* The params file of --params, else the image's in the directory `params` of config.yaml, as an
 * absolute path that the caller frees; *ret is NULL when there is none. */
int testcases_params(const struct cli *c, const struct wire *w, const char *image, char **ret,
                     struct err **err);
#define PARAMS_OPTION \
    { \
        "params", "FILE", "values of parameters (else what config.yaml has for the image)" \
    }

#endif
