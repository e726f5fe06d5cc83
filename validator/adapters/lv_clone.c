/*
 * One clone on libvirt: its files, its domain, its guest channel; see lv_clone.h.
 *
 * The domain is transient: when it goes off it is gone.  `gone` remembers how it ended, because
 * after that there is nobody left to ask.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <libvirt/libvirt-qemu.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/lv_clone.h"
#include "adapters/lab_permit.h"
#include "adapters/lv_xml.h"
#include "adapters/qemu_img.h"
#include "adapters/qga.h"
#include "adapters/reaper.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/stop.h"

enum { CONSOLE_LIMIT = 64 << 20, SCREEN_MAX = 32 << 20, STREAM_CHUNK = 64 << 10, PID_MAX = 32 };

/* How the domain is, and whether libvirt paused it because the host's disk is full. */
static enum clone_state look(struct lv_clone *c, bool *ret_no_room)
{
    int state = 0, reason = 0;

    *ret_no_room = false;
    if (virDomainGetState(c->domain, &state, &reason, 0) < 0)
        return CLONE_OFF;
    if (state == VIR_DOMAIN_CRASHED)
        return CLONE_PANICKED;
    if (state == VIR_DOMAIN_PAUSED && reason == VIR_DOMAIN_PAUSED_IOERROR)
        *ret_no_room = true;
    /* SHUTDOWN: the guest is off, its QEMU not yet gone. */
    return state == VIR_DOMAIN_SHUTOFF || state == VIR_DOMAIN_SHUTDOWN ? CLONE_OFF : CLONE_RUNNING;
}

static enum clone_state lv_state(struct clone *clone)
{
    bool no_room;

    return look((struct lv_clone *)clone, &no_room);
}

/* What stands between us and the agent, as an error; 0 when nothing does. */
static int check_alive(struct lv_clone *c, struct err **err)
{
    struct stat st;
    bool no_room;
    enum clone_state state = look(c, &no_room);

    if (no_room) {
        err_set(err, ERR_NO_ROOM, "the host's disk is full: the clone could not write");
        return err_hint(err, "make room on the file system of '%s'", c->lab->slot.dir);
    }
    if (state == CLONE_PANICKED)
        return err_set(err, ERR_GUEST, "the guest's kernel panicked");
    if (state == CLONE_OFF)
        return err_set(err, ERR_GUEST, "the guest switched itself off");
    if (stat(c->console, &st) == 0 && st.st_size > CONSOLE_LIMIT)
        return err_set(err, ERR_GUEST, "the guest flooded its console with more than %d MiB",
                       CONSOLE_LIMIT >> 20);
    return 0;
}

/* The agent's own words, when it answered with an error: libvirt makes its own error of them. */
static const char *refusal(const struct err *e)
{
    static const char said[] = "unable to execute QEMU agent command '";
    const char *text = strstr(e->msg, said);
    const char *end = text ? strstr(text + sizeof(said) - 1, "': ") : NULL;

    return end ? end + 3 : NULL;
}

static char *error_reply(const char *desc)
{
    AUTO_JSON *reply = json_pack("{s:{s:o}}", "error", "desc", json_text(desc));

    return json_canonical(reply);
}

static int agent_command(void *arg, const char *json, int timeout_s, char **ret_reply,
                         struct err **err)
{
    struct lv_clone *c = arg;

    log_debug(LOG_AGENT, "-> %.300s", json);
    char *reply = virDomainQemuAgentCommand(c->domain, json, timeout_s, 0);
    if (!reply) {
        AUTO_ERR e = NULL;
        lv_err_set(&e, "the guest agent does not answer");
        if (refusal(e)) {
            *ret_reply = error_reply(refusal(e));
            return 0;
        }
        if (check_alive(c, err) < 0)
            return -1;
        return err_set(err, ERR_TIMEOUT, "%s", e->msg);
    }
    log_debug(LOG_AGENT, "<- %.300s", reply);
    *ret_reply = reply;
    return 0;
}

static int receive(virStreamPtr stream, struct str *s, struct err **err)
{
    AUTO_FREE char *buf = xcalloc(1, STREAM_CHUNK);

    for (;;) {
        int n = virStreamRecv(stream, buf, STREAM_CHUNK);
        if (n < 0)
            return lv_err_set(err, "cannot read the screen");
        if (n == 0)
            return 0;
        str_add_mem(s, buf, (size_t)n);
    }
}

static int lv_screenshot(struct clone *clone, char **ret_data, size_t *ret_len, struct err **err)
{
    struct lv_clone *c = (struct lv_clone *)clone;
    AUTO_STR s = STR_INIT(SCREEN_MAX);
    virStreamPtr stream = virStreamNew(c->lab->conn, 0);

    if (!stream)
        return lv_err_set(err, "cannot open a stream");
    char *mime = virDomainScreenshot(c->domain, stream, 0, 0);
    int rc = mime ? receive(stream, &s, err)
                  : lv_err_set(err, "cannot take a picture of the screen");
    if (rc < 0)
        virStreamAbort(stream);
    else
        virStreamFinish(stream);
    virStreamFree(stream);
    free(mime);
    if (rc < 0)
        return -1;
    *ret_len = s.len;
    *ret_data = str_take(&s);
    return 0;
}

static int64_t lv_disk_added(struct clone *clone)
{
    struct stat st;

    if (stat(((struct lv_clone *)clone)->disk, &st) != 0)
        return -1;
    return (int64_t)st.st_blocks * 512;
}

/* Which process is the clone's QEMU; with the embedded driver it is ours to end. */
void lv_clone_adopt(struct lv_clone *c)
{
    AUTO_FREE char *file = xasprintf("%s/run/qemu/%s.pid", c->lab->slot.dir, c->name);
    AUTO_ERR ignored = NULL;
    AUTO_FREE char *text = c->lab->embedded ? file_read(file, PID_MAX, NULL, &ignored) : NULL;
    long pid = text ? strtol(text, NULL, 10) : 0;

    c->qemu = pid > 1 ? (pid_t)pid : 0;
}

/* The domain and its files go; the clone can start anew. */
static void clear(struct lv_clone *c)
{
    AUTO_ERR ignored = NULL;

    if (c->domain) {
        if (c->qemu)
            reaper_kill(c->qemu);
        c->qemu = 0;
        virDomainDestroy(c->domain);
        virDomainFree(c->domain);
        c->domain = NULL;
    }
    dir_remove(c->dir, &ignored);
}

static void lv_destroy(struct clone *clone)
{
    struct lv_clone *c = (struct lv_clone *)clone;

    clear(c);
    qga_free(c->base.guest);
    fd_closep(&c->sink);
    fd_closep(&c->permit);
    free(c->why_cold);
    free(c->name);
    free(c->uuid);
    free(c->dir);
    free(c->disk);
    free(c->console);
    free(c->line);
    free(c->agent);
    free(c->nvram);
    free(c->base_disk);
    free(c);
}

static const struct clone_ops lv_clone_ops = {
    .state = lv_state,
    .console = lv_console,
    .console_open = lv_console_open,
    .screenshot = lv_screenshot,
    .disk_added = lv_disk_added,
    .save = lv_save,
    .destroy = lv_destroy,
};

/* A UDP socket on the loopback that is never read. */
static int open_sink(struct lv_clone *c, struct err **err)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof(a);

    c->sink = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (c->sink < 0 || bind(c->sink, (struct sockaddr *)&a, sizeof(a)) != 0
        || getsockname(c->sink, (struct sockaddr *)&a, &len) != 0)
        return err_set_errno(err, errno, "cannot open the clone's network sink");
    c->sink_port = ntohs(a.sin_port);
    return 0;
}

int lv_clone_files(struct lv_clone *c, const char *base, struct err **err)
{
    if (dir_make(c->dir, 0700, err) < 0 || lab_slot_give(&c->lab->slot, c->dir, err) < 0
        || qemu_img_overlay(base, c->disk, c->spec.stop, err) < 0)
        return -1;
    return lab_slot_give(&c->lab->slot, c->disk, err);
}

static int boot(struct lv_clone *c, struct err **err)
{
    struct lv_domain d = {
        .name = c->name,
        .uuid = c->uuid,
        .kvm = c->lab->kvm,
        .firmware = c->spec.firmware,
        .memory = c->spec.memory,
        .vcpus = c->spec.vcpus,
        .disk = c->disk,
        .payload = c->spec.payload,
        .console = c->console,
        .line = c->line,
        .agent = c->agent,
        .nvram = c->nvram,
        .sink_port = c->sink_port,
    };
    AUTO_FREE char *xml = lv_domain_xml(&d);

    if (lv_clone_files(c, c->spec.disk, err) < 0)
        return -1;
    log_debug(LOG_LAB, "%s", xml);
    c->base.how = "cold boot";
    c->domain = virDomainCreateXML(c->lab->conn, xml, 0);
    if (!c->domain)
        return lv_err_set(err, "cannot start the clone '%s'", c->spec.label);
    lv_clone_adopt(c);
    return 0;
}

/* libvirt passes on what QEMU printed, which may be several lines. */
static char *one_line(const char *text)
{
    char *line = xstrdup(text);

    for (char *p = line; (p = strchr(p, '\n'));)
        *p = ' ';
    return line;
}

/* Warm when asked for and possible, else cold. */
static int start(struct lv_clone *c, struct err **err)
{
    AUTO_ERR e = NULL;

    c->permit = lab_permit_take(c->lab->lab_dir, c->lab->clones, c->spec.memory, c->spec.stop, err);
    if (c->permit < 0 || stop_check(c->spec.stop, err) < 0)
        return -1;
    if (c->spec.warm) {
        if (lv_restore(c, &e) == 0)
            return 0;
        if (e->code == ERR_CANCELLED) {
            *err = TAKE(e);
            return -1;
        }
        c->base.why_cold = c->why_cold = one_line(e->msg);
        log_debug(LOG_LAB, "'%s' starts cold: %s", c->spec.label, c->why_cold);
        clear(c);
    }
    return boot(c, err);
}

static void set_paths(struct lv_clone *c)
{
    AUTO_FREE char *vm = path_join(c->lab->slot.dir, "vm");

    c->name = xasprintf("patchlab-%s-%s", c->lab->slot.name, c->spec.label);
    c->uuid = random_uuid();
    c->dir = path_join(vm, c->spec.label);
    c->disk = path_join(c->dir, "overlay.qcow2");
    c->console = path_join(c->dir, "console.log");
    c->line = path_join(c->dir, "console.sock");
    c->agent = path_join(c->dir, "agent.sock");
    c->nvram = path_join(c->dir, "nvram.fd");
}

void lv_clone_keep_spec(struct lv_clone *c)
{
    c->base_disk = xstrdup(c->spec.disk);
    c->has_payload = c->spec.payload != NULL;
    c->spec.disk = c->base_disk;
    c->spec.label = path_base(c->dir);
    c->spec.payload = c->spec.warm = NULL;
}

void lv_clone_new_guest(struct lv_clone *c, const struct stop *stop)
{
    struct qga_channel channel = { .command = agent_command, .arg = c };

    qga_free(c->base.guest);
    c->base.guest = qga_new(&channel, stop);
    c->spec.stop = stop;
}

struct lv_clone *lv_clone_alloc(struct lv_lab *l, const struct clone_spec *spec, struct err **err)
{
    struct lv_clone *c = xcalloc(1, sizeof(*c));

    c->base.ops = &lv_clone_ops;
    c->lab = l;
    c->sink = c->permit = -1;
    c->spec = *spec;
    lv_clone_new_guest(c, spec->stop);
    set_paths(c);
    if (lv_console_check(c->line, err) < 0 || open_sink(c, err) < 0) {
        lv_destroy(&c->base);
        return NULL;
    }
    return c;
}

int lv_clone_new(struct lab *lab, const struct clone_spec *spec, struct clone **ret,
                 struct err **err)
{
    struct lv_lab *l = (struct lv_lab *)lab;
    struct lv_clone *c = NULL;
    int rc = lv_standby_take(l, spec, &c, err);

    if (rc < 0)
        return -1;
    if (rc == 0) {
        c = lv_clone_alloc(l, spec, err);
        if (!c)
            return -1;
        if (start(c, err) < 0) {
            lv_destroy(&c->base);
            return -1;
        }
        lv_clone_keep_spec(c);
    }
    *ret = &c->base;
    return 0;
}
