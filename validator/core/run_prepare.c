/* Before the lanes: is there room, and the payload disc with the patch and the testcases. */
#include "base/err.h"
#include "base/file.h"
#include "base/host.h"
#include "base/mem.h"
#include "base/unit.h"
#include "core/payload.h"
#include "core/run_scan.h"
#include "core/run_work.h"

enum { DISK_PER_LANE = 512 << 20, MEMORY_PER_LANE = 128 << 20 }; /* beside the guest's own */

static int64_t payload_size(const struct run_work *w)
{
    int64_t size = bundle_size(&w->patch.bundle);

    for (size_t i = 0; i < w->testcases.len; i++)
        size += bundle_size(&w->testcases.ptr[i].bundle);
    return size;
}

/* Standbys make room for a run: it may be of another image. */
static int64_t memory_for(const struct run_work *w, int64_t need)
{
    int64_t memory = host_memory_available();
    AUTO_ERR ignored = NULL;

    if (memory < 0 || memory >= need)
        return memory;
    w->lab->ops->standby(w->lab, NULL, 0, &ignored);
    return host_memory_available();
}

static int check_room(const struct run_work *w, struct err **err)
{
    int64_t need = (int64_t)LANE_MAX_ * DISK_PER_LANE + 2 * payload_size(w);
    int64_t room = file_room(w->site->dir);
    int64_t need_memory = w->image.memory + MEMORY_PER_LANE; /* a lane waits for the other's */
    int64_t memory = memory_for(w, need_memory);

    AUTO_FREE char *needs = unit_size(need);
    AUTO_FREE char *has = unit_size(room);
    if (room >= 0 && room < need) {
        err_set(err, ERR_NO_ROOM, "the disk of '%s' has no room for two clones: %s free, %s needed",
                w->site->dir, has, needs);
        return err_hint(err, "make room, or choose another state directory with --state");
    }
    AUTO_FREE char *needs_memory = unit_size(need_memory);
    AUTO_FREE char *has_memory = unit_size(memory);
    if (memory >= 0 && memory < need_memory) {
        err_set(err, ERR_NO_ROOM, "the host has no memory for a clone: %s available, %s needed",
                has_memory, needs_memory);
        return err_hint(err, "stop other programs, or give the image less memory");
    }
    return 0;
}

/* Secrets are read again when a run begins: nothing of them is stored with it. */
static int read_params(struct run_work *w, struct err **err)
{
    if (params_read(w->params_file, w->testcases.ptr, w->testcases.len, &w->params, err) < 0)
        return -1;
    if (w->params.len == 0)
        return 0;
    AUTO_JSON *body = json_pack("{s:o, s:o}", "file", json_text(w->params_file), "testcases",
                                params_json(&w->params));
    return run_record(w, "run.params", body, err);
}

int run_prepare(struct run_work *w, struct err **err)
{
    AUTO_PAYLOAD disc = { 0 };

    if (run_load(w, err) < 0)
        return -1;
    if (w->image.removed) {
        err_set(err, ERR_NOT_FOUND, "the disk of image '%s' was removed", w->image.name);
        return err_hint(err, "build or import the image again");
    }
    if (check_room(w, err) < 0 || dir_make(w->dir, 0711, err) < 0)
        return -1;
    w->payload = path_join(w->dir, "payload.iso");
    payload_add(&disc, w->site, PAYLOAD_PATCH, &w->patch.bundle);
    for (size_t i = 0; i < w->testcases.len; i++) {
        AUTO_FREE char *below = path_join("testcases", w->testcases.ptr[i].name);
        payload_add(&disc, w->site, below, &w->testcases.ptr[i].bundle);
    }
    if (payload_write(&disc, w->site, w->payload, err) < 0)
        return -1;

    AUTO_JSON *lab = json_pack("{s:s, s:s, s:s}", "accel", w->lab->facts.accel, "uri",
                               w->lab->facts.uri, "versions", w->lab->facts.versions);
    if (run_record(w, "lab", lab, err) < 0)
        return -1;
    if (read_params(w, err) < 0)
        return -1;
    return run_scan_load(w, err);
}
