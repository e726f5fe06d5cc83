/* A person's clone; see image_shell.h. */
#include "core/image_shell.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/image.h"
#include "core/image_work.h"
#include "core/patch.h"
#include "core/patch_guest.h"
#include "core/payload.h"
#include "core/site.h"
#include "core/testcase.h"
#include "ports/guest.h"
#include "ports/lab.h"

enum {
    BOOT_MS = 10 * 60 * 1000,
    SHELL_MS = 7 * 24 * 60 * 60 * 1000, /* nobody sits there for longer */
    SETTLED_MS = 5000,
    EARLY_MAX = 3, /* shells in a row that are lost sooner: it is no reboot, they do not start */
    READY_OUTPUT_MAX = 64 << 10,
    SHELL_OUTPUT_MAX = 4096,
    SCRIPT_OUTPUT_MAX = 8 << 20,
    TERM_MAX = 64,
};

/* --- the clone ------------------------------------------------------------------------------ */

static void tell(const struct image_progress *p, const char *what)
{
    if (p && p->step)
        p->step(p->arg, what, -1);
}

/* A private directory that QEMU's user can pass through, with the disc in it. */
static int make_disc(const struct site *site, const struct image_shell_plan *plan,
                     struct image_work *work, char **ret, struct err **err)
{
    AUTO_FREE char *place = path_join(site->dir, "runs");
    AUTO_FREE char *name = xasprintf("shell-%lld", (long long)getpid());
    AUTO_PAYLOAD disc = { 0 };

    if (dir_make(place, 0711, err) < 0
        || image_work_open(site, place, name, NULL, NULL, work, err) < 0)
        return -1;
    if (chmod(work->dir, 0711) != 0)
        return err_set(err, ERR_IO, "cannot change the mode of '%s'", work->dir);
    AUTO_FREE char *file = path_join(work->dir, "payload.iso");
    if (plan->patch)
        payload_add(&disc, site, PAYLOAD_PATCH, &plan->patch->bundle);
    if (plan->testcase) {
        AUTO_FREE char *below = path_join("testcases", plan->testcase->name);
        payload_add_dir(&disc, plan->testcase->dir, below, &plan->testcase->bundle);
    }
    if (payload_write(&disc, site, file, err) < 0)
        return -1;
    *ret = TAKE(file);
    return 0;
}

/* QEMU has opened the disc when the clone is there, so the file goes at once. */
static int start(const struct site *site, struct lab *lab, const struct image_shell_plan *plan,
                 struct clone **ret, struct err **err)
{
    const struct image *i = plan->image;
    AUTO_IMAGE_WORK work = IMAGE_WORK_NONE;
    AUTO_FREE char *disc = NULL;

    if ((plan->patch || plan->testcase) && make_disc(site, plan, &work, &disc, err) < 0)
        return -1;
    struct clone_spec spec = {
        .label = "shell",
        .disk = i->disk,
        .firmware = i->firmware,
        .memory = i->memory,
        .vcpus = i->vcpus,
        .payload = disc,
        .warm = plan->cold ? NULL : i->warm,
        .stop = site->stop,
    };
    return lab->ops->clone(lab, &spec, ret, err);
}

static int wait_ready(struct guest *g, const struct image *i, const struct image_progress *progress,
                      struct err **err)
{
    struct guest_exec x = {
        .argv = (const char *const *)i->ready.argv.ptr,
        .timeout_ms = i->ready.timeout_ms,
        .output_max = READY_OUTPUT_MAX,
    };
    AUTO_GUEST_RESULT r = { 0 };

    if (g->ops->wait(g, BOOT_MS, err) < 0)
        return -1;
    if (i->ready.argv.len == 0)
        return 0;
    if (g->ops->exec(g, &x, &r, err) < 0)
        return err_wrap(err, "ready command");
    if (r.timed_out || r.exit_code != 0)
        tell(progress, "its ready command fails; going on");
    return 0;
}

int image_shell_clone(const struct site *site, struct lab *lab, const struct image_shell_plan *plan,
                      const struct image_progress *progress, struct clone **ret, struct err **err)
{
    const struct image *image = plan->image;
    const struct patch *patch = plan->patch;
    AUTO_CLONE c = NULL;

    if (image->removed)
        return err_set(err, ERR_NOT_FOUND, "the disk of image '%s' was removed", image->name);
    if (patch && !site_pkgmgr(site, patch->kind))
        return err_set(err, ERR_INVALID, "there is no way to apply a patch of kind '%s'",
                       patch->kind);
    tell(progress, "start a clone");
    if (start(site, lab, plan, &c, err) < 0)
        return err_wrap(err, "clone image '%s'", image->name);
    AUTO_FREE char *how = c->why_cold ? xasprintf("%s: %s", c->how, c->why_cold) : xstrdup(c->how);
    tell(progress, how);
    if (wait_ready(c->guest, image, progress, err) < 0)
        return err_wrap(err, "clone image '%s'", image->name);
    *ret = TAKE(c);
    return 0;
}

int image_shell_apply(const struct site *site, struct clone *c, const struct patch *patch,
                      struct guest_result *ret, char **ret_problem, struct err **err)
{
    const char *payload = NULL;

    if (c->guest->ops->mount_payload(c->guest, &payload, err) < 0
        || patch_apply(site, c->guest, payload, patch, ret, err) < 0)
        return err_wrap(err, "apply patch '%s'", patch->name);
    *ret_problem = patch_problem(patch, ret);
    return 0;
}

int image_shell_undo(const struct site *site, struct clone *c, const struct patch *patch,
                     struct guest_result *ret, char **ret_problem, struct err **err)
{
    const char *payload = NULL;

    if (c->guest->ops->mount_payload(c->guest, &payload, err) < 0
        || patch_undo(site, c->guest, payload, patch, ret, err) < 0)
        return err_wrap(err, "undo patch '%s'", patch->name);
    *ret_problem = patch_problem(patch, ret);
    return 0;
}

/* --- a shell at the console ----------------------------------------------------------------- */

/*
 * $1 rows, $2 columns, $3 TERM.  A service of its own gives the shell the terminal, and all that
 * was started from it ends with it.  Who ends because the guest goes down waits for that, so that
 * it is not taken for the end of the shell.  Without systemd: the exec's own session gets the
 * terminal when it opens it.
 */
static const char console_script[] =
    "tty=/dev/ttyS0\n"
    "[ -c $tty ] || { echo \"there is no $tty\"; exit 1; }\n"
    "begin=\"stty rows $1 cols $2 2>/dev/null; cd\n"
    "if command -v bash >/dev/null; then exec bash -l; else exec sh -l; fi\"\n"
    "if [ -d /run/systemd/system ] && command -v systemd-run >/dev/null; then\n"
    "  systemctl stop serial-getty@ttyS0.service 2>/dev/null\n"
    "  systemd-run --quiet --wait --collect -p Type=exec -p StandardInput=tty"
    " -p StandardOutput=tty -p StandardError=tty -p TTYPath=$tty -p TTYReset=yes"
    " -p TTYVHangup=yes -p IgnoreSIGPIPE=no -p SendSIGHUP=yes -p TimeoutStopSec=5"
    " --setenv=TERM=\"$3\" --setenv=HOME=/root --setenv=LC_ALL=C.UTF-8"
    " /bin/sh -c \"$begin\"\n"
    "  rc=$?\n"
    "  [ \"$(systemctl is-system-running)\" != stopping ] || sleep 120\n"
    "  exit $rc\n"
    "fi\n"
    "exec <$tty >$tty 2>&1\n"
    "TERM=$3; export TERM\n"
    "exec /bin/sh -c \"$begin\"\n";

/* What the terminal calls itself goes into a command line of root in the guest. */
static const char *safe_term(const char *term)
{
    static const char plain[] = "vt220";

    if (!term || !*term || strlen(term) > TERM_MAX)
        return plain;
    for (const char *p = term; *p; p++) {
        if (!isalnum((unsigned char)*p) && !strchr("-+._", *p))
            return plain;
    }
    return term;
}

/* One shell, until it ends. */
static int run_once(struct clone *c, const char *const *argv, int *ret, struct err **err)
{
    struct guest_exec x = { .argv = argv, .timeout_ms = SHELL_MS, .output_max = SHELL_OUTPUT_MAX };
    AUTO_GUEST_RESULT r = { 0 };

    if (c->guest->ops->exec(c->guest, &x, &r, err) < 0)
        return -1;
    if (r.timed_out)
        return err_set(err, ERR_TIMEOUT, "the shell was open for too long");
    log_debug(LOG_LAB, "shell: %d, %.300s", r.exit_code, r.output.ptr);
    *ret = r.exit_code;
    return 0;
}

int image_shell_run(struct clone *c, const struct image_screen *screen, int *ret, struct err **err)
{
    AUTO_FREE char *rows = xasprintf("%d", screen->rows);
    AUTO_FREE char *columns = xasprintf("%d", screen->columns);
    const char *const argv[] = {
        "/bin/sh", "-c", console_script, "patchlab", rows, columns, safe_term(screen->term), NULL,
    };

    for (int early = 0;;) {
        int64_t begin = clock_mono_ms();
        AUTO_ERR e = NULL;

        if (run_once(c, argv, ret, &e) == 0)
            return 0;
        early = clock_mono_ms() - begin < SETTLED_MS ? early + 1 : 0;
        if (e->code == ERR_CANCELLED || c->ops->state(c) != CLONE_RUNNING || early == EARLY_MAX) {
            *err = TAKE(e);
            return -1;
        }
        log_debug(LOG_LAB, "the shell is lost, waiting for another boot: %s", e->msg);
        if (c->guest->ops->wait(c->guest, BOOT_MS, err) < 0)
            return -1;
    }
}

/* --- commands that are at hand -------------------------------------------------------------- */

int image_shell_script(struct clone *c, const char *text, size_t len, struct guest_result *ret,
                       struct err **err)
{
    static const char with_best_shell[] =
        "if command -v bash >/dev/null; then exec bash -lc \"$1\"; else exec sh -lc \"$1\"; fi";
    const char *const argv[] = { "/bin/sh", "-c", with_best_shell, "patchlab", text, NULL };
    struct guest_exec x = {
        .argv = argv,
        .cwd = "/root",
        .timeout_ms = SHELL_MS,
        .output_max = SCRIPT_OUTPUT_MAX,
    };

    if (len > IMAGE_SHELL_SCRIPT_MAX)
        return err_set(err, ERR_INVALID, "the commands have more than %u bytes",
                       IMAGE_SHELL_SCRIPT_MAX);
    if (strlen(text) != len)
        return err_set(err, ERR_INVALID, "the commands hold a NUL byte");
    return c->guest->ops->exec(c->guest, &x, ret, err);
}
