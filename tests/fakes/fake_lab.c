/* Runs in lane threads, so nothing here asserts. */
#include "fakes/fake_lab.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/stop.h"

enum { HANG_MS = 60 * 1000, LISTING_MAX = 1 << 20 };

struct fake_clone {
    struct clone clone;
    struct guest guest;
    struct fake_lab *lab;
    struct fake_lane *lane;
    const struct stop *stop;
};

/* The guest's address is that of a member. */
static struct fake_clone *of_guest(struct guest *g)
{
    return (struct fake_clone *)((char *)g - offsetof(struct fake_clone, guest));
}

static struct fake_clone *of_clone(struct clone *c)
{
    return (struct fake_clone *)((char *)c - offsetof(struct fake_clone, clone));
}

/* Writes the call down, and fails it when its turn has come. */
static int call(struct fake_lane *l, const struct stop *stop, const char *name, struct err **err)
{
    strv_add(&l->calls, name);
    if ((int)l->calls.len == l->fail_at)
        return err_set(err, l->code, "scripted failure of '%s'", name);
    return stop_check(stop, err);
}

static int guest_call(struct guest *g, const char *name, struct err **err)
{
    return call(of_guest(g)->lane, of_guest(g)->stop, name, err);
}

/* --- the guest ------------------------------------------------------------------------------ */

static int guest_wait(struct guest *g, int64_t timeout_ms, struct err **err)
{
    (void)timeout_ms;
    return guest_call(g, "wait", err);
}

static int count_ran(const struct fake_lane *l, const char *arg)
{
    int n = 0;

    for (size_t i = 0; i < l->ran.len; i++)
        n += str_eq(l->ran.ptr[i], arg);
    return n;
}

static bool fits(const struct fake_answer *a, const struct fake_lane *l, const struct guest_exec *x)
{
    if ((a->patched && !l->patched) || (a->rebooted && !l->reboots)
        || (a->restarted && !l->restarted) || (a->undone && !l->undone)
        || (a->clone && a->clone != l->clones))
        return false;
    for (const char *const *arg = x->argv; *arg; arg++) {
        if (str_ends(*arg, a->part))
            return count_ran(l, *arg) + 1 >= a->from;
    }
    return false;
}

static const struct fake_answer *answer_of(const struct fake_clone *c, const struct guest_exec *x)
{
    static const struct fake_answer nothing = { 0 };

    for (size_t i = 0; i < c->lab->answer_count; i++) {
        if (fits(&c->lab->answers[i], c->lane, x))
            return &c->lab->answers[i];
    }
    return &nothing;
}

/* The program that somebody meant: what the check's wrapper script runs. */
static const char *program_of(const struct guest_exec *x)
{
    bool wrapped = str_eq(x->argv[0], "/bin/sh") && x->argv[1] && x->argv[2] && x->argv[3];

    return path_base(wrapped ? x->argv[4] : x->argv[0]);
}

static void forget_last(struct fake_lane *l)
{
    char *const texts[] = { l->last_user,    l->last_cwd,    l->last_env,
                            l->last_scratch, l->last_report, l->last_argv };

    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        free(texts[i]);
}

static void remember(struct fake_lane *l, const struct guest_exec *x)
{
    AUTO_STRV argv = { 0 };

    for (const char *const *arg = x->argv; *arg; arg++)
        strv_add(&argv, *arg);
    forget_last(l);
    l->last_user = xstrdup(x->user);
    l->last_cwd = xstrdup(x->cwd);
    l->last_env = xstrdup(x->env ? x->env[0] : NULL);
    l->last_scratch = xstrdup(x->scratch);
    l->last_report = xstrdup(x->report);
    l->last_argv = strv_join(&argv, "|");
    l->last_timeout_ms = x->timeout_ms;
    l->last_output_max = x->output_max;
    for (size_t i = 0; i < argv.len; i++)
        strv_add(&l->ran, argv.ptr[i]);
}

static int guest_exec(struct guest *g, const struct guest_exec *x, struct guest_result *ret,
                      struct err **err)
{
    struct fake_clone *c = of_guest(g);
    const struct fake_answer *a = answer_of(c, x);
    AUTO_FREE char *name = xasprintf("exec:%s", program_of(x));
    const char *output = a->output ? a->output : "";

    remember(c->lane, x);
    if (guest_call(g, name, err) < 0)
        return -1;
    if (a->refuses)
        return err_set(err, ERR_IO, "the agent refused '%s'", program_of(x));
    if (a->hangs && stop_sleep(c->stop, HANG_MS, err) < 0)
        return -1;
    *ret = (struct guest_result){
        .exit_code = a->exit,
        .timed_out = a->timed_out,
        .output = STR_INIT(x->output_max),
        .output_total = (int64_t)strlen(output),
        .report = STR_INIT(x->report_max),
        .report_total = x->report && a->report ? (int64_t)strlen(a->report) : -1,
        .duration_ms = 1,
    };
    str_add(&ret->output, output);
    if (x->report && a->report)
        str_add(&ret->report, a->report);
    return 0;
}

static int guest_read(struct guest *g, const char *path, size_t max, char **ret_text,
                      size_t *ret_len, struct err **err)
{
    (void)max;
    (void)ret_text;
    (void)ret_len;
    if (guest_call(g, "read", err) < 0)
        return -1;
    return err_set(err, ERR_NOT_FOUND, "there is no '%s'", path);
}

/* Written down as "PATH USER=BYTES". */
static int guest_write(struct guest *g, const struct guest_file *files, size_t n, struct err **err)
{
    if (guest_call(g, "write", err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        strv_addf(&of_guest(g)->lane->files, "%s %s=%.*s", files[i].path,
                  files[i].user ? files[i].user : "root", (int)files[i].len,
                  (const char *)files[i].data);
    return 0;
}

static int guest_reboot(struct guest *g, int64_t timeout_ms, struct err **err)
{
    struct fake_lane *l = of_guest(g)->lane;

    (void)timeout_ms;
    if (guest_call(g, "reboot", err) < 0)
        return -1;
    l->reboots++;
    return 0;
}

static int guest_mount(struct guest *g, const char **ret_dir, struct err **err)
{
    if (guest_call(g, "mount", err) < 0)
        return -1;
    *ret_dir = "/payload";
    return 0;
}

static const struct guest_ops guest_ops = {
    .name = "fake",
    .wait = guest_wait,
    .exec = guest_exec,
    .read_file = guest_read,
    .write_files = guest_write,
    .reboot = guest_reboot,
    .mount_payload = guest_mount,
};

/* --- the clone ------------------------------------------------------------------------------ */

static enum clone_state clone_state(struct clone *c)
{
    (void)c;
    return CLONE_RUNNING;
}

static char *clone_console(struct clone *c, size_t max, size_t *ret_len)
{
    AUTO_FREE char *text = xstrdup("login: \x1b[2J\xff");

    of_clone(c)->lane->pictures++;
    *ret_len = strlen(text) < max ? strlen(text) : max;
    return TAKE(text);
}

static int clone_screenshot(struct clone *c, char **ret_data, size_t *ret_len, struct err **err)
{
    (void)c;
    (void)ret_data;
    (void)ret_len;
    return err_set(err, ERR_IO, "there is no screen");
}

static int64_t clone_disk_added(struct clone *c)
{
    (void)c;
    return 4096;
}

/* The files come first: a failure leaves them behind, as a real one may. */
static int clone_save(struct clone *c, const char *dir, struct err **err)
{
    AUTO_FREE char *memory = path_join(dir, "memory");

    if (file_write(memory, "memory", 6, 0400, err) < 0)
        return -1;
    return call(of_clone(c)->lane, of_clone(c)->stop, "save", err);
}

static void clone_destroy(struct clone *c)
{
    of_clone(c)->lane->destroyed++;
    free(of_clone(c));
}

static const struct clone_ops clone_ops = {
    .state = clone_state,
    .console = clone_console,
    .screenshot = clone_screenshot,
    .disk_added = clone_disk_added,
    .save = clone_save,
    .destroy = clone_destroy,
};

/* --- the lab -------------------------------------------------------------------------------- */

static struct fake_lane *lane_of(struct fake_lab *l, const char *label)
{
    if (!str_starts(label, "run"))
        return &l->other;
    return &l->lanes[str_ends(label, "a") ? LANE_BASELINE : LANE_CANDIDATE];
}

/* Lanes come at the same time. */
static bool take_standby(struct fake_lab *l)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

    pthread_mutex_lock(&lock);
    bool there = l->standbys > 0;
    l->standbys -= there;
    pthread_mutex_unlock(&lock);
    return there;
}

static int lab_standby(struct lab *lab, const struct clone_spec *spec, int count, struct err **err)
{
    struct fake_lab *l = (struct fake_lab *)lab;

    l->standby_calls++;
    if (!spec || count == 0)
        return l->standbys = 0;
    if (call(&l->other, spec->stop, "standby", err) < 0)
        return -1;
    return l->standbys = count;
}

static int lab_clone(struct lab *lab, const struct clone_spec *spec, struct clone **ret,
                     struct err **err)
{
    struct fake_lab *l = (struct fake_lab *)lab; /* its first member */
    struct fake_lane *lane = lane_of(l, spec->label);
    bool warm = spec->warm && !l->unusable, standby = false;

    if (call(lane, spec->stop, "clone", err) < 0)
        return -1;
    if (warm)
        standby = take_standby(l);
    struct fake_clone *c = xcalloc(1, sizeof(*c));
    c->guest.ops = &guest_ops;
    c->clone = (struct clone){
        .ops = &clone_ops,
        .guest = &c->guest,
        .how = standby ? "standby"
               : warm  ? "warm restore"
                       : "cold boot",
        .why_cold = spec->warm ? l->unusable : NULL,
    };
    c->lab = l;
    c->lane = lane;
    c->stop = spec->stop;
    lane->clones++;
    lane->warm_clones += warm;
    free(lane->last_payload);
    lane->last_payload = xstrdup(spec->payload);
    strv_release(&lane->ran);
    lane->patched = lane->restarted = lane->undone = lane->stays = false;
    lane->reboots = 0;
    *ret = &c->clone;
    return 0;
}

static int lab_warm_facts(struct lab *lab, const struct clone_spec *spec, struct warm_facts *ret,
                          struct err **err)
{
    struct fake_lab *l = (struct fake_lab *)lab;
    AUTO_FREE char *memory = path_join(spec->warm, "memory");

    if (!file_exists(memory))
        return err_set(err, ERR_NOT_FOUND, "there is no '%s'", memory);
    *ret = (struct warm_facts){
        .host = xstrdup("desk"),
        .cpu = xstrdup("fake CPU"),
        .versions = xstrdup(l->lab.facts.versions),
        .accel = xstrdup(l->lab.facts.accel),
        .machine = xstrdup("fake-1"),
        .memory = spec->memory,
        .vcpus = spec->vcpus,
        .disk = xstrdup(spec->disk),
        .memory_size = 6,
        .disk_size = 4096,
        .made_ms = 1,
        .unusable = xstrdup(l->unusable),
    };
    return 0;
}

static int lab_sweep(struct lab *lab, int *ret, struct err **err)
{
    (void)lab;
    (void)err;
    *ret = 0;
    return 0;
}

static void lab_close(struct lab *lab)
{
    (void)lab;
}

static const struct lab_ops lab_ops = {
    .clone = lab_clone,
    .warm_facts = lab_warm_facts,
    .standby = lab_standby,
    .sweep = lab_sweep,
    .close = lab_close,
};

void fake_lab_init(struct fake_lab *l)
{
    *l = (struct fake_lab){
        .lab = { .ops = &lab_ops, .facts = { "fake:///", "tcg", "fake 1" } },
    };
}

void fake_lab_answer(struct fake_lab *l, struct fake_answer a)
{
    if (l->answer_count == ARRAY_LEN(l->answers))
        abort();
    l->answers[l->answer_count++] = a;
}

static void forget_lane(struct fake_lane *l)
{
    strv_release(&l->calls);
    strv_release(&l->files);
    strv_release(&l->ran);
    forget_last(l);
    free(l->last_payload);
    *l = (struct fake_lane){ 0 };
}

void fake_lab_forget(struct fake_lab *l)
{
    for (int i = 0; i < LANE_MAX_; i++)
        forget_lane(&l->lanes[i]);
    forget_lane(&l->other);
}

void fake_lab_release(struct fake_lab *l)
{
    fake_lab_forget(l);
}

int fake_lane_call(const struct fake_lane *l, const char *name)
{
    for (size_t i = 0; i < l->calls.len; i++) {
        if (str_eq(l->calls.ptr[i], name))
            return (int)i + 1;
    }
    return 0;
}

/* --- the package manager -------------------------------------------------------------------- */

static int run(struct guest *g, const char *program, int64_t timeout_ms, size_t output_max,
               struct guest_result *ret, struct err **err)
{
    const char *const argv[] = { program, NULL };
    struct guest_exec x = { .argv = argv, .timeout_ms = timeout_ms, .output_max = output_max };

    return g->ops->exec(g, &x, ret, err);
}

static int pkg_apply(struct guest *g, const struct patch_in_guest *p, struct guest_result *ret,
                     struct err **err)
{
    if (run(g, "/fake/apply", p->timeout_ms, p->output_max, ret, err) < 0)
        return -1;
    of_guest(g)->lane->patched = true;
    return 0;
}

static int pkg_undo(struct guest *g, const struct patch_in_guest *p, struct guest_result *ret,
                    struct err **err)
{
    AUTO_GUEST_RESULT r = { 0 };

    if (run(g, "/fake/undo", p->timeout_ms, p->output_max, &r, err) < 0)
        return -1;
    if (str_eq(r.output.ptr, "impossible"))
        return err_set(err, ERR_NOT_FOUND, "nobody kept the old packages");
    of_guest(g)->lane->undone = true;
    of_guest(g)->lane->stays = str_eq(r.output.ptr, "partly");
    *ret = r;
    r = (struct guest_result){ 0 };
    return 0;
}

static bool now_patched(struct guest *g)
{
    const struct fake_lane *l = of_guest(g)->lane;

    return l->patched && (!l->undone || l->stays);
}

static int pkg_list(struct guest *g, struct package_list *ret, struct err **err)
{
    AUTO_GUEST_RESULT r = { 0 };

    if (run(g, "/fake/list", HANG_MS, LISTING_MAX, &r, err) < 0)
        return -1;
    package_list_add(ret, "base-files", "12");
    package_list_add(ret, "openssl", now_patched(g) && r.exit_code == 0 ? "2" : "1");
    return 0;
}

/* "broken" and "held" are words of the answer; so is "reboot", which a patched guest adds. */
static int pkg_state(struct guest *g, struct pkg_state *ret, struct err **err)
{
    const struct conffile c = { .path = (char[]){ "/etc/a" }, .asker = (char[]){ "dpkg" } };
    AUTO_GUEST_RESULT r = { 0 };

    if (run(g, "/fake/state", HANG_MS, LISTING_MAX, &r, err) < 0)
        return -1;
    bool patched = now_patched(g);
    if (strstr(r.output.ptr, "broken"))
        pkg_state_add_broken(ret, "openssl", "1", "unpacked");
    if (strstr(r.output.ptr, "held"))
        pkg_state_add_held(ret, "base-files", "12", patched ? "13" : NULL);
    if (strstr(r.output.ptr, "conffile"))
        pkg_state_add_conffile(ret, &c);
    if (r.exit_code == 0 && patched)
        strv_add(&ret->reboot, "a kernel");
    return 0;
}

const struct pkgmgr fake_pkgmgr = {
    .kind = "deb",
    .undo_how = "a downgrade of its packages",
    .apply = pkg_apply,
    .undo = pkg_undo,
    .list = pkg_list,
    .state = pkg_state,
};
const struct pkgmgr *const fake_pkgmgrs[] = { &fake_pkgmgr, NULL };

/* --- the restarter -------------------------------------------------------------------------- */

static int restarter_stale(struct guest *g, struct stale_list *ret, struct err **err)
{
    AUTO_GUEST_RESULT r = { 0 };
    char *rest = NULL;
    int64_t pid = 100;

    if (run(g, "/fake/stale", HANG_MS, LISTING_MAX, &r, err) < 0)
        return -1;
    if (str_eq(r.output.ptr, "?"))
        return err_set(err, ERR_INVALID, "the list is not understood");
    for (char *w = strtok_r(r.output.ptr, " ", &rest); w; w = strtok_r(NULL, " ", &rest)) {
        AUTO_FREE char *unit = xasprintf("%s.service", w + (*w == '!'));
        stale_list_add(ret, &(struct stale_process){ ++pid, w + (*w == '!'), unit,
                                                     (char[]){ "/lib/libc.so" }, *w != '!' });
    }
    return 0;
}

static int restarter_restart(struct guest *g, const struct strv *units, struct guest_result *ret,
                             struct err **err)
{
    (void)units;
    if (run(g, "/fake/restart", HANG_MS, LISTING_MAX, ret, err) < 0)
        return -1;
    of_guest(g)->lane->restarted = true;
    return 0;
}

const struct restarter fake_restarter = {
    .name = "fake",
    .stale = restarter_stale,
    .restart = restarter_restart,
};

/* --- the payload disc ----------------------------------------------------------------------- */

static int write_disc(const char *to, const char *volume, const struct disc_entry *entries,
                      size_t n, const struct stop *stop, struct err **err)
{
    AUTO_STR text = STR_INIT(LISTING_MAX);

    (void)volume;
    if (stop_check(stop, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (!file_exists(entries[i].file))
            return err_set(err, ERR_NOT_FOUND, "there is no '%s'", entries[i].file);
        str_addf(&text, "%o %s\n", (unsigned)entries[i].mode, entries[i].path);
    }
    return file_write(to, text.ptr, text.len, 0644, err);
}

const struct archive_ops fake_archive = { .write_disc = write_disc };
