/* validate: the main job, from a patch and an image to a verdict. */
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "core/image.h"
#include "core/patch.h"
#include "core/run.h"
#include "front/commands.h"
#include "front/progress.h"
#include "front/show_run.h"
#include "front/status.h"
#include "front/testcases.h"
#include "front/wire.h"

struct watcher {
    struct progress *progress;
    int64_t run;
};

static void on_event(void *arg, const struct event *e)
{
    const struct watcher *w = arg;

    progress_event(w->progress, w->run, e);
}

static int parse_options(const struct cli *c, struct run_options *ret, struct err **err)
{
    const char *until = cli_opt(c, "until");
    struct run_options o = RUN_OPTIONS_DEFAULT;
    int64_t confirm;

    if (cli_opt_int(c, "confirm", o.confirm, 0, RUN_CONFIRM_MAX, &confirm, err) < 0)
        return -1;
    o.confirm = (int)confirm;
    o.cold = cli_flag(c, "cold");
    for (int i = 0; until && i < POINT_MAX_; i++) {
        if (str_eq(point_names[i], until))
            o.last = (enum check_point)i;
    }
    if (until && !str_eq(until, point_names[o.last]))
        return err_set(err, ERR_INVALID,
                       "option '--until': expected patched or rebooted, found '%s'", until);
    *ret = o;
    return 0;
}

static int create(struct cli *c, struct wire *w, const struct run_options *options, int64_t *ret_id,
                  struct err **err)
{
    const struct site *site = wire_site(w);
    AUTO_TESTCASE_LIST testcases = { 0 };
    AUTO_PATCH patch = { 0 };
    AUTO_IMAGE image = { 0 };
    const char *name;

    if (cli_opt_need(c, "image", &name, err) < 0
        || image_find(site, name, /* removed_too= */ false, &image, err) < 0
        || patch_find(site, c->args[0], &patch, err) < 0
        || testcases_choose(c, w, &testcases, err) < 0)
        return -1;
    json_t *represents = json_object_get(image.record, "represents");
    testcases_keep_applying(&testcases, image.name, json_str_at(represents, "category"));
    return run_create(site, &image, &patch, &testcases, options, ret_id, err);
}

static int execute(struct cli *c, struct wire *w, int64_t id, enum verdict *ret, struct err **err)
{
    AUTO_PROGRESS p = progress_new(c, err);
    struct watcher watcher = { .progress = p, .run = id };

    if (!p)
        return -1;
    struct lab *lab = wire_lab(w, err);
    if (!lab)
        return -1;
    return run_execute(wire_site(w), lab, id, on_event, &watcher, ret, err);
}

static int validate(struct cli *c, struct err **err)
{
    struct wire *w = cli_wire(c, err);
    struct run_options options;
    enum verdict verdict;
    AUTO_ERR failed = NULL;
    int64_t id;

    if (!w || parse_options(c, &options, err) < 0 || create(c, w, &options, &id, err) < 0)
        return -1;
    if (execute(c, w, id, &verdict, &failed) < 0) {
        AUTO_ERR ignored = NULL;
        run_cancel(wire_site(w), id, &ignored); /* nobody will work on it */
        *err = TAKE(failed);
        return -1;
    }
    AUTO_JSON *run = run_json(wire_site(w), id, err);
    if (!run || (!cli_json(c, run) && show_run(wire_site(w), run, err) < 0))
        return -1;
    return verdict_status(verdict);
}

static const struct option validate_options[] = {
    { "image", "NAME", "the image to clone: NAME or the head of its digest; needed" },
    TESTCASES_OPTION,
    { "confirm", "N", "rounds on fresh clones before a difference counts (1)" },
    { "cold", NULL, "boot every clone, even when there is a warm image" },
    { "until", "STAGE", "end after patched or rebooted (rebooted)" },
    { 0 },
};

const struct cli_command validate_commands[] = {
    { "validate", "PATCH", 1, 1, "Try a patch in clones of an image and give a verdict",
      "Two clones of the image run the same checks, one as it is, one with the patch, before and\n"
      "after a reboot. A difference is looked at again on fresh clones; what does not come again\n"
      "each time is 'flaky'. The verdict is recorded with its evidence.\n"
      "The exit status is the verdict: 0 pass, 1 fail, 3 review, 4 broken.",
      validate_options, validate },
    { 0 },
};
