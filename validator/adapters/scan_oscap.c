/*
 * scan_oscap - OVAL definitions evaluated by oscap(8) on the host, for a list of packages.
 *
 * oscap's offline mode (OSCAP_PROBE_ROOT) takes a directory for the root of a system: ours holds
 * what definitions about packages ask for - dpkg's status file, the tables dpkg needs to know
 * architectures, and which Debian it is.  So nothing is installed or run in a guest, and it costs
 * a second and no clone.  What is not in a list of packages (files, the running kernel) cannot be
 * asked: a definition that asks for nothing else is "not applicable" to oscap and left out, one
 * that oscap calls unknown is an error here and no "not found".
 *
 * Its probe reads the list through apt's library.  When that fails, oscap 1.3.7 says so on
 * standard error only, and each definition comes out false: hence each scan begins with a
 * definition of our own, which must be true.
 */
#include "adapters/scanners.h"

#include <string.h>

#include "adapters/dpkg_status.h"
#include "adapters/oval_probe.h"
#include "adapters/oval_results.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/proc.h"
#include "ports/pkgmgr.h"

#define PROGRAM "oscap"

enum {
    VERSION_MS = 30 * 1000,
    SCAN_MS = 30 * 60 * 1000,
    OUT_MAX = 64 << 10, /* it prints a line for each definition; the results are in a file */
};

static char *version(const struct stop *stop, struct err **err)
{
    const char *argv[] = { PROGRAM, "--version", NULL };
    struct proc_spec spec = {
        .argv = argv, .out_max = OUT_MAX, .err_max = OUT_MAX, .timeout_ms = VERSION_MS, .stop = stop
    };
    AUTO_FREE char *path = proc_find(PROGRAM);
    AUTO_PROC_RESULT r = { 0 };

    if (!path) {
        err_set(err, ERR_NOT_FOUND, "there is no program '" PROGRAM "'");
        err_hint(err, "apt-get install openscap-scanner");
        return NULL;
    }
    if (proc_run_ok(&spec, &r, err) < 0)
        return NULL;
    const char *v = strpbrk(r.out.ptr, "0123456789");
    return xasprintf(PROGRAM " %.*s", v ? (int)strspn(v, "0123456789.") : 1, v ? v : "?");
}

static int write_at(const char *dir, const char *name, const char *text, struct err **err)
{
    AUTO_FREE char *path = path_join(dir, name);
    AUTO_FREE char *parent = path_dir(path);

    if (dir_make(parent, 0755, err) < 0)
        return -1;
    return file_write(path, text, strlen(text), 0644, err);
}

/* The host's own tables: how architectures are called is the same everywhere. */
static int copy_tables(const char *dir, struct err **err)
{
    static const char *const tables[] = { "cputable", "ostable", "tupletable" };

    for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
        AUTO_FREE char *from = path_join("/usr/share/dpkg", tables[i]);
        AUTO_FREE char *to = xasprintf("%s/root/usr/share/dpkg/%s", dir, tables[i]);
        AUTO_FREE char *parent = path_dir(to);
        if (dir_make(parent, 0755, err) < 0 || file_copy(from, to, 0644, err) < 0)
            return -1;
    }
    return 0;
}

/* Read in place of everything in /etc/apt, whose settings would be the host's. */
static int write_apt(const char *dir, const char *arch, struct err **err)
{
    AUTO_FREE char *text = xasprintf("Dir::Etc::main \"/dev/null\";\n"
                                     "Dir::Etc::parts \"/dev/null\";\n"
                                     "Dir::Etc::sourcelist \"/dev/null\";\n"
                                     "Dir::Etc::sourceparts \"/dev/null\";\n"
                                     "Dir::Etc::preferences \"/dev/null\";\n"
                                     "Dir::Etc::preferencesparts \"/dev/null\";\n"
                                     "APT::Architecture \"%s\";\n"
                                     "APT::Architectures { \"%s\"; };\n",
                                     arch, arch);

    return write_at(dir, "apt.conf", text, err);
}

/* DIR/root, and what is told to oscap beside it. */
static int make_root(const struct scan_task *t, const char *dir, struct err **err)
{
    AUTO_FREE char *arch = dpkg_status_arch(t->packages);
    AUTO_FREE char *status = path_join(dir, "root/var/lib/dpkg/status");
    AUTO_FREE char *version_text = oval_probe_debian_version(t->packages, t->release);
    AUTO_FREE char *os = oval_probe_os_release(t->release);

    if (write_at(dir, "root/var/lib/dpkg/available", "", err) < 0
        || dpkg_status_write(t->packages, status, err) < 0 || copy_tables(dir, err) < 0
        || write_apt(dir, arch, err) < 0
        || write_at(dir, "directives.xml", oval_probe_directives, err) < 0)
        return -1;
    if (version_text && write_at(dir, "root/etc/debian_version", version_text, err) < 0)
        return -1;
    return write_at(dir, "root/etc/os-release", os, err);
}

/* Evaluates `file`; the text of the results, which the caller frees. */
static char *evaluate(const char *dir, const char *file, const struct stop *stop, size_t *ret_len,
                      struct err **err)
{
    AUTO_FREE char *results = path_join(dir, "results.xml");
    AUTO_FREE char *root = xasprintf("OSCAP_PROBE_ROOT=%s/root", dir);
    AUTO_FREE char *config = xasprintf("APT_CONFIG=%s/apt.conf", dir);
    const char *argv[] = { PROGRAM, "oval", "eval", "--directives", "directives.xml", "--results",
                           results, file,   NULL };
    const char *env[] = { root, config, NULL };
    struct proc_spec spec = {
        .argv = argv,
        .env = env,
        .cwd = dir,
        .out_max = OUT_MAX,
        .err_max = OUT_MAX,
        .timeout_ms = SCAN_MS,
        .stop = stop,
    };
    AUTO_PROC_RESULT r = { 0 };

    if (proc_run_ok(&spec, &r, err) < 0)
        return NULL;
    return file_read(results, OVAL_RESULTS_MAX, ret_len, err);
}

static int scan_file(const struct scan_task *t, const char *dir, const char *file, const char *feed,
                     struct finding_list *ret, struct err **err)
{
    const struct oval_reading reading = { feed, t->packages, t->stop };
    size_t len = 0;
    AUTO_FREE char *text = evaluate(dir, file, t->stop, &len, err);

    return text ? oval_results_parse(text, len, &reading, ret, err) : -1;
}

/* Does it see the packages at all? */
static int check_probe(const struct scan_task *t, const char *dir, struct err **err)
{
    AUTO_FREE char *probe = oval_probe_definition(&t->packages->ptr[0]);
    AUTO_FREE char *file = path_join(dir, "probe.xml");
    AUTO_FINDING_LIST found = { 0 };

    if (write_at(dir, "probe.xml", probe, err) < 0
        || scan_file(t, dir, file, "probe", &found, err) < 0)
        return err_wrap(err, "does oscap see the packages");
    if (found.len == 1)
        return 0;
    err_set(err, ERR_IO, "oscap does not see the packages: it misses '%s'",
            t->packages->ptr[0].name);
    return err_hint(err, "it needs the dpkg probe: 'oscap --version' lists 'dpkginfo'");
}

static int scan(const struct scan_task *t, struct finding_list *ret, struct err **err)
{
    AUTO_TEMPDIR dir = dir_temp(NULL, "patchlab-oscap-", err);
    AUTO_FINDING_LIST found = { 0 };

    if (!dir || make_root(t, dir, err) < 0 || check_probe(t, dir, err) < 0)
        return -1;
    for (size_t i = 0; i < t->file_count; i++) {
        const struct scan_file *f = &t->files[i];
        if (scan_file(t, dir, f->path, f->feed, &found, err) < 0)
            return err_wrap(err, "feed '%s'", f->feed);
    }
    finding_list_merge(&found, t->order);
    *ret = found;
    found = (struct finding_list){ 0 };
    return 0;
}

const struct scanner scan_oscap = {
    .name = PROGRAM,
    .help = "oscap(8) of this host, offline, with feeds of kind 'oval'",
    .feed_kind = "oval",
    .packages = "deb",
    .parameters = "oval eval, offline root of the list of packages",
    .version = version,
    .scan = scan,
};
