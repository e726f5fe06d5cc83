/* restart_systemd - /proc tells who uses what, and its control group the unit. */
#include "adapters/restart_systemd.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "ports/guest.h"

enum {
    LIST_MS = 60 * 1000,
    LIST_OUTPUT_MAX = 4 << 20,
    RESTART_MS = 10 * 60 * 1000,
    RESTART_OUTPUT_MAX = 256 << 10,
    PROCESSES_MAX = 10000,
    PID_MAX = 1 << 22,
    FIELD_MAX_BYTES = 4096,
    UNIT_MAX = 255,
    UNITS_MAX = 1000,
};

/* The manager itself: process 1. */
#define MANAGER_UNIT "init.scope"

/*
 * Files that are deleted by who uses them say nothing: those of memory alone, temporary ones, and
 * asynchronous I/O.  A process that ends meanwhile is passed over.
 */
static const char list_script[] =
    "LC_ALL=C\n"
    "export LC_ALL\n"
    "if [ -d /run/systemd/system ]; then echo systemd; else echo none; fi\n"
    "for maps in $(grep -ls '(deleted)$' /proc/[0-9]*/maps 2>/dev/null); do\n"
    "    dir=${maps%/maps}\n"
    "    file=$(sed -n 's/^[^/]* \\(\\/.*\\) (deleted)$/\\1/p' $maps 2>/dev/null |\n"
    "        grep -vE '^/(memfd:|SYSV|dev/zero$|dev/shm/|\\[aio\\]|tmp/|var/tmp/|run/)' |\n"
    "        head -n 1 | tr '\\1-\\11\\13-\\37\\177' ' ')\n"
    "    [ -n \"$file\" ] || continue\n"
    "    name=$(head -n 1 $dir/comm 2>/dev/null | tr '\\1-\\11\\13-\\37\\177' ' ')\n"
    "    cgroup=$(sed -n 's/^0:://p; s/^[0-9]*:name=systemd://p' $dir/cgroup 2>/dev/null |\n"
    "        tail -n 1 | tr '\\1-\\11\\13-\\37\\177' ' ')\n"
    "    [ -n \"$cgroup\" ] || continue\n"
    "    printf '%s\\t%s\\t%s\\t%s\\n' \"${dir#/proc/}\" \"${name:-?}\" \"$cgroup\" \"$file\"\n"
    "done\n"
    "echo end\n";

static const char restart_script[] = "rc=0\n"
                                     "for unit; do\n"
                                     "    if [ \"$unit\" = " MANAGER_UNIT " ]; then\n"
                                     "        systemctl daemon-reexec\n"
                                     "    else\n"
                                     "        systemctl restart -- \"$unit\"\n"
                                     "    fi || { echo \"cannot restart $unit\"; rc=1; }\n"
                                     "done\n"
                                     "exit $rc\n";

/* --- units ---------------------------------------------------------------------------------- */

static bool unit_is_valid(const char *s)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789:_.@\\-";
    size_t len = strlen(s);

    return len <= UNIT_MAX && strspn(s, letters) == len && s[0] != '-'
           && (str_ends(s, ".service") || str_ends(s, ".scope"));
}

/* The first part of a control group's path that is a unit with processes; the caller's, or NULL. */
static char *unit_of(const char *cgroup)
{
    for (const char *p = cgroup; *p == '/'; p += strcspn(p, "/")) {
        size_t len = strcspn(++p, "/");
        AUTO_FREE char *part = xstrndup(p, len);
        if (unit_is_valid(part))
            return TAKE(part);
    }
    return NULL;
}

static bool may_restart(const char *unit, const char *cgroup)
{
    static const char *const never[] = {
        "dbus",          "systemd-logind", "getty@",           "serial-getty@",
        "console-getty", "user@",          "qemu-guest-agent", "networking"
    };

    if (str_eq(unit, MANAGER_UNIT))
        return true;
    if (!str_starts(cgroup, "/system.slice/") || !str_ends(unit, ".service"))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(never); i++) {
        size_t len = strlen(never[i]);
        if (str_starts(unit, never[i]) && (str_ends(never[i], "@") || strchr(".-", unit[len])))
            return false;
    }
    return true;
}

/* --- what the guest says -------------------------------------------------------------------- */

/* A field up to `end`, made harmless; the caller's.  NULL: empty or too long. */
static char *take_field(const char **at, const char *end)
{
    const char *begin = *at, *stop = begin;

    while (stop < end && *stop != '\t')
        stop++;
    *at = stop;
    size_t len = (size_t)(stop - begin);
    return len > 0 && len <= FIELD_MAX_BYTES ? str_printable(begin, len, /* multiline= */ false)
                                             : NULL;
}

static bool take_tab(const char **at, const char *end)
{
    return *at < end && *(*at)++ == '\t';
}

static bool read_pid(const char *s, int64_t *ret)
{
    size_t len = strlen(s);

    if (len > 7 || strspn(s, "0123456789") != len || s[0] == '0')
        return false;
    *ret = strtol(s, NULL, 10);
    return *ret <= PID_MAX;
}

/* A process, by its line without the end. */
static bool take_line(const char *at, const char *end, bool systemd, struct stale_list *ret)
{
    struct stale_process p = { 0 };
    AUTO_FREE char *pid = take_field(&at, end);
    AUTO_FREE char *name = take_tab(&at, end) ? take_field(&at, end) : NULL;
    AUTO_FREE char *cgroup = take_tab(&at, end) ? take_field(&at, end) : NULL;
    AUTO_FREE char *file = take_tab(&at, end) ? take_field(&at, end) : NULL;

    if (!pid || !name || !cgroup || !file || at != end || !read_pid(pid, &p.pid) || cgroup[0] != '/'
        || file[0] != '/' || ret->len == PROCESSES_MAX)
        return false;
    AUTO_FREE char *unit = systemd ? unit_of(cgroup) : NULL;
    p.name = name;
    p.file = file;
    p.unit = unit;
    p.restarts = unit && may_restart(unit, cgroup);
    stale_list_add(ret, &p);
    return true;
}

static bool is_word(const char *at, const char *end, const char *word)
{
    size_t len = strlen(word);

    return (size_t)(end - at) == len && memcmp(at, word, len) == 0;
}

int stale_list_parse(const char *text, size_t len, struct stale_list *ret, struct err **err)
{
    const char *at = text, *stop = text + len, *end;
    AUTO_STALE_LIST l = { 0 };
    bool systemd = false;
    int line = 0;

    for (; at < stop && (end = memchr(at, '\n', (size_t)(stop - at))); at = end + 1) {
        if (++line == 1) {
            systemd = is_word(at, end, "systemd");
            if (!systemd && !is_word(at, end, "none"))
                break;
        } else if (is_word(at, end, "end") && end + 1 == stop) {
            stale_list_sort(&l);
            *ret = l;
            l = (struct stale_list){ 0 };
            return 0;
        } else if (!take_line(at, end, systemd, &l)) {
            break;
        }
    }
    return err_set(err, ERR_INVALID,
                   "the guest's list of processes is not understood after line %d", line);
}

/* --- asking and restarting ------------------------------------------------------------------ */

static int stale(struct guest *g, struct stale_list *ret, struct err **err)
{
    static const char what[] = "cannot tell which processes use replaced files";
    const char *argv[] = { "/bin/sh", "-c", list_script, NULL };
    struct guest_exec x = { .argv = argv, .timeout_ms = LIST_MS, .output_max = LIST_OUTPUT_MAX };
    AUTO_GUEST_RESULT r = { 0 };

    if (g->ops->exec(g, &x, &r, err) < 0)
        return err_wrap(err, "%s", what);
    if (r.timed_out)
        return err_set(err, ERR_GUEST, "%s: the guest did not finish in %d s", what,
                       LIST_MS / 1000);
    if (r.output_total != (int64_t)r.output.len)
        return err_set(err, ERR_INVALID, "%s: the list is longer than %d bytes", what,
                       LIST_OUTPUT_MAX);
    return stale_list_parse(r.output.ptr, r.output.len, ret, err) < 0 ? err_wrap(err, "%s", what)
                                                                      : 0;
}

static int restart(struct guest *g, const struct strv *units, struct guest_result *ret,
                   struct err **err)
{
    AUTO_STRV argv = { 0 };

    strv_add(&argv, "/bin/sh");
    strv_add(&argv, "-c");
    strv_add(&argv, restart_script);
    strv_add(&argv, "patchlab-restart");
    for (size_t i = 0; i < units->len && i < UNITS_MAX; i++) {
        if (!unit_is_valid(units->ptr[i]))
            return err_set(err, ERR_INVALID, "'%s' is no unit that can be restarted",
                           units->ptr[i]);
        strv_add(&argv, units->ptr[i]);
    }
    struct guest_exec x = {
        .argv = (const char *const *)argv.ptr,
        .timeout_ms = RESTART_MS,
        .output_max = RESTART_OUTPUT_MAX,
    };
    return g->ops->exec(g, &x, ret, err);
}

const struct restarter restart_systemd = {
    .name = "systemd",
    .stale = stale,
    .restart = restart,
};
