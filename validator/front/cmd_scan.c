/* scan: what is known today about the packages of a run or an image. */
#include <string.h>

#include "base/err.h"
#include "core/image.h"
#include "core/scan.h"
#include "front/commands.h"
#include "front/show_findings.h"
#include "front/status.h"
#include "front/wire.h"

enum { DIGITS_MAX = 7 }; /* the head of a digest has 8 or more */

static bool is_run(const char *what)
{
    size_t len = strlen(what);

    return len > 0 && len <= DIGITS_MAX && strspn(what, "0123456789") == len;
}

static json_t *scan_of(const struct cli *c, const struct site *site, struct err **err)
{
    AUTO_IMAGE i = { 0 };
    int64_t id;

    if (is_run(c->args[0]))
        return cli_arg_id(c, 0, "run", &id, err) < 0 ? NULL : scan_run(site, id, err);
    if (image_find(site, c->args[0], /* removed_too= */ true, &i, err) < 0)
        return NULL;
    return scan_image(site, &i, err);
}

static int scan(struct cli *c, struct err **err)
{
    struct wire *w = cli_wire(c, err);
    AUTO_JSON *j = w ? scan_of(c, wire_site(w), err) : NULL;

    if (!j)
        return -1;
    if (!cli_json(c, j))
        show_scan(j);
    return STATUS_DONE;
}

const struct cli_command scan_commands[] = {
    { "scan", "RUN|IMAGE", 1, 1, "Say what is known today about the packages of a run or an image",
      "Of a run it is the patched guest, of an image the newest list that a run has made of it.\n"
      "The data of all feeds is used; nothing is started. A number is a run.",
      NULL, scan },
    { 0 },
};
