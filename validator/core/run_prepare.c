/* Before the lanes: is there room, and the payload disc with the patch and the testcases. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/file.h"
#include "base/host.h"
#include "base/mem.h"
#include "base/unit.h"
#include "core/run_work.h"
#include "ports/archive.h"
#include "store/blob.h"

enum { DISK_PER_LANE = 512 << 20, MEMORY_PER_LANE = 128 << 20 }; /* beside the guest's own */

struct disc {
    struct disc_entry *ptr;
    size_t len;
};

static void disc_release(struct disc *d)
{
    for (size_t i = 0; i < d->len; i++) {
        free((char *)d->ptr[i].path);
        free((char *)d->ptr[i].file);
    }
    free(d->ptr);
}

static void add_bundle(struct disc *d, const struct run_work *w, const char *below,
                       const struct bundle *b)
{
    d->ptr = xreallocarray(d->ptr, d->len + b->len, sizeof(*d->ptr));
    for (size_t i = 0; i < b->len; i++)
        d->ptr[d->len++] = (struct disc_entry){
            .path = path_join(below, b->ptr[i].path),
            .file = blob_path(w->site->blobs, b->ptr[i].sha256),
            .mode = b->ptr[i].mode,
        };
}

static int64_t payload_size(const struct run_work *w)
{
    int64_t size = bundle_size(&w->patch.bundle);

    for (size_t i = 0; i < w->testcases.len; i++)
        size += bundle_size(&w->testcases.ptr[i].bundle);
    return size;
}

static int check_room(const struct run_work *w, struct err **err)
{
    int64_t need = (int64_t)LANE_MAX_ * DISK_PER_LANE + 2 * payload_size(w);
    int64_t room = file_room(w->site->dir);
    int64_t memory = host_memory_available();
    int64_t need_memory = LANE_MAX_ * (w->image.memory + MEMORY_PER_LANE);

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
        err_set(err, ERR_NO_ROOM, "the host has no memory for two clones: %s available, %s needed",
                has_memory, needs_memory);
        return err_hint(err, "stop other programs, or give the image less memory");
    }
    return 0;
}

int run_prepare(struct run_work *w, struct err **err)
{
    struct disc disc = { 0 };

    if (run_load(w, err) < 0)
        return -1;
    if (w->image.removed) {
        err_set(err, ERR_NOT_FOUND, "the disk of image '%s' was removed", w->image.name);
        return err_hint(err, "build or import the image again");
    }
    if (check_room(w, err) < 0 || dir_make(w->dir, 0711, err) < 0)
        return -1;
    w->payload = path_join(w->dir, "payload.iso");
    add_bundle(&disc, w, "patch", &w->patch.bundle);
    for (size_t i = 0; i < w->testcases.len; i++) {
        AUTO_FREE char *below = path_join("testcases", w->testcases.ptr[i].name);
        add_bundle(&disc, w, below, &w->testcases.ptr[i].bundle);
    }
    int rc = w->site->archive->write_disc(w->payload, "PATCHLAB", disc.ptr, disc.len, w->site->stop,
                                          err);
    disc_release(&disc);
    if (rc < 0)
        return err_wrap(err, "write the payload disc");

    AUTO_JSON *lab = json_pack("{s:s, s:s, s:s}", "accel", w->lab->facts.accel, "uri",
                               w->lab->facts.uri, "versions", w->lab->facts.versions);
    return run_record(w, "lab", lab, err);
}
