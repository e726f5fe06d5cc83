/* One clone's way through a run: the table of steps and who walks it; the drawing is in lane.h. */
#include "core/lane.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "core/image.h"
#include "core/lane_work.h"
#include "core/params.h"
#include "core/site.h"
#include "store/blob.h"

enum {
    BOOT_MS = 10 * 60 * 1000,
    REBOOT_MIN_MS = 5 * 60 * 1000,
    REBOOT_FACTOR = 10, /* a reboot has this many times what the clone's first boot took */
    READY_OUTPUT_MAX = 64 << 10,
    CONSOLE_KEPT = 1 << 20,
};

static const char boots_title[] = "the guest comes back after a reboot";
static const char survives_title[] = "the guest stays up";

void lane_post(const struct lane_work *w, const char *kind, bool evidence, json_t *body)
{
    json_object_set_new(body, "lane", json_string(lane_names[w->plan->lane]));
    if (w->plan->round == 0)
        json_object_set_new(body, "untouched", json_true());
    else if (w->plan->round > 1)
        json_object_set_new(body, "round", json_integer(w->plan->round));
    mailbox_post(w->plan->mailbox, kind, evidence, body);
}

static json_t *put_blob(const struct lane_work *w, const void *data, size_t len)
{
    char hex[DIGEST_HEX_SIZE];
    AUTO_ERR e = NULL;

    if (blob_put(w->plan->site->blobs, data, len, hex, &e) < 0)
        return json_pack("{s:s}", "lost", e->msg);
    return json_pack("{s:s, s:I}", "blob", hex, "size", (json_int_t)len);
}

/* All that is kept of a guest passes here, and so no secret of it is kept. */
static json_t *clean_blob(const struct lane_work *w, const void *data, size_t len, unsigned cut)
{
    AUTO_STR clean = STR_INIT(SIZE_MAX / 2);

    if (len == 0)
        return json_null();
    if (!w->plan->params || w->plan->params->len == 0)
        return put_blob(w, data, len);
    str_add_mem(&clean, data, len);
    scrub(&clean, w->plan->params, cut);
    return put_blob(w, clean.ptr, clean.len);
}

json_t *lane_blob(const struct lane_work *w, const void *data, size_t len)
{
    return clean_blob(w, data, len, SCRUB_WHOLE);
}

/* Where the limit cut a secret in two, its first half is taken out as well. */
static json_t *output_blob(const struct lane_work *w, const struct guest_result *r)
{
    bool is_cut = r->output_total > (int64_t)r->output.len;

    return clean_blob(w, r->output.ptr, r->output.len, is_cut ? SCRUB_CUT_TAIL : SCRUB_WHOLE);
}

void lane_add_exec(const struct lane_work *w, json_t *body, const struct guest_result *r)
{
    AUTO_JSON *exec = json_pack("{s:i, s:b, s:I, s:I, s:o}", "exit", r->exit_code, "timed_out",
                                r->timed_out, "ms", (json_int_t)r->duration_ms, "total",
                                (json_int_t)r->output_total, "output", output_blob(w, r));

    json_object_update(body, exec);
}

void lane_set_output(struct result *res, const json_t *blob)
{
    res->output_size = json_int_at(blob, "size");
    if (json_str_at(blob, "blob"))
        memcpy(res->output, json_str_at(blob, "blob"), sizeof(res->output));
}

void lane_set_exec(struct result *res, const struct guest_result *r, const json_t *blob)
{
    res->exit_code = r->exit_code;
    res->timed_out = r->timed_out;
    res->duration_ms = r->duration_ms;
    res->output_total = r->output_total;
    lane_set_output(res, blob);
}

unsigned lane_points(const struct lane_work *w)
{
    bool once = w->plan->lane == LANE_BASELINE && w->plan->round <= 1;

    return w->plan->points & (once ? point_group(w->point) : 1u << w->point);
}

struct result *lane_result(struct lane_work *w, const char *check, const char *title,
                           enum outcome outcome)
{
    struct result *r = result_add(&w->report->results, "@guest", check, title, w->point);

    r->points = lane_points(w);
    r->outcome = outcome;
    return r;
}

static int do_boot(struct lane_work *w, struct err **err)
{
    const struct image *i = w->plan->image;
    struct clone_spec spec = {
        .label = w->plan->label,
        .disk = i->disk,
        .firmware = i->firmware,
        .memory = i->memory,
        .vcpus = i->vcpus,
        .payload = w->plan->payload,
        .warm = w->plan->warm ? i->warm : NULL,
        .stop = w->plan->stop,
    };
    int64_t begin = clock_mono_ms();

    if (w->plan->lab->ops->clone(w->plan->lab, &spec, &w->clone, err) < 0)
        return -1;
    w->begin_ms = clock_mono_ms();
    w->report->cold = str_eq(w->clone->how, "cold boot");
    lane_post(w, "lane.start", true,
              json_pack("{s:s, s:o, s:I}", "how", w->clone->how, "why_cold",
                        json_text(w->clone->why_cold), "ms",
                        (json_int_t)(clock_mono_ms() - begin)));
    if (w->clone->guest->ops->wait(w->clone->guest, BOOT_MS, err) < 0)
        return err_wrap(err, "boot the clone of image '%s'", i->name);
    w->boot_ms = clock_mono_ms() - begin;
    lane_post(w, "lane.up", true, json_pack("{s:I}", "ms", (json_int_t)w->boot_ms));
    return 0;
}

/* The image's own idea of being up.  After the patch or a reboot it is compared like a check; on
 * the untouched clone a failure says nothing about the patch, in either lane. */
static int do_ready(struct lane_work *w, struct err **err)
{
    const struct command *c = &w->plan->image->ready;
    struct guest_exec x = {
        .argv = (const char *const *)c->argv.ptr,
        .timeout_ms = c->timeout_ms,
        .output_max = READY_OUTPUT_MAX,
    };
    AUTO_GUEST_RESULT r = { 0 };
    int64_t begin = clock_mono_ms();

    if (c->argv.len == 0)
        return 0;
    if (w->clone->guest->ops->exec(w->clone->guest, &x, &r, err) < 0)
        return err_wrap(err, "ready command of image '%s'", w->plan->image->name);
    bool ok = !r.timed_out && r.exit_code == 0;
    if (!ok && w->point == POINT_FIRST) {
        AUTO_FREE char *said = str_printable(r.output.ptr, r.output.len, false);
        return err_set(err, ERR_IO, "the image '%s' does not get ready without the patch: %.400s",
                       w->plan->image->name, said);
    }
    AUTO_JSON *blob = output_blob(w, &r);
    lane_set_exec(lane_result(w, "ready", "the image's ready command succeeds",
                              ok ? OUTCOME_PASS : OUTCOME_FAIL),
                  &r, blob);
    lane_post(w, "lane.ready", true,
              json_pack("{s:s, s:b, s:I, s:O}", "stage", stage_name(w->plan->lane, w->point), "ok",
                        ok, "ms", (json_int_t)(clock_mono_ms() - begin), "output", blob));
    return 0;
}

static int do_packages(struct lane_work *w, struct err **err)
{
    struct lane_report *rep = w->report;

    if (lane_packages(w, &rep->before, err) < 0)
        return -1;
    return lane_scan(w, "before", &rep->before, &rep->found_before, &rep->scanned_before, err);
}

static int do_checks(struct lane_work *w, struct err **err)
{
    if (lane_checks(w, err) < 0)
        return -1;
    lane_result(w, "survives", survives_title, OUTCOME_PASS);
    return 0;
}

/* A guest that does not come back should not keep people waiting as long as a slow first boot may:
 * what this machine makes of a boot is known by now. */
static int64_t reboot_limit(const struct lane_work *w)
{
    int64_t limit = REBOOT_FACTOR * w->boot_ms;

    return limit < REBOOT_MIN_MS ? REBOOT_MIN_MS : limit > BOOT_MS ? BOOT_MS : limit;
}

static int do_reboot(struct lane_work *w, struct err **err)
{
    int64_t begin = clock_mono_ms();

    lane_post(w, "lane.reboot", false, json_object());
    if (w->clone->guest->ops->reboot(w->clone->guest, reboot_limit(w), err) < 0)
        return -1;
    lane_result(w, "boots", boots_title, OUTCOME_PASS)->points = 1u << w->point;
    lane_post(w, "lane.rebooted", true,
              json_pack("{s:I}", "ms", (json_int_t)(clock_mono_ms() - begin)));
    return 0;
}

enum { A = 1 << LANE_BASELINE, B = 1 << LANE_CANDIDATE };

static const struct lane_step {
    const char *name;
    unsigned lanes;
    enum check_point point;
    int (*enter)(struct lane_work *w, struct err **err);
    bool loss_is_result; /* a lost guest says something even about an unpatched lane */
} steps[] = {
    { "boot", A | B, POINT_FIRST, do_boot, false },
    { "ready", A | B, POINT_FIRST, do_ready, false },
    { "packages", A | B, POINT_FIRST, do_packages, false },
    { "apply", B, POINT_FIRST, lane_apply, false },
    { "checks", A | B, POINT_FIRST, do_checks, false },
    { "restart", B, POINT_RESTARTED, lane_restart, false },
    { "ready after the restart", A | B, POINT_RESTARTED, do_ready, true },
    { "checks after the restart", A | B, POINT_RESTARTED, do_checks, true },
    { "reboot", A | B, POINT_REBOOTED, do_reboot, true },
    { "ready again", A | B, POINT_REBOOTED, do_ready, true },
    { "checks again", A | B, POINT_REBOOTED, do_checks, true },
    { "observe", A | B, POINT_FIRST, lane_observe, false },
    { "undo", B, POINT_ROLLED_BACK, lane_undo, false },
    { "ready after the undo", A | B, POINT_ROLLED_BACK, do_ready, true },
    { "checks after the undo", A | B, POINT_ROLLED_BACK, do_checks, true },
};

/* The baseline is only asked again by rounds that confirm. */
static bool is_wanted(const struct lane_step *s, const struct lane_work *w)
{
    const struct lane_plan *p = w->plan;
    bool base = point_base(s->point) == s->point;

    return (s->lanes & (1u << p->lane)) && (p->points & ~w->report->left_out & (1u << s->point))
           && (base || p->lane == LANE_CANDIDATE || p->round > 1);
}

/* Console and screen: {"console": blob, "screen": blob}. */
static json_t *last_pictures(const struct lane_work *w)
{
    size_t console_len = 0, screen_len = 0;
    AUTO_FREE char *console = w->clone->ops->console(w->clone, CONSOLE_KEPT, &console_len);
    AUTO_FREE char *screen = NULL;
    AUTO_ERR ignored = NULL;

    w->clone->ops->screenshot(w->clone, &screen, &screen_len, &ignored);
    unsigned cut = console_len == CONSOLE_KEPT ? SCRUB_CUT_HEAD : SCRUB_WHOLE;
    return json_pack("{s:o, s:o}", "console", clean_blob(w, console, console_len, cut), "screen",
                     lane_blob(w, screen, screen_len));
}

/* The check points that only the candidate has tell nothing more once it is gone. */
static void leave_out_rest(struct lane_work *w)
{
    for (int p = w->point + 1; p < POINT_MAX_; p++) {
        if (point_base((enum check_point)p) != (enum check_point)p)
            w->report->left_out |= 1u << p;
    }
}

/* The guest is gone, and that is a result: a failed "boots" or "survives" at this check point. */
static void record_loss(struct lane_work *w, const char *step, const struct err *why)
{
    json_t *body = last_pictures(w);
    AUTO_JSON *console = json_incref(json_object_get(body, "console"));
    bool booting = str_eq(step, "reboot");
    struct result *r = lane_result(w, booting ? "boots" : "survives",
                                   booting ? boots_title : survives_title, OUTCOME_FAIL);

    if (booting)
        r->points = 1u << w->point;
    lane_set_output(r, console);
    r->output_total = r->output_size;
    if (w->plan->lane == LANE_CANDIDATE && !w->report->applied && !w->report->apply_problem)
        w->report->apply_problem = xstrdup(why->msg);
    leave_out_rest(w);
    json_object_set_new(body, "stage", json_string(stage_name(w->plan->lane, w->point)));
    json_object_set_new(body, "step", json_string(step));
    json_object_set_new(body, "why", json_text(why->msg));
    lane_post(w, "lane.lost", true, body);
}

static int walk(struct lane_work *w, struct err **err)
{
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        const struct lane_step *s = &steps[i];
        AUTO_ERR e = NULL;

        if (!is_wanted(s, w))
            continue;
        w->point = s->point > w->point ? s->point : w->point; /* never back */
        if (s->enter(w, &e) == 0)
            continue;
        if (e->code == ERR_GUEST && (w->patching || s->loss_is_result)) {
            record_loss(w, s->name, e);
            return 0;
        }
        *err = TAKE(e);
        return err_wrap(err, "lane '%s', step '%s'", lane_names[w->plan->lane], s->name);
    }
    return 0;
}

static void finish(struct lane_work *w)
{
    if (!w->clone)
        return;
    json_t *body = last_pictures(w);
    json_object_set_new(body, "disk_added",
                        json_integer((json_int_t)w->clone->ops->disk_added(w->clone)));
    w->clone->ops->destroy(w->clone);
    w->clone = NULL;
    lane_post(w, "lane.end", true, body);
}

int lane_run(const struct lane_plan *plan, struct lane_report *ret, struct err **err)
{
    struct lane_work w = { .plan = plan, .report = ret };

    *ret = (struct lane_report){ 0 };
    int rc = walk(&w, err);
    finish(&w);
    return rc;
}

static void restart_release(struct restart_report *r)
{
    stale_list_release(&r->before);
    stale_list_release(&r->after);
    strv_release(&r->units);
    free(r->problem);
}

static void rollback_release(struct rollback_report *r)
{
    package_list_release(&r->after);
    free(r->how);
    free(r->problem);
}

void lane_report_release(struct lane_report *r)
{
    restart_release(&r->restart);
    rollback_release(&r->rollback);
    result_list_release(&r->results);
    package_list_release(&r->before);
    package_list_release(&r->after);
    finding_list_release(&r->found_before);
    finding_list_release(&r->found_after);
    observation_release(&r->seen);
    free(r->observe_problem);
    free(r->scan_note);
    free(r->apply_problem);
    apply_facts_release(&r->facts);
}
