/* The scanner that is always there: the rows of all feeds against the list; see vulns.h. */
#include "base/mem.h"
#include "base/str.h"
#include "base/version.h"
#include "core/scanning.h"
#include "core/vulns.h"

static char *version(const struct stop *stop, struct err **err)
{
    (void)stop;
    (void)err;
    return xstrdup("patchlab " PATCHLAB_VERSION);
}

static int scan(const struct scan_task *t, struct finding_list *ret, struct err **err)
{
    (void)err;
    vulns_match(t->vulns, t->packages, t->release, ret);
    return 0;
}

const struct scanner scanner_builtin = {
    .name = SCANNER_DEFAULT,
    .help = "the list of packages against the data of all feeds",
    .parameters = "all feeds",
    .version = version,
    .scan = scan,
};
