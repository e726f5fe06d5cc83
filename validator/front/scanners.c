/* scanners - see scanners.h. */
#include "front/scanners.h"

#include "core/scanning.h"
#include "front/cli.h"
#include "front/wire.h"

const char *scanners_choose(const struct cli *c, const struct wire *w)
{
    const char *given = cli_opt(c, "scanner");

    return given ? given : wire_config(w)->scan_scanner;
}

json_t *scanners_there(const struct wire *w)
{
    return scanner_list(wire_site(w));
}
