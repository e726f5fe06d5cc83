/* image shell: a clone to look around in, at its serial console, gone afterwards. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/stop.h"
#include "core/image.h"
#include "core/image_shell.h"
#include "core/patch.h"
#include "front/commands.h"
#include "front/progress.h"
#include "front/shell.h"
#include "front/status.h"
#include "front/terminal.h"
#include "front/wire.h"
#include "ports/guest.h"
#include "ports/lab.h"

/* --- somebody sits there -------------------------------------------------------------------- */

/* The guest's side: the shell runs in a thread of its own while this one serves the terminal. */
struct session {
    struct clone *clone;
    struct image_screen screen;
    pthread_t thread;
    int done[2]; /* a pipe whose writing end is closed when the shell has ended */
    int rc, status;
    struct err *err;
};

static void *session_main(void *arg)
{
    struct session *s = arg;

    s->rc = image_shell_run(s->clone, &s->screen, &s->status, &s->err);
    fd_closep(&s->done[1]);
    return NULL;
}

/* Signals are for the main thread. */
static int session_start(struct session *s, struct err **err)
{
    sigset_t all, before;

    if (pipe2(s->done, O_CLOEXEC) != 0)
        return err_set_errno(err, errno, "cannot make a pipe");
    terminal_size(&s->screen.rows, &s->screen.columns);
    s->screen.term = getenv("TERM");
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(&s->thread, NULL, session_main, s);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (rc == 0)
        return 0;
    close(s->done[0]);
    close(s->done[1]);
    return err_set_errno(err, rc, "cannot start a thread");
}

/* How the shell ended.  One that was left is not asked. */
static int session_end(struct session *s, enum relay_end how, struct stop *stop, struct err **err)
{
    if (how == RELAY_LEFT)
        stop_raise(stop, 0);
    pthread_join(s->thread, NULL);
    close(s->done[0]);
    if (how != RELAY_LEFT && s->rc < 0) {
        *err = s->err;
        return -1;
    }
    err_clear(&s->err);
    return STATUS_DONE;
}

int shell_sit_down(struct wire *w, struct clone *clone, struct err **err)
{
    struct session s = { .clone = clone };
    AUTO_TERMINAL t = TERMINAL_NONE;
    AUTO_FD console = clone->ops->console_open(clone, err);

    fputs("patchlab: Ctrl-] leaves; the clone is gone then, however you leave\n", stderr);
    if (console < 0 || terminal_open(&t, err) < 0 || session_start(&s, err) < 0)
        return -1;
    enum relay_end how = terminal_relay(&t, console, s.done[0], stop_fd(wire_stop(w)));
    int status = session_end(&s, how, wire_stop(w), err);
    terminal_close(&t);
    fputc('\n', stderr);
    return status;
}

/* --- nobody does ---------------------------------------------------------------------------- */

static int read_commands(const struct stop *stop, struct str *ret, struct err **err)
{
    char buf[4096];

    for (;;) {
        if (terminal_await(stop, err) < 0)
            return -1;
        ssize_t n = read(STDIN_FILENO, buf, sizeof(buf));
        if (n == 0)
            break;
        if (n < 0)
            return err_set_errno(err, errno, "cannot read the commands");
        str_add_mem(ret, buf, (size_t)n);
    }
    if (ret->truncated)
        return err_set(err, ERR_INVALID, "the commands have more than %u bytes",
                       IMAGE_SHELL_SCRIPT_MAX);
    return 0;
}

/* A guest's bytes: as they are, unless they would reach a terminal. */
static void print_output(const struct str *s)
{
    if (isatty(STDOUT_FILENO)) {
        AUTO_FREE char *shown = str_printable(s->ptr, s->len, /* multiline= */ true);
        fputs(shown, stdout);
    } else {
        fwrite(s->ptr, 1, s->len, stdout);
    }
}

static int follow_commands(struct clone *clone, const struct str *commands, struct err **err)
{
    AUTO_GUEST_RESULT r = { 0 };

    if (image_shell_script(clone, commands->ptr, commands->len, &r, err) < 0)
        return -1;
    print_output(&r.output);
    if (r.timed_out)
        return err_set(err, ERR_TIMEOUT, "the commands did not end");
    return r.exit_code;
}

/* --- the command ---------------------------------------------------------------------------- */

static void tell(const struct guest_result *r, const char *problem, const char *done)
{
    AUTO_FREE char *shown = str_printable(r->output.ptr, r->output.len, /* multiline= */ true);

    if (*shown)
        fprintf(stderr, "%s%s", shown, str_ends(shown, "\n") ? "" : "\n");
    if (problem)
        fprintf(stderr, "patchlab: the patch is not %s: %s\n", done, problem);
    else
        fprintf(stderr, "patchlab: the patch is %s\n", done);
}

static int apply(const struct site *site, struct clone *clone, const struct patch *patch,
                 struct progress *progress, struct err **err)
{
    AUTO_GUEST_RESULT r = { 0 };
    AUTO_FREE char *problem = NULL;

    progress_step(progress, "apply the patch", -1);
    if (image_shell_apply(site, clone, patch, &r, &problem, err) < 0)
        return -1;
    tell(&r, problem, "applied");
    return 0;
}

static int undo(const struct site *site, struct clone *clone, const struct patch *patch,
                struct progress *progress, struct err **err)
{
    AUTO_GUEST_RESULT r = { 0 };
    AUTO_FREE char *problem = NULL;

    progress_step(progress, "undo the patch", -1);
    if (image_shell_undo(site, clone, patch, &r, &problem, err) < 0)
        return -1;
    tell(&r, problem, "undone");
    return 0;
}

static int find(struct cli *c, struct wire *w, struct image *image, struct patch *patch,
                struct err **err)
{
    const char *name = cli_opt(c, "patch");

    if (cli_flag(c, "undo") && !name)
        return err_set(err, ERR_INVALID, "--undo needs --patch");
    if (image_find(wire_site(w), c->args[0], /* removed_too= */ false, image, err) < 0)
        return -1;
    return name ? patch_find(wire_site(w), name, patch, err) : 0;
}

int shell_in_clone(struct cli *c, struct wire *w, const struct image *image,
                   const struct patch *patch, struct err **err)
{
    AUTO_PROGRESS p = progress_new(c, err);
    struct image_progress progress = { .step = progress_step, .arg = p };
    AUTO_STR commands = STR_INIT(IMAGE_SHELL_SCRIPT_MAX);
    struct image_shell_plan plan = { image, patch, NULL, cli_flag(c, "cold") };
    AUTO_CLONE clone = NULL;
    bool sits = terminal_is_there();

    if (!p || (!sits && read_commands(wire_stop(w), &commands, err) < 0))
        return -1;
    struct lab *lab = wire_lab(w, err);
    if (!lab || image_shell_clone(wire_site(w), lab, &plan, &progress, &clone, err) < 0
        || (patch && apply(wire_site(w), clone, patch, p, err) < 0)
        || (patch && cli_flag(c, "undo") && undo(wire_site(w), clone, patch, p, err) < 0))
        return -1;
    progress_free(TAKE(p));
    fprintf(stderr, "patchlab: root's shell in a throw-away clone of '%s', without a network\n",
            image->name);
    return sits ? shell_sit_down(w, clone, err) : follow_commands(clone, &commands, err);
}

static int shell(struct cli *c, struct err **err)
{
    struct wire *w = cli_wire(c, err);
    AUTO_IMAGE image = { 0 };
    AUTO_PATCH patch = { 0 };

    if (!w || find(c, w, &image, &patch, err) < 0)
        return -1;
    return shell_in_clone(c, w, &image, cli_opt(c, "patch") ? &patch : NULL, err);
}

static const struct option shell_options[] = {
    { "patch", "PATCH", "apply this patch first" },
    { "undo", NULL, "and take it back again" },
    { "cold", NULL, "boot the clone, even when there is a warm image" },
    { 0 },
};

const struct cli_command shell_commands[] = {
    { "image shell", "IMAGE", 1, 1, "Look around in a clone, which is gone afterwards",
      "Gives a shell of root on the serial console of a fresh clone. Ctrl-] leaves. Without a\n"
      "terminal the commands are read from standard input, their output is printed when all of\n"
      "them have ended, and the exit status is theirs.",
      shell_options, shell },
    { 0 },
};
