/* scan: what is known today about the packages of a run or an image. */
#include <string.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "core/image.h"
#include "core/image_packages.h"
#include "core/scan.h"
#include "front/commands.h"
#include "front/scanners.h"
#include "front/show_findings.h"
#include "front/status.h"
#include "front/wire.h"

enum {
    DIGITS_MAX = 7, /* the head of a digest has 8 or more */
    LIST_MAX = 16 << 20,
};

static bool is_run(const char *what)
{
    size_t len = strlen(what);

    return len > 0 && len <= DIGITS_MAX && strspn(what, "0123456789") == len;
}

static json_t *scan_file(const struct cli *c, const struct site *site, const char *scanner,
                         struct err **err)
{
    const char *file = cli_opt(c, "installed");
    AUTO_PACKAGE_LIST packages = { 0 };
    size_t len = 0;
    AUTO_FREE char *text = file_read(file, LIST_MAX, &len, err);

    if (!text || image_packages_parse(text, len, file, &packages, err) < 0)
        return NULL;
    return scan_packages(site, &packages, scanner, err);
}

static json_t *scan_of(const struct cli *c, const struct wire *w, struct err **err)
{
    const struct site *site = wire_site(w);
    const char *scanner = scanners_choose(c, w);
    AUTO_IMAGE i = { 0 };
    int64_t id;

    if ((c->arg_count == 1) == !!cli_opt(c, "installed")) {
        err_set(err, ERR_INVALID, "expected a run, an image or '--installed', and one of them");
        return NULL;
    }
    if (c->arg_count == 0)
        return scan_file(c, site, scanner, err);
    if (is_run(c->args[0]))
        return cli_arg_id(c, 0, "run", &id, err) < 0 ? NULL : scan_run(site, id, scanner, err);
    if (image_find(site, c->args[0], /* removed_too= */ true, &i, err) < 0)
        return NULL;
    return scan_image(site, &i, scanner, err);
}

static int scan(struct cli *c, struct err **err)
{
    struct wire *w = cli_wire(c, err);
    AUTO_JSON *j = w ? scan_of(c, w, err) : NULL;

    if (!j)
        return -1;
    if (!cli_json(c, j))
        show_scan(j);
    return STATUS_DONE;
}

static const struct option scan_options[] = {
    SCANNER_OPTION,
    { "installed", "FILE", "instead of a run or image: a list as 'dpkg-query -W' prints it" },
    { 0 },
};

const struct cli_command scan_commands[] = {
    { "scan", "[RUN|IMAGE]", 0, 1,
      "Say what is known today about the packages of a run or an image",
      "Of a run it is the patched guest, of an image the newest list that a run has made of it.\n"
      "The data of the feeds that the scanner reads is used; nothing is started.\n"
      "A number is a run.",
      scan_options, scan },
    { 0 },
};
