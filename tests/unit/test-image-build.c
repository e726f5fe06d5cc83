/* Images are built, through the cache; whatever fails or is interrupted leaves nothing. */
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/stop.h"
#include "fakes/image_place.h"

static void expect_built(struct place *p, bool fresh, bool cached)
{
    bool was_cached = !cached;
    AUTO_ERR e = NULL;

    expect_ok(place_build(p, fresh, &was_cached, &e) == 0, &e);
    assert_int_equal(was_cached, cached);
}

static void expect_failure(struct place *p, enum err_code code, const char *part)
{
    bool cached;
    AUTO_ERR e = NULL;

    assert_int_equal(place_build(p, false, &cached, &e), -1);
    expect_err(code, part, &e);
}

/* The path of the only entry of the cache with this suffix. */
static char *cache_file(const struct place *p, const char *suffix)
{
    AUTO_STRV names = { 0 };
    AUTO_ERR e = NULL;

    expect_ok(dir_list(p->cache, &names, &e) == 0, &e);
    for (size_t i = 0; i < names.len; i++)
        if (str_ends(names.ptr[i], suffix))
            return path_join(p->cache, names.ptr[i]);
    fail_msg("the cache has no %s", suffix);
    return NULL;
}

/* --- building ------------------------------------------------------------------------------- */

static void a_build_gives_a_disk_and_its_record(void **state)
{
    AUTO_PLACE p = place_open();

    (void)state;
    fixture_time(77);
    expect_built(&p, false, false);
    AUTO_IMAGE i = place_image(&p, "tiny");
    AUTO_ERR e = NULL;
    char digest[DIGEST_HEX_SIZE];
    expect_ok(digest_file(i.disk, digest, NULL, &e) == 0, &e);
    assert_string_equal(i.digest, digest);
    assert_int_equal(fake.size, 8 << 20);
    assert_int_equal(mode_of(i.disk), 0444);
    assert_int_equal(mode_of(p.images) & 0111, 0111); /* QEMU's user has to get there */
    assert_int_equal(mode_of(p.f.dir) & 0111, 0111);
    assert_int_equal(i.memory, 512 << 20);
    json_t *origin = json_object_get(i.record, "origin"), *made = json_object_get(i.record, "made");
    assert_string_equal(json_str_at(origin, "kind"), "recipe");
    assert_string_equal(json_str_at(origin, "name"), "tiny");
    assert_int_equal(strlen(json_str_at(origin, "digest")), 64);
    assert_string_equal(json_str_at(made, "by"), "ann@host");
    assert_int_equal(json_int_at(made, "at"), 77);
    assert_string_equal(json_str_at(i.record, "format"), "qcow2");
    assert_string_equal(json_str_at(i.record, "digest"), digest);
    assert_int_equal(json_int_at(i.record, "virtual_size"), 1 << 30);
    assert_int_equal(fixture_count(&p.f, "SELECT count(*) FROM image, json_each(image.spec,"
                                         " '$.represents.servers') AS s"
                                         " WHERE s.value = 'web-01'"),
                     1);
    AUTO_FREE char *log = path_join(p.images, "tiny.log");
    assert_true(file_exists(log));
    AUTO_FREE char *expected = xasprintf("%s.qcow2 tiny.log", digest);
    expect_listing(p.images, expected);
}

static void the_same_recipe_is_built_once(void **state)
{
    AUTO_PLACE p = place_open();
    struct place other = p; /* another state directory, the same cache */

    (void)state;
    expect_built(&p, false, false);
    other.f = fixture_open();
    other.site.dir = other.f.dir;
    other.site.store = other.f.s;
    expect_built(&other, false, true);
    assert_int_equal(place_rows(&other), 1);
    fixture_close(&other.f);
    expect_built(&p, false, true);
    assert_int_equal(fake.runs, 1);
    assert_int_equal(place_rows(&p), 1);
    expect_built(&p, true, false);
    assert_int_equal(fake.runs, 2);
    assert_int_equal(place_rows(&p), 2);
    expect_built(&p, false, true); /* and the fresh one is what the cache has now */
    assert_int_equal(place_rows(&p), 2);
}

static void without_a_cache_it_is_built_each_time(void **state)
{
    AUTO_PLACE p = place_open();

    (void)state;
    p.site.cache = NULL;
    expect_built(&p, false, false);
    expect_built(&p, false, false);
    assert_int_equal(fake.runs, 2);
    assert_int_equal(place_rows(&p), 2);
    expect_listing(p.cache, "");
}

static void each_part_of_the_recipe_counts(void **state)
{
    AUTO_PLACE p = place_open();
    AUTO_FREE char *script = path_join(p.recipe, "build.sh");

    (void)state;
    expect_built(&p, false, false);
    put_in(p.recipe, "build.sh", "other");
    expect_built(&p, false, false);
    assert_int_equal(chmod(script, 0755), 0);
    expect_built(&p, false, false);
    put_in(p.recipe, "more", "");
    expect_built(&p, false, false);
    put_in(p.recipe, "image.yaml", PLACE_YAML "vcpus: 2\n");
    expect_built(&p, false, false);
    put_in(p.f.dir, "lib.sh", "other library");
    expect_built(&p, false, false);
    expect_built(&p, false, true);
    put_in(p.f.dir, "lib.sh", "library");
    expect_built(&p, false, true);
    assert_int_equal(fake.runs, 6);
}

static void replace(const char *path, const char *text)
{
    assert_int_equal(unlink(path), 0); /* not in place: it may be a link */
    put(path, text);
}

static void a_damaged_entry_is_built_again(void **state)
{
    static const struct {
        const char *suffix, *text; /* NULL: removed */
    } damage[] = {
        { ".qcow2", "disk" },
        { ".qcow2", "" },
        { ".qcow2", NULL },
        { ".json", "{" },
        { ".json", "{}" },
        { ".json", "{\"digest\": \"../../etc/passwd\"}" },
        { ".json", "{\"digest\": 1}" },
        { ".json", NULL },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(damage); i++) {
        AUTO_PLACE p = place_open();
        expect_built(&p, false, false);
        AUTO_FREE char *path = cache_file(&p, damage[i].suffix);
        if (damage[i].text)
            replace(path, damage[i].text);
        else
            unlink(path);
        expect_built(&p, false, false);
        assert_int_equal(fake.runs, 2);
        expect_built(&p, false, true);
    }
}

/* As when we die between the disk and its note. */
static void a_note_of_another_disk_does_not_count(void **state)
{
    AUTO_PLACE p = place_open();

    (void)state;
    expect_built(&p, false, false);
    AUTO_FREE char *path = cache_file(&p, ".qcow2");
    replace(path, "disk 9 of recipe");
    expect_built(&p, false, false);
}

static void a_failing_build_leaves_its_log(void **state)
{
    AUTO_PLACE p = place_open();
    bool cached;
    AUTO_ERR e = NULL;
    AUTO_FREE char *hint = xasprintf("the log is in '%s/tiny.log'", p.images);

    (void)state;
    fake.way = FAILS;
    assert_int_equal(place_build(&p, false, &cached, &e), -1);
    assert_string_equal(e->hint, hint);
    expect_err(ERR_IO, "build image 'tiny': it is broken", &e);
    expect_listing(p.images, "tiny.log");
    expect_listing(p.cache, "");
    assert_int_equal(place_rows(&p), 0);
    fake.way = GOOD;
    expect_built(&p, false, false);
}

static void a_recipe_must_stay_as_it_was(void **state)
{
    AUTO_PLACE p = place_open();

    (void)state;
    fake.way = EDITS_RECIPE;
    expect_failure(&p, ERR_CONFLICT, "was changed while it was built");
    expect_listing(p.cache, "");
    assert_int_equal(place_rows(&p), 0);
}

static void wrong_recipes_are_refused(void **state)
{
    AUTO_PLACE p = place_open();
    AUTO_FREE char *lib = path_join(p.f.dir, "lib.sh");
    AUTO_FREE char *link = path_join(p.recipe, "link");

    (void)state;
    assert_int_equal(symlink("build.sh", link), 0);
    expect_failure(&p, ERR_INVALID, "link");
    unlink(link);
    unlink(lib);
    expect_failure(&p, ERR_NOT_FOUND, "lib.sh', which it uses");
    put_in(p.recipe, "image.yaml", "name: a\nrepresents: {category: web}\n");
    expect_failure(&p, ERR_INVALID, "image.yaml: key 'build': required to build it");
    put_in(
        p.recipe, "image.yaml",
        "name: a\nrepresents: {category: web}\nsize: 1MiB\npackages: rpm\nbuild: {command: x}\n");
    expect_failure(&p, ERR_INVALID, "has packages of an unknown kind, 'rpm'");
    put_in(p.recipe, "image.yaml",
           "name: a\nrepresents: {category: web}\nsize: 16TiB\nbuild: {command: x}\n");
    expect_failure(&p, ERR_NO_ROOM, "cannot build the image: ");
    free(p.recipe);
    p.recipe = path_join(p.f.dir, "nowhere");
    expect_failure(&p, ERR_NOT_FOUND, "nowhere/image.yaml");
    assert_int_equal(fake.runs, 0);
    expect_nothing(&p);
}

/* --- interruption --------------------------------------------------------------------------- */

static void an_interrupted_build_leaves_nothing(void **state)
{
    AUTO_PLACE p = place_open();

    (void)state;
    fake.way = STOPPED;
    expect_failure(&p, ERR_CANCELLED, "build image 'tiny': the build was interrupted");
    expect_nothing(&p);
    assert_int_equal(place_rows(&p), 0);
}

struct raise {
    struct stop *stop;
    const char *at;
};

static void raise_at(void *arg, const char *what, double fraction)
{
    const struct raise *r = arg;

    (void)fraction;
    if (str_eq(what, r->at))
        stop_raise(r->stop, SIGINT);
}

static void a_stop_at_any_step_leaves_no_image(void **state)
{
    static const char *const steps[] = { "start the build", "seal the disk", "compute the digest" };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        AUTO_PLACE p = place_open();
        struct raise r = { p.stop, steps[i] };
        const struct image_progress progress = { raise_at, &r };
        AUTO_FREE char *file = path_join(p.f.dir, "some.raw");
        AUTO_IMAGE_SPEC spec;
        image_spec_init(&spec);
        spec.name = xstrdup("a");
        spec.category = xstrdup("web");
        char digest[DIGEST_HEX_SIZE];
        bool cached;
        AUTO_ERR e = NULL;
        assert_int_equal(image_build(&p.site, p.recipe, false, &progress, digest, &cached, &e), -1);
        expect_err(ERR_CANCELLED, "interrupted", &e);
        expect_listing(p.images, "tiny.log");
        expect_listing(p.cache, "");
        put(file, "disk");
        assert_int_equal(image_import(&p.site, file, NULL, &spec, &progress, digest, &e), -1);
        expect_err(ERR_CANCELLED, "interrupted", &e);
        expect_listing(p.images, "tiny.log");
        assert_int_equal(place_rows(&p), 0);
    }
}

static int build_in_child(void *arg)
{
    struct place *p = arg;
    AUTO_ERR e = NULL;
    bool cached;

    fixture_reopen(&p->f);
    p->site.store = p->f.s;
    return place_build(p, false, &cached, &e);
}

static int64_t fork_build(struct place *p)
{
    fixture_shut(&p->f);
    int64_t pid = fixture_fork(build_in_child, p);
    fixture_reopen(&p->f);
    p->site.store = p->f.s;
    return pid;
}

static void what_a_killed_build_left_is_swept(void **state)
{
    AUTO_PLACE p = place_open();

    (void)state;
    fake.way = DIES;
    assert_true(fixture_wait(fork_build(&p)));
    AUTO_FREE char *left = listing(p.cache);
    assert_non_null(strstr(left, ".work"));
    assert_int_equal(place_rows(&p), 0);
    fake.way = GOOD;
    put_in(p.recipe, "build.sh", "another recipe"); /* it need not be the same one */
    expect_built(&p, false, false);
    AUTO_FREE char *cache = listing(p.cache);
    AUTO_FREE char *images = listing(p.images);
    assert_null(strstr(cache, ".work"));
    assert_null(strstr(cache, ".lock"));
    assert_null(strstr(images, ".work"));
    assert_null(strstr(images, ".lock"));
}

/* --- two at once ---------------------------------------------------------------------------- */

struct waiting {
    const char *go;
    int waits;
};

static void on_wait(void *arg, const char *what, double fraction)
{
    struct waiting *w = arg;

    (void)fraction;
    if (!str_eq(what, "wait for another build of this recipe"))
        return;
    w->waits++;
    put(w->go, "");
}

static void second_build(bool fresh)
{
    AUTO_PLACE p = place_open();
    AUTO_FREE char *go = path_join(p.f.dir, "go");
    AUTO_FREE char *ready = path_join(p.f.dir, "go.ready");
    struct waiting w = { .go = go };
    const struct image_progress progress = { on_wait, &w };
    char digest[DIGEST_HEX_SIZE];
    bool cached = false;
    AUTO_ERR e = NULL;

    fake.way = WAITS_FOR_GO;
    fake.go = go;
    int64_t pid = fork_build(&p);
    while (!file_exists(ready))
        usleep(2000);
    expect_ok(image_build(&p.site, p.recipe, fresh, &progress, digest, &cached, &e) == 0, &e);
    assert_true(fixture_wait(pid));
    assert_int_equal(w.waits, 1);
    assert_int_equal(fake.runs, 0); /* in this process */
    assert_true(cached);
    assert_int_equal(place_rows(&p), 1);
}

static void a_second_build_waits_for_the_first(void **state)
{
    (void)state;
    second_build(false);
    second_build(true);
}

static void waiting_can_be_interrupted(void **state)
{
    AUTO_PLACE p = place_open();
    AUTO_FREE char *go = path_join(p.f.dir, "go");
    AUTO_FREE char *ready = path_join(p.f.dir, "go.ready");
    struct raise r = { p.stop, "wait for another build of this recipe" };
    const struct image_progress progress = { raise_at, &r };
    char digest[DIGEST_HEX_SIZE];
    bool cached = false;
    AUTO_ERR e = NULL;

    (void)state;
    fake.way = WAITS_FOR_GO;
    fake.go = go;
    int64_t pid = fork_build(&p);
    while (!file_exists(ready))
        usleep(2000);
    assert_int_equal(image_build(&p.site, p.recipe, false, &progress, digest, &cached, &e), -1);
    expect_err(ERR_CANCELLED, "interrupted", &e);
    put(go, "");
    assert_true(fixture_wait(pid)); /* the first one is not disturbed */
    assert_int_equal(place_rows(&p), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_build_gives_a_disk_and_its_record),
        cmocka_unit_test(the_same_recipe_is_built_once),
        cmocka_unit_test(without_a_cache_it_is_built_each_time),
        cmocka_unit_test(each_part_of_the_recipe_counts),
        cmocka_unit_test(a_damaged_entry_is_built_again),
        cmocka_unit_test(a_note_of_another_disk_does_not_count),
        cmocka_unit_test(a_failing_build_leaves_its_log),
        cmocka_unit_test(a_recipe_must_stay_as_it_was),
        cmocka_unit_test(wrong_recipes_are_refused),
        cmocka_unit_test(an_interrupted_build_leaves_nothing),
        cmocka_unit_test(a_stop_at_any_step_leaves_no_image),
        cmocka_unit_test(what_a_killed_build_left_is_swept),
        cmocka_unit_test(a_second_build_waits_for_the_first),
        cmocka_unit_test(waiting_can_be_interrupted),
    };

    return cmocka_run_group_tests_name("image-build", tests, NULL, NULL);
}
