/*
 * scan_debsecan - debsecan(1) on the host, for a list of packages of a guest.
 *
 * It reads the list as a status file and its data from a file: URL, so it looks at nothing of the
 * host's own and needs no network.  Its configuration and its whitelist are none.
 */
#include "adapters/scanners.h"

#include <string.h>

#include "adapters/debsecan_output.h"
#include "adapters/dpkg_status.h"
#include "adapters/inflate.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/proc.h"

#define PROGRAM "debsecan"
#define SUITE "data" /* debsecan reads SOURCE/SUITE, whatever it is called */

enum {
    VERSION_MS = 30 * 1000,
    SCAN_MS = 10 * 60 * 1000,
    ERR_TEXT_MAX = 64 << 10,
    DATA_MAX = 256 << 20,
};

/* It has no option that tells its version; dpkg knows it. */
static char *version(const struct stop *stop, struct err **err)
{
    const char *argv[] = { "dpkg-query", "-W", "-f", "${Version}", PROGRAM, NULL };
    struct proc_spec spec = { .argv = argv,
                              .out_max = 256,
                              .err_max = ERR_TEXT_MAX,
                              .timeout_ms = VERSION_MS,
                              .stop = stop };
    AUTO_FREE char *path = proc_find(PROGRAM);
    AUTO_PROC_RESULT r = { 0 };
    AUTO_ERR e = NULL;

    if (!path) {
        err_set(err, ERR_NOT_FOUND, "there is no program '" PROGRAM "'");
        err_hint(err, "apt-get install debsecan");
        return NULL;
    }
    if (proc_run(&spec, &r, &e) == 0 && r.exit_code == 0 && r.out.len > 0) {
        AUTO_FREE char *shown = str_printable(r.out.ptr, r.out.len, false);
        return xasprintf(PROGRAM " %s", shown);
    }
    return xstrdup(PROGRAM);
}

static int run(const char *dir, const struct stop *stop, struct proc_result *ret, struct err **err)
{
    AUTO_FREE char *source = xasprintf("--source=file://%s/", dir);
    const char *argv[] = { PROGRAM,           "--config=/dev/null", "--suite=" SUITE,  source,
                           "--status=status", "--whitelist=none",   "--format=detail", NULL };
    struct proc_spec spec = {
        .argv = argv,
        .cwd = dir,
        .out_max = DEBSECAN_OUTPUT_MAX,
        .err_max = ERR_TEXT_MAX,
        .timeout_ms = SCAN_MS,
        .stop = stop,
    };

    if (proc_run_ok(&spec, ret, err) < 0)
        return -1;
    return ret->out.truncated ? err_set(err, ERR_INVALID, "debsecan printed more than %u bytes",
                                        DEBSECAN_OUTPUT_MAX)
                              : 0;
}

/* debsecan takes compressed data only. */
static int write_data(const struct scan_file *f, const char *dir, const struct stop *stop,
                      struct err **err)
{
    AUTO_FREE char *to = path_join(dir, SUITE);
    size_t len = 0;
    AUTO_FREE char *text = inflate_read(f->path, DATA_MAX, stop, &len, err);

    return text ? deflate_write(to, text, len, err) : -1;
}

static int scan_file(const struct scan_task *t, const struct scan_file *f, const char *dir,
                     struct finding_list *ret, struct err **err)
{
    AUTO_PROC_RESULT r = { 0 };

    if (write_data(f, dir, t->stop, err) < 0 || run(dir, t->stop, &r, err) < 0)
        return -1;
    return debsecan_output_parse(r.out.ptr, r.out.len, f->feed, t->order, ret, err);
}

static int scan(const struct scan_task *t, struct finding_list *ret, struct err **err)
{
    AUTO_TEMPDIR dir = dir_temp(NULL, "patchlab-debsecan-", err);
    AUTO_FREE char *status = dir ? path_join(dir, "status") : NULL;
    AUTO_FINDING_LIST found = { 0 };

    if (!dir || dpkg_status_write(t->packages, status, err) < 0)
        return -1;
    for (size_t i = 0; i < t->file_count; i++) {
        if (scan_file(t, &t->files[i], dir, &found, err) < 0)
            return err_wrap(err, "feed '%s'", t->files[i].feed);
    }
    finding_list_merge(&found, t->order);
    *ret = found;
    found = (struct finding_list){ 0 };
    return 0;
}

const struct scanner scan_debsecan = {
    .name = PROGRAM,
    .help = "debsecan(1) of this host, offline, with feeds of kind 'debsecan'",
    .feed_kind = "debsecan",
    .packages = "deb",
    .parameters = "--config=/dev/null --whitelist=none --format=detail",
    .version = version,
    .scan = scan,
};
