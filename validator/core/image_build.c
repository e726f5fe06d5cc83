/*
 * From a recipe to an image.
 *
 * The work happens in one directory: in the cache, under the digest of the recipe, so that one
 * recipe is built once at a time and once for all state directories; without a cache in
 * DIR/images.  The disk gets from there to DIR/images as a hard link where possible.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/stop.h"
#include "core/bundle.h"
#include "core/image.h"
#include "core/image_cache.h"
#include "core/image_disk.h"
#include "core/image_work.h"
#include "core/site.h"
#include "ports/builder.h"

enum {
    NAME_BYTES = 8,
    CACHE_DIR_MODE = 0755,
    DISK_MODE = 0444,
};

struct recipe {
    const char *dir;
    struct image_spec spec;
    char digest[DIGEST_HEX_SIZE];
};

static void recipe_release(struct recipe *r)
{
    image_spec_release(&r->spec);
}
#define AUTO_RECIPE __attribute__((cleanup(recipe_release))) struct recipe

struct build_work {
    const struct site *site;
    const struct recipe *recipe;
    const struct image_progress *progress;
    char *images; /* DIR/images */
};

/* --- the recipe ----------------------------------------------------------------------------- */

static int add_use(const struct recipe *r, const char *path, json_t *uses, struct err **err)
{
    AUTO_FREE char *full = path[0] == '/' ? xstrdup(path) : path_join(r->dir, path);
    char hex[DIGEST_HEX_SIZE];
    struct stat st;

    if (stat(full, &st) != 0)
        return err_set_errno(err, errno, "cannot look at '%s', which it uses", full);
    if (digest_file(full, hex, NULL, err) < 0)
        return -1;
    json_array_append_new(uses, json_pack("{s:b, s:o, s:s}", "executable", st.st_mode & S_IXUSR,
                                          "path", json_text(path), "sha256", hex));
    return 0;
}

/* image.yaml is one of the files of the bundle. */
static int recipe_digest(const struct recipe *r, char ret[DIGEST_HEX_SIZE], struct err **err)
{
    AUTO_BUNDLE b = { 0 };
    AUTO_JSON *uses = json_array();

    if (bundle_read(r->dir, &b, err) < 0)
        return -1;
    for (size_t i = 0; i < r->spec.build_uses.len; i++)
        if (add_use(r, r->spec.build_uses.ptr[i], uses, err) < 0)
            return -1;
    AUTO_JSON *all = json_pack("{s:s, s:O}", "bundle", b.digest, "uses", uses);
    AUTO_FREE char *text = json_canonical(all);
    digest_mem(text, strlen(text), ret);
    return 0;
}

static int recipe_read(struct recipe *r, struct err **err)
{
    AUTO_FREE char *path = path_join(r->dir, "image.yaml");

    if (image_spec_read(path, &r->spec, err) < 0)
        return -1;
    if (!r->spec.build_command) {
        err_set(err, ERR_INVALID, "%s: key 'build': required to build it, but missing", path);
        return err_hint(err, "a disk that is there already comes in with 'patchlab image import'");
    }
    if (recipe_digest(r, r->digest, err) < 0)
        return err_wrap(err, "recipe '%s'", r->dir);
    return 0;
}

/* The cache must not give out under this digest what other files have made. */
static int check_unchanged(const struct recipe *r, struct err **err)
{
    char now[DIGEST_HEX_SIZE];

    if (recipe_digest(r, now, err) < 0)
        return -1;
    if (strcmp(now, r->digest) == 0)
        return 0;
    err_set(err, ERR_CONFLICT, "the recipe '%s' was changed while it was built", r->dir);
    return err_hint(err, "build it again");
}

/* --- the build ------------------------------------------------------------------------------ */

static void on_step(void *arg, const char *what)
{
    image_step(arg, what, -1);
}

static void on_waiting(void *arg)
{
    image_step(arg, "wait for another build of this recipe", -1);
}

/* The log of the last build stays, for people; of one that was interrupted nothing does. */
static int keep_log(const struct build_work *w, const char *log, int rc, struct err **err)
{
    AUTO_FREE char *kept = xasprintf("%s/%s.log", w->images, w->recipe->spec.name);
    AUTO_ERR ignored = NULL;

    if ((rc < 0 && (*err)->code == ERR_CANCELLED) || !file_exists(log)
        || file_copy(log, kept, 0644, &ignored) < 0)
        return rc;
    if (rc < 0 && !(*err)->hint)
        err_hint(err, "the log is in '%s'", kept);
    return rc;
}

static int run_builder(const struct build_work *w, const char *dir, const char *output,
                       struct err **err)
{
    const struct image_spec *spec = &w->recipe->spec;
    AUTO_FREE char *log = path_join(dir, "log");
    AUTO_FREE char *scratch = path_join(dir, "scratch");
    const struct build b = {
        .dir = w->recipe->dir,
        .command = spec->build_command,
        .output = output,
        .work = scratch,
        .log = log,
        .size = spec->size,
        .timeout_ms = spec->build_timeout,
        .stop = w->site->stop,
        .on_step = on_step,
        .arg = (void *)w->progress,
    };

    image_step(w->progress, "start the build", -1);
    return keep_log(w, log, w->site->builder->run(&b, err), err);
}

/* The sealed disk is then `to`. */
static int build_in(const struct build_work *w, const char *dir, const char *to,
                    struct sealed_disk *ret, struct err **err)
{
    AUTO_FREE char *output = path_join(dir, "output");

    /* Tree, raw disk and qcow2 of it, each a third full at most: what our own recipes take. */
    if (image_check_room(dir, w->recipe->spec.size, "build the image", err) < 0
        || run_builder(w, dir, output, err) < 0 || check_unchanged(w->recipe, err) < 0)
        return -1;
    return image_seal(w->site, output, NULL, to, w->progress, ret, err);
}

static int build_into_cache(const struct build_work *w, const char *dir, struct err **err)
{
    AUTO_FREE char *to = path_join(dir, "disk.qcow2");
    struct sealed_disk disk;

    if (build_in(w, dir, to, &disk, err) < 0)
        return -1;
    return image_cache_put(w->site, w->recipe->digest, w->recipe->spec.name, &disk, err);
}

/* Who wants a fresh disk also takes one that somebody else has finished meanwhile. */
static int through_cache(const struct build_work *w, bool fresh, const char *to,
                         struct sealed_disk *ret, bool *ret_cached, struct err **err)
{
    const struct site *site = w->site;
    const char *recipe = w->recipe->digest;
    int64_t since = fresh ? clock_wall_ms() : 0;
    AUTO_IMAGE_WORK work = IMAGE_WORK_NONE;

    if (dir_make(site->cache, CACHE_DIR_MODE, err) < 0
        || image_work_open(site, site->cache, recipe, on_waiting, (void *)w->progress, &work, err)
               < 0)
        return -1;
    int found = image_cache_get(site, recipe, since, to, ret, err);
    *ret_cached = found > 0;
    if (found != 0)
        return found < 0 ? -1 : 0;
    if (build_into_cache(w, work.dir, err) < 0)
        return -1;
    found = image_cache_get(site, recipe, 0, to, ret, err);
    if (found == 0)
        return err_set(err, ERR_CORRUPT, "the cache '%s' does not keep what is put in",
                       site->cache);
    return found < 0 ? -1 : 0;
}

/* --- the image ------------------------------------------------------------------------------ */

static json_t *origin_json(const struct recipe *r)
{
    return json_pack("{s:s, s:s, s:s}", "kind", "recipe", "name", r->spec.name, "digest",
                     r->digest);
}

static int make(struct build_work *w, bool fresh, struct sealed_disk *disk, bool *ret_cached,
                struct err **err)
{
    const struct site *site = w->site;
    AUTO_FREE char *name = random_hex(NAME_BYTES);
    AUTO_IMAGE_WORK in = IMAGE_WORK_NONE;
    int rc;

    if (image_disks_open(site, &w->images, err) < 0
        || image_work_open(site, w->images, name, NULL, NULL, &in, err) < 0)
        return -1;
    AUTO_FREE char *to = path_join(in.dir, "disk.qcow2");
    if (site->cache)
        rc = through_cache(w, fresh, to, disk, ret_cached, err);
    else
        rc = build_in(w, in.dir, to, disk, err);
    if (rc < 0 || stop_check(site->stop, err) < 0)
        return -1;
    return image_disk_adopt(site, &w->recipe->spec, origin_json(w->recipe), disk, err);
}

int image_build(const struct site *site, const char *recipe_dir, bool fresh,
                const struct image_progress *progress, char ret[DIGEST_HEX_SIZE], bool *ret_cached,
                struct err **err)
{
    AUTO_RECIPE recipe = { .dir = recipe_dir };
    struct build_work w = { .site = site, .recipe = &recipe, .progress = progress };
    struct sealed_disk disk;
    bool cached = false;

    if (recipe_read(&recipe, err) < 0 || image_check_packages(site, &recipe.spec, err) < 0)
        return -1;
    int rc = make(&w, fresh, &disk, &cached, err);
    free(w.images);
    if (rc < 0)
        return err_wrap(err, "build image '%s'", recipe.spec.name);
    memcpy(ret, disk.digest, sizeof(disk.digest));
    *ret_cached = cached;
    return 0;
}
