/* A place for images; see image_place.h. */
#include "fakes/image_place.h"

#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/stop.h"
#include "ports/builder.h"
#include "ports/disk.h"
#include "ports/pkgmgr.h"

struct fake_builder fake;

void put(const char *path, const char *text)
{
    AUTO_ERR e = NULL;

    expect_ok(file_write(path, text, strlen(text), 0644, &e) == 0, &e);
}

void put_in(const char *dir, const char *name, const char *text)
{
    AUTO_FREE char *path = path_join(dir, name);

    put(path, text);
}

static void wait_for_go(void)
{
    AUTO_FREE char *ready = xasprintf("%s.ready", fake.go);

    put(ready, "");
    while (!file_exists(fake.go))
        usleep(2000);
}

static int fake_run(const struct build *b, struct err **err)
{
    AUTO_FREE char *text = xasprintf("disk %d of %s", ++fake.runs, path_base(b->dir));

    fake.size = b->size;
    assert_false(file_exists(b->output));
    expect_ok(dir_make(b->work, 0700, err) == 0, err);
    put_in(b->work, "tree", "");
    put(b->log, "the log\n");
    put(b->output, text);
    b->on_step(b->arg, "install packages");
    switch (fake.way) {
    case GOOD:
        break;
    case FAILS:
        return err_set(err, ERR_IO, "it is broken");
    case STOPPED:
        stop_raise((struct stop *)b->stop, SIGINT);
        return err_set(err, ERR_CANCELLED, "the build was interrupted");
    case DIES:
        raise(SIGKILL);
        break;
    case EDITS_RECIPE:
        put_in(b->dir, "setup.sh", "edited");
        break;
    case WAITS_FOR_GO:
        wait_for_go();
        break;
    }
    return dir_remove(b->work, err);
}

static int fake_clean(const char *work, struct err **err)
{
    return dir_remove(work, err);
}

static const struct builder_ops fake_builder = { .run = fake_run, .clean = fake_clean };

static int fake_inspect(const char *path, const char *format, struct disk_info *ret,
                        struct err **err)
{
    AUTO_FREE char *text = file_read(path, 1 << 20, NULL, err);

    if (!text)
        return -1;
    if (strstr(text, "bad"))
        return err_set(err, ERR_INVALID, "cannot use disk '%s'", path);
    *ret = (struct disk_info){ .format = xstrdup(format ? format : "raw"),
                               .virtual_size = 1 << 30,
                               .actual_size = strstr(text, "huge") ? INT64_C(1) << 60 : 4096 };
    return 0;
}

/* "unsealable" fails half-way. */
static int fake_seal(const char *path, const char *format, const char *to, const struct stop *s,
                     void (*progress)(void *arg, double fraction), void *arg, struct err **err)
{
    AUTO_FREE char *text = file_read(path, 1 << 20, NULL, err);

    (void)format;
    expect_ok(text, err);
    progress(arg, 0.5);
    if (stop_check(s, err) < 0)
        return -1;
    if (strstr(text, "unsealable"))
        return err_set(err, ERR_NO_ROOM, "cannot seal disk '%s'", path);
    return file_write(to, text, strlen(text), 0444, err);
}

static const struct disk_ops fake_disk = { .inspect = fake_inspect, .seal = fake_seal };

static const struct pkgmgr fake_deb = { .kind = "deb" };
static const struct pkgmgr *const pkgmgrs[] = { &fake_deb, NULL };

/* --- a state directory, a cache and a recipe ------------------------------------------------ */

struct place place_open(void)
{
    struct place p = { .f = fixture_open() };
    AUTO_FREE char *lib = path_join(p.f.dir, "lib.sh");
    AUTO_ERR e = NULL;

    memset(&fake, 0, sizeof(fake));
    p.stop = stop_new();
    p.cache = path_join(p.f.dir, "cache/images");
    p.recipe = path_join(p.f.dir, "recipe");
    p.images = path_join(p.f.dir, "images");
    expect_ok(dir_make(p.recipe, 0755, &e) == 0, &e);
    put(lib, "library");
    put_in(p.recipe, "image.yaml", PLACE_YAML);
    put_in(p.recipe, "build.sh", "build");
    p.site = (struct site){
        .dir = p.f.dir,
        .cache = p.cache,
        .user = "ann@host",
        .store = p.f.s,
        .stop = p.stop,
        .disk = &fake_disk,
        .builder = &fake_builder,
        .pkgmgrs = pkgmgrs,
    };
    return p;
}

void place_close(struct place *p)
{
    fixture_close(&p->f);
    free(p->cache);
    free(p->recipe);
    free(p->images);
    stop_free(p->stop);
}
int place_build(struct place *p, bool fresh, bool *ret_cached, struct err **err)
{
    char digest[DIGEST_HEX_SIZE];

    return image_build(&p->site, p->recipe, fresh, NULL, digest, ret_cached, err);
}

char *listing(const char *dir)
{
    AUTO_STRV names = { 0 };
    AUTO_ERR e = NULL;

    if (!file_exists(dir))
        return xstrdup("");
    expect_ok(dir_list(dir, &names, &e) == 0, &e);
    return strv_join(&names, " ");
}

void expect_listing(const char *dir, const char *expected)
{
    AUTO_FREE char *found = listing(dir);

    assert_string_equal(found, expected);
}

void expect_nothing(const struct place *p)
{
    expect_listing(p->images, "");
    expect_listing(p->cache, "");
}

int64_t place_rows(struct place *p)
{
    return fixture_count(&p->f, "SELECT count(*) FROM image WHERE removed IS NULL");
}

mode_t mode_of(const char *path)
{
    struct stat st;

    assert_int_equal(stat(path, &st), 0);
    return st.st_mode & 07777;
}

struct image place_image(struct place *p, const char *name)
{
    struct image i = { 0 };
    AUTO_ERR e = NULL;

    expect_ok(image_find(&p->site, name, false, &i, &e) == 0, &e);
    return i;
}
