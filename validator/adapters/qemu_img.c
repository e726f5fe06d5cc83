/* qemu_img - qemu-img with explicit drivers, under limits; see adapters/qemu_img.h. */
#include "adapters/qemu_img.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/disk_probe.h"
#include "adapters/qemu_img_info.h"
#include "base/err.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/temp_file.h"

enum { INFO_MS = 30000, CREATE_MS = 30000, SEAL_MS = 6 * 3600 * 1000, ERR_TEXT_MAX = 4096 };
enum { CHECK_DAMAGED = 2, CHECK_LEAKS = 3 }; /* exit codes of qemu-img check; leaks harm nobody */

#define INFO_LIMITS "--as=536870912", "--cpu=20", "--core=0"
#define SEAL_LIMITS "--as=2147483648", "--core=0"

/* What qemu-img says, and what that means. */
static const struct meaning {
    const char *text;
    enum err_code code;
    const char *hint;
} meanings[] = {
    { "No space left on device", ERR_NO_ROOM, "make room on the file system of the state" },
    { "File too large", ERR_NO_ROOM, "make room on the file system of the state" },
    { "\" lock", ERR_CONFLICT, "stop the virtual machine that uses the disk" },
    { "error while reading", ERR_INVALID, "check it with 'qemu-img check'" },
    { "Could not open", ERR_INVALID, NULL },
    { "Image is corrupt", ERR_INVALID, NULL },
};

static int explain(const char *doing, const struct proc_result *r, struct err **err)
{
    const struct meaning *m = NULL;

    for (size_t i = 0; i < ARRAY_LEN(meanings) && !m; i++)
        if (strstr(r->err.ptr, meanings[i].text))
            m = &meanings[i];
    size_t len = strcspn(r->err.ptr, "\n");
    AUTO_FREE char *said = str_printable(r->err.ptr, len, false);
    err_set(err, m ? m->code : ERR_IO, "%s: qemu-img ended with %d%s%s", doing, r->exit_code,
            *said ? ": " : "", said);
    return m && m->hint ? err_hint(err, "%s", m->hint) : -1;
}

static int run(const char *doing, struct proc_spec *spec, struct proc_result *ret, struct err **err)
{
    AUTO_PROC_RESULT r = { 0 };

    spec->err_max = ERR_TEXT_MAX;
    if (proc_run(spec, &r, err) < 0)
        return err_wrap(err, "%s", doing);
    if (r.exit_code != 0)
        return explain(doing, &r, err);
    if (ret) {
        *ret = r;
        r = (struct proc_result){ 0 };
    }
    return 0;
}

/*
 * The image as a json: name.  It names driver and file, so nothing in the path can be taken for a
 * protocol, and a backing file is not opened even if the header changes after we read it.
 */
static char *source_name(const char *path, const char *format, struct err **err)
{
    AUTO_JSON *j = json_pack("{s:s, s:b, s:{s:s, s:s}}", "driver", format, "read-only", 1, "file",
                             "driver", "file", "filename", path);

    if (!j) {
        err_set(err, ERR_INVALID, "cannot use disk '%s': its path is not UTF-8", path);
        return NULL;
    }
    if (strcmp(format, "raw") != 0)
        json_object_set_new(j, "backing", json_null());
    AUTO_FREE char *text = json_dumps(j, JSON_COMPACT);
    return xasprintf("json:%s", text);
}

/* "a:b" would be taken for a protocol; "./a:b" and "/a:b" are not. */
static char *target_name(const char *path)
{
    return path[0] == '/' ? xstrdup(path) : xasprintf("./%s", path);
}

/* --- inspect -------------------------------------------------------------------------------- */

static int inspect(const char *path, const char *format, struct disk_info *ret, struct err **err)
{
    AUTO_FREE char *doing = xasprintf("cannot use disk '%s'", path);
    AUTO_PROC_RESULT r = { 0 };

    if (disk_probe(path, format, &format, err) < 0)
        return -1;
    AUTO_FREE char *source = source_name(path, format, err);
    if (!source)
        return -1;
    const char *argv[] = { "prlimit", INFO_LIMITS,     "qemu-img", "info",
                           "-U",      "--output=json", source,     NULL };
    struct proc_spec spec = { .argv = argv, .out_max = QEMU_IMG_INFO_MAX, .timeout_ms = INFO_MS };
    if (run(doing, &spec, &r, err) < 0)
        return -1;
    AUTO_DISK_INFO info = { 0 };
    if (qemu_img_info_parse(r.out.ptr, r.out.len, &info, err) < 0)
        return err_wrap(err, "%s", doing);
    if (strcmp(info.format, format) != 0)
        return err_set(err, ERR_INVALID, "%s: it is both %s and %s", doing, format, info.format);
    *ret = info;
    info = (struct disk_info){ 0 };
    return 0;
}

/* --- seal ----------------------------------------------------------------------------------- */

struct progress {
    void (*report)(void *arg, double fraction);
    void *arg;
};

/* "    (12.34/100%)" */
static void on_progress(void *arg, const char *line)
{
    const struct progress *p = arg;
    const char *open = strchr(line, '(');
    char *end;

    if (!open || !p->report)
        return;
    double percent = strtod(open + 1, &end);
    if (end != open + 1 && strcmp(end, "/100%)") == 0 && percent >= 0 && percent <= 100)
        p->report(p->arg, percent / 100);
}

/* A small image can describe a huge disk: the copy may take all but a twentieth of the room. */
static char *size_limit(const char *to)
{
    AUTO_FREE char *dir = path_dir(to);
    int64_t room = file_room(dir);

    if (room < 0)
        return xstrdup("--fsize=unlimited");
    return xasprintf("--fsize=%lld", (long long)(room - room / 20));
}

static int convert(const char *doing, const char *path, const char *format, const char *to,
                   const struct stop *stop, struct progress *progress, struct err **err)
{
    AUTO_FREE char *source = source_name(path, format, err);
    if (!source)
        return -1;
    AUTO_FREE char *target = target_name(to);
    AUTO_FREE char *limit = size_limit(to);
    const char *argv[] = { "prlimit", SEAL_LIMITS, limit,        "qemu-img", "convert", "-p", "-O",
                           "qcow2",   "-o",        "compat=1.1", source,     target,    NULL };
    struct proc_spec spec = {
        .argv = argv,
        .timeout_ms = SEAL_MS,
        .stop = stop,
        .on_line = on_progress,
        .arg = progress,
    };
    return run(doing, &spec, NULL, err);
}

/* qemu-img would read the rest of a torn disk as zeros.  Only qcow2 can be checked. */
static int check_source(const char *doing, const char *path, const char *format,
                        const struct stop *stop, struct err **err)
{
    if (strcmp(format, "qcow2") != 0)
        return 0;
    AUTO_FREE char *source = source_name(path, format, err);
    if (!source)
        return -1;
    const char *argv[] = { "prlimit", SEAL_LIMITS, "qemu-img", "check", "-q", source, NULL };
    struct proc_spec spec = {
        .argv = argv,
        .out_max = ERR_TEXT_MAX,
        .err_max = ERR_TEXT_MAX,
        .timeout_ms = SEAL_MS,
        .stop = stop,
    };
    AUTO_PROC_RESULT r = { 0 };
    if (proc_run(&spec, &r, err) < 0)
        return err_wrap(err, "%s", doing);
    if (r.exit_code == CHECK_DAMAGED) {
        err_set(err, ERR_INVALID, "%s: it is damaged or cut short", doing);
        return err_hint(err, "'qemu-img check' says what is wrong with it");
    }
    return r.exit_code == 0 || r.exit_code == CHECK_LEAKS ? 0 : explain(doing, &r, err);
}

static int check_copy(const char *doing, const char *to, const struct stop *stop, struct err **err)
{
    AUTO_FREE char *target = target_name(to);
    const char *argv[] = { "prlimit", SEAL_LIMITS, "qemu-img", "check", "-q",
                           "-f",      "qcow2",     target,     NULL };
    struct proc_spec spec = { .argv = argv, .timeout_ms = SEAL_MS, .stop = stop };

    return run(doing, &spec, NULL, err);
}

static int seal(const char *path, const char *format, const char *to, const struct stop *stop,
                void (*progress)(void *arg, double fraction), void *arg, struct err **err)
{
    AUTO_FREE char *doing = xasprintf("cannot seal disk '%s'", path);
    AUTO_DISK_INFO info = { 0 };
    AUTO_TEMP_FILE t = TEMP_FILE_NONE;
    struct progress p = { progress, arg };

    if (file_exists(to))
        return err_set(err, ERR_CONFLICT, "%s: '%s' exists", doing, to);
    if (inspect(path, format, &info, err) < 0 || temp_file_open(&t, to, 0600, err) < 0)
        return -1;
    if (check_source(doing, path, info.format, stop, err) < 0
        || convert(doing, path, info.format, t.temp, stop, &p, err) < 0
        || check_copy(doing, t.temp, stop, err) < 0)
        return -1;
    if (fchmod(t.fd, 0444) != 0)
        return err_set_errno(err, errno, "%s: cannot write-protect '%s'", doing, to);
    return temp_file_commit(&t, err);
}

/* --- overlay -------------------------------------------------------------------------------- */

int qemu_img_overlay(const char *base, const char *to, const struct stop *stop, struct err **err)
{
    AUTO_FREE char *doing = xasprintf("cannot create overlay '%s'", to);
    AUTO_FREE char *target = target_name(to);
    const char *argv[] = { "qemu-img", "create", "-q", "-f",   "qcow2", "-F",
                           "qcow2",    "-b",     base, target, NULL };
    struct proc_spec spec = { .argv = argv, .timeout_ms = CREATE_MS, .stop = stop };

    if (base[0] != '/')
        return err_set(err, ERR_INVALID, "%s: '%s' is not an absolute path", doing, base);
    /* Made before qemu-img writes to it, so that nobody else can ever open it. */
    AUTO_FD fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_set_errno(err, errno, "%s", doing);
    if (run(doing, &spec, NULL, err) < 0) {
        unlink(to);
        return -1;
    }
    return 0;
}

const struct disk_ops qemu_img_disk_ops = {
    .inspect = inspect,
    .seal = seal,
};
