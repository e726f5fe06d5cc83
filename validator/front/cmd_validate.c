/* validate: the main job, from a patch and an image to a verdict. */
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "core/image.h"
#include "core/patch.h"
#include "core/scanning.h"
#include "core/run.h"
#include "core/server.h"
#include "front/batch.h"
#include "front/commands.h"
#include "front/progress.h"
#include "front/scanners.h"
#include "front/show_run.h"
#include "front/status.h"
#include "front/testcases.h"
#include "front/wire.h"

enum { JOBS_MAX = 64 };

struct watcher {
    struct progress *progress;
    int64_t run;
};

static void on_event(void *arg, const struct event *e)
{
    const struct watcher *w = arg;

    progress_event(w->progress, w->run, e);
}

static int parse_options(const struct cli *c, const struct wire *w, struct run_options *ret,
                         struct err **err)
{
    struct run_options o = RUN_OPTIONS_DEFAULT;
    int last = (int)o.last;
    int64_t confirm;

    if (cli_opt_int(c, "confirm", o.confirm, 0, RUN_CONFIRM_MAX, &confirm, err) < 0)
        return -1;
    o.confirm = (int)confirm;
    o.cold = cli_flag(c, "cold");
    o.gates = wire_config(w)->gates;
    o.observe = wire_config(w)->observe && !cli_flag(c, "no-observe");
    o.scanner = scanners_choose(c, w);
    if (wire_config(w)->scan_applications > 0)
        o.applications = (int)wire_config(w)->scan_applications;
    if (!scanner_find(wire_site(w), o.scanner, NULL, err))
        return -1;
    if (cli_opt_name(c, "until", point_names, &last, err) < 0)
        return -1;
    o.last = (enum check_point)last;
    *ret = o;
    return 0;
}

/* What one run needs; found before anything is written. */
struct job {
    struct image image;
    struct patch patch;
    struct testcase_list testcases;
    char *params;
};
struct job_list {
    struct job *ptr;
    size_t len;
};

static void job_list_release(struct job_list *l)
{
    for (size_t i = 0; i < l->len; i++) {
        image_release(&l->ptr[i].image);
        patch_release(&l->ptr[i].patch);
        testcase_list_release(&l->ptr[i].testcases);
        free(l->ptr[i].params);
    }
    free(l->ptr);
}
#define AUTO_JOB_LIST __attribute__((cleanup(job_list_release))) struct job_list

/* What the image says of itself; else what the inventory says of the servers it stands for. */
static int categories_of(const struct site *site, const struct image *i, struct strv *ret,
                         struct err **err)
{
    const char *own = json_str_at(json_object_get(i->record, "represents"), "category");
    AUTO_JSON *servers = own ? NULL : server_list_of_image(site, i->id, err);
    const json_t *s;
    size_t k;

    if (own)
        strv_add(ret, own);
    else if (!servers)
        return -1;
    json_array_foreach(servers, k, s)
    {
        const char *category = json_str_at(s, "category");
        if (category && !strv_has(ret, category))
            strv_add(ret, category);
    }
    return 0;
}

static int find_job(const struct cli *c, const struct wire *w, const char *patch, const char *image,
                    struct job_list *l, struct err **err)
{
    const struct site *site = wire_site(w);

    l->ptr = xreallocarray(l->ptr, l->len + 1, sizeof(*l->ptr));
    struct job *j = &l->ptr[l->len++];
    *j = (struct job){ 0 };
    if (image_find(site, image, /* removed_too= */ false, &j->image, err) < 0
        || patch_find(site, patch, &j->patch, err) < 0
        || testcases_choose(c, w, &j->testcases, err) < 0)
        return -1;
    AUTO_STRV categories = { 0 };
    if (categories_of(site, &j->image, &categories, err) < 0)
        return -1;
    testcases_keep_applying(&j->testcases, j->image.name, &categories);
    return testcases_params(c, w, j->image.name, &j->params, err);
}

/* The images of --image, and those that stand for the servers of --server; each once. */
static int choose_images(const struct cli *c, const struct wire *w, struct strv *ret,
                         struct err **err)
{
    AUTO_STRV images = { 0 }, servers = { 0 };

    cli_opts(c, "image", &images);
    cli_opts(c, "server", &servers);
    for (size_t i = 0; i < images.len; i++) {
        if (!strv_has(ret, images.ptr[i]))
            strv_add(ret, images.ptr[i]);
    }
    for (size_t i = 0; i < servers.len; i++) {
        AUTO_IMAGE image = { 0 };
        if (image_of_server(wire_site(w), servers.ptr[i], &image, err) < 0)
            return -1;
        if (!strv_has(ret, image.digest) && !strv_has(ret, image.name))
            strv_add(ret, image.digest);
    }
    if (ret->len > 0)
        return 0;
    err_set(err, ERR_INVALID, "'validate' needs the option '--image' or '--server'");
    return err_hint(err, "'patchlab image list' shows what there is");
}

static int find_jobs(const struct cli *c, const struct wire *w, struct job_list *ret,
                     struct err **err)
{
    AUTO_STRV images = { 0 };

    if (choose_images(c, w, &images, err) < 0)
        return -1;
    for (int i = 0; i < c->arg_count; i++) {
        for (size_t k = 0; k < images.len; k++) {
            if (find_job(c, w, c->args[i], images.ptr[k], ret, err) < 0)
                return -1;
        }
    }
    return 0;
}

/* All or none: what was created is cancelled when a later one cannot be. */
static int create(const struct site *site, const struct job_list *jobs,
                  const struct run_options *options, int64_t *ids, struct err **err)
{
    for (size_t i = 0; i < jobs->len; i++) {
        const struct job *j = &jobs->ptr[i];
        struct run_options own = *options;
        own.params = j->params;
        if (run_create(site, &j->image, &j->patch, &j->testcases, &own, &ids[i], err) == 0)
            continue;
        for (size_t k = 0; k < i; k++) {
            AUTO_ERR ignored = NULL;
            run_cancel(site, ids[k], &ignored);
        }
        return -1;
    }
    return 0;
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

static int execute_one(struct cli *c, struct wire *w, int64_t id, struct err **err)
{
    enum verdict verdict;
    AUTO_ERR failed = NULL;

    if (execute(c, w, id, &verdict, &failed) < 0) {
        AUTO_ERR ignored = NULL;
        run_cancel(wire_site(w), id, &ignored); /* nobody will work on it */
        *err = TAKE(failed);
        return -1;
    }
    AUTO_JSON *run = run_json(wire_site(w), id, err);
    if (!run || (!cli_json(c, run) && show_run(wire_site(w), run, /* all= */ false, err) < 0))
        return -1;
    return verdict_status(verdict);
}

static int tell_queued(const struct cli *c, const int64_t *ids, size_t n)
{
    AUTO_JSON *list = json_array();

    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, json_integer((json_int_t)ids[i]));
    if (cli_json(c, list))
        return STATUS_DONE;
    for (size_t i = 0; i < n; i++)
        printf("run %lld is queued\n", (long long)ids[i]);
    puts("'patchlab work' works on it; 'patchlab run watch RUN' follows one");
    return STATUS_DONE;
}

static int validate(struct cli *c, struct err **err)
{
    struct wire *w = cli_wire(c, err);
    struct run_options options;
    AUTO_JOB_LIST jobs = { 0 };
    int64_t at_once;

    if (!w || parse_options(c, w, &options, err) < 0 || find_jobs(c, w, &jobs, err) < 0
        || cli_opt_int(c, "jobs", batch_jobs_default(), 1, JOBS_MAX, &at_once, err) < 0)
        return -1;
    options.queued = jobs.len > 1 || cli_flag(c, "queue");
    AUTO_FREE int64_t *ids = xcalloc(jobs.len, sizeof(*ids));
    if (create(wire_site(w), &jobs, &options, ids, err) < 0)
        return -1;
    if (cli_flag(c, "queue"))
        return tell_queued(c, ids, jobs.len);
    if (jobs.len > 1)
        return batch_execute(c, w, ids, jobs.len, (int)at_once, err);
    return execute_one(c, w, ids[0], err);
}

static const struct option validate_options[] = {
    { "image", "NAME", "the image to clone: NAME or the head of its digest (again for more)" },
    { "server", "NAME", "the image that stands for this server (again for more)" },
    TESTCASES_OPTION,
    PARAMS_OPTION,
    { "confirm", "N", "rounds on fresh clones before a difference counts (1)" },
    { "cold", NULL, "boot every clone, even when there is a warm image" },
    { "until", "STAGE", "end after patched, restarted, rebooted or rolled-back (the last)" },
    { "no-observe", NULL, "do not look what the patch changes beyond the checks" },
    SCANNER_OPTION,
    { "queue", NULL, "leave it to 'patchlab work'" },
    { "jobs", "N", "of several runs, so many at once (half the cores)" },
    { 0 },
};

const struct cli_command validate_commands[] = {
    { "validate", "PATCH...", 1, -1, "Try a patch in clones of an image and give a verdict",
      "Two clones of the image run the same checks, one as it is, one with the patch: once it is\n"
      "applied, after what uses replaced files was restarted, after a reboot, and after the patch\n"
      "was undone. A difference is looked at again on fresh clones; what does not come again\n"
      "each time is 'flaky'. The verdict is recorded with its evidence.\n"
      "The exit status is the verdict: 0 pass, 1 fail, 3 review, 4 broken; of several runs it is\n"
      "the worst one's.",
      validate_options, validate },
    { 0 },
};
