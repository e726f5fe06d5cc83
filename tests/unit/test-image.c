/* Images: image.yaml, finding them, removing them. */
#include "core/image.h"

#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "core/site.h"
#include "fakes/fixture.h"
#include "fakes/sqlite_fault.h"

/* --- image.yaml ----------------------------------------------------------------------------- */

static int read_text(const char *text, struct image_spec *ret, struct err **err)
{
    AUTO_TEMPDIR dir = dir_temp(NULL, "patchlab-test", err);
    AUTO_FREE char *path = path_join(dir, "image.yaml");

    expect_ok(file_write(path, text, strlen(text), 0644, err) == 0, err);
    return image_spec_read(path, ret, err);
}

static void samples_are_taken(void **state)
{
    AUTO_IMAGE_SPEC min = { 0 };
    AUTO_IMAGE_SPEC web = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    expect_ok(image_spec_read("images/debian-12-min/image.yaml", &min, &e) == 0, &e);
    expect_ok(image_spec_read("images/debian-12-web/image.yaml", &web, &e) == 0, &e);
    assert_string_equal(min.category, "core");
    assert_int_equal(min.servers.len, 0);
    assert_string_equal(web.name, "debian-12-web");
    assert_string_equal(web.category, "web");
    assert_int_equal(web.servers.len, 2);
    assert_string_equal(web.servers.ptr[1], "shop-web-02");
    assert_int_equal(web.firmware, FIRMWARE_BIOS);
    assert_int_equal(web.size, INT64_C(3) << 30);
    assert_int_equal(web.memory, 512 << 20);
    assert_int_equal(web.vcpus, 1);
    assert_string_equal(web.packages, "deb");
    assert_string_equal(web.ready.argv.ptr[0], "/usr/local/sbin/patchlab-ready");
    assert_int_equal(web.ready.timeout_ms, 180000);
    assert_string_equal(web.build_command, "./build.sh");
    assert_int_equal(web.build_timeout, 1800000);
    assert_int_equal(web.build_uses.len, 2);
    assert_string_equal(web.build_uses.ptr[0], "../lib/debian.sh");
}

static void a_short_spec_has_defaults(void **state)
{
    AUTO_IMAGE_SPEC s = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    expect_ok(read_text("{name: a, represents: {category: file-print}}", &s, &e) == 0, &e);
    assert_string_equal(s.category, "file-print");
    assert_null(s.description);
    assert_int_equal(s.firmware, FIRMWARE_BIOS);
    assert_int_equal(s.size, 0);
    assert_int_equal(s.memory, 512 << 20);
    assert_int_equal(s.vcpus, 1);
    assert_null(s.packages);
    assert_int_equal(s.ready.argv.len, 0);
    assert_null(s.build_command);
    assert_int_equal(s.servers.len, 0);
}

#define HEAD "name: a\nrepresents: {category: web}\n"

static void wrong_specs_are_refused(void **state)
{
    static const struct {
        const char *text, *part;
    } wrong[] = {
        { "", "image.yaml" },
        { "[]", "expected a map of keys" },
        { "represents: {category: web}", "key 'name': required, but missing" },
        { "name: a", "key 'represents': required, but missing" },
        { "name: a\nrepresents: web", ":2: key 'represents': expected a map" },
        { "name: a\nrepresents: {}", "key 'represents.category': required" },
        { "name: a\nrepresents: {category: shop}", "'represents.category': expected one of core," },
        { "name: a\nrepresents: {category: [web]}", "'represents.category': expected one of" },
        { "name: a\nrepresents: {category: web, servers: [x, y, x]}",
          "key 'represents': server 'x' is listed twice" },
        { "name: a\nrepresents: {category: web, servers: [X Y]}", "'represents.servers[0]'" },
        { "name: a\nrepresents: {servers: [x, y], categori: web}", "did you mean 'category'" },
        { "name: ../a\nrepresents: {category: web}", ":1: key 'name': expected a name" },
        { HEAD HEAD, "name" },
        { HEAD "colour: red", ":3: key 'colour': unknown key" },
        { HEAD "firmware: efi", "expected one of bios, uefi" },
        { HEAD "size: 1", "key 'size': expected from 1.0 MiB" },
        { HEAD "size: 17TiB", "key 'size': expected from" },
        { HEAD "memory: 1MiB", "key 'memory': expected from 16.0 MiB" },
        { HEAD "vcpus: 0", "key 'vcpus': expected from 1 to 255" },
        { HEAD "vcpus: 256", "key 'vcpus': expected from 1 to 255" },
        { HEAD "packages: [deb]", "key 'packages': expected a name" },
        { HEAD "ready: true", "key 'ready': expected a map" },
        { HEAD "ready: {command: []}", "key 'ready': expected a command" },
        { HEAD "build: {command: ./b}", "key 'size': required with 'build', but missing" },
        { HEAD "size: 1GiB\nbuild: {}", "key 'build.command': required" },
        { HEAD "size: 1GiB\nbuild: {command: ''}", "key 'build.command': expected the name" },
        { HEAD "size: 1GiB\nbuild: {command: b, timeout: 25h}", "key 'build.timeout': expected" },
        { HEAD "size: 1GiB\nbuild: {command: b, uses: x}", "key 'build.uses': expected a list" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        AUTO_IMAGE_SPEC s = { 0 };
        AUTO_ERR e = NULL;
        assert_int_equal(read_text(wrong[i].text, &s, &e), -1);
        expect_err(ERR_INVALID, wrong[i].part, &e);
        assert_null(s.name);
    }
}

static void a_missing_spec_is_not_found(void **state)
{
    AUTO_IMAGE_SPEC s = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    assert_int_equal(image_spec_read("/no/such/image.yaml", &s, &e), -1);
    expect_err(ERR_NOT_FOUND, "/no/such/image.yaml", &e);
}

/* --- rows ----------------------------------------------------------------------------------- */

#define RECORD \
    "{\"description\":null,\"firmware\":\"uefi\",\"memory\":268435456,\"packages\":\"deb\"," \
    "\"ready\":{\"argv\":[\"/bin/true\",\"-v\"],\"timeout_ms\":5000}," \
    "\"represents\":{\"category\":\"web\",\"servers\":[\"web-01\"]},\"vcpus\":2}"

#define A16 "aaaaaaaaaaaaaaaa"
#define DIGEST_A A16 A16 A16 A16
#define DIGEST_B \
    "bbbbbbbb" \
    "bbbbbbbb" A16 A16 A16
#define DIGEST_C \
    "bbbbbbbb" \
    "cccccccc" A16 A16 A16

static struct site site_of(const struct fixture *f)
{
    return (struct site){ .dir = f->dir, .store = f->s, .blobs = f->b, .user = "ann@host" };
}

/* A row, and a disk that is there unless the row says `removed`. */
static int64_t add(struct fixture *f, const char *name, const char *digest, int64_t created,
                   bool removed)
{
    AUTO_FREE char *dir = path_join(f->dir, "images");
    AUTO_FREE char *disk = xasprintf("%s/%s.qcow2", dir, digest);
    AUTO_ERR e = NULL;

    expect_ok(dir_make(dir, 0711, &e) == 0, &e);
    if (!removed)
        expect_ok(file_write(disk, "disk", 4, 0444, &e) == 0, &e);
    expect_ok(store_exec(f->s,
                         "INSERT INTO image (name, digest, spec, created, removed)"
                         " VALUES (?, ?, ?, ?, ?)",
                         ARGS(A_TEXT(name), A_TEXT(digest), A_TEXT(RECORD), A_INT(created),
                              removed ? A_INT(1) : A_NULL),
                         &e)
                  == 1,
              &e);
    return store_last_id(f->s);
}

static void expect_found(const struct site *site, const char *which, bool removed_too, int64_t id)
{
    AUTO_IMAGE i = { 0 };
    AUTO_ERR e = NULL;

    expect_ok(image_find(site, which, removed_too, &i, &e) == 0, &e);
    assert_int_equal(i.id, id);
}

static void expect_not_found(const struct site *site, const char *which, enum err_code code,
                             const char *part, const char *hint)
{
    AUTO_IMAGE i = { 0 };
    AUTO_ERR e = NULL;

    assert_int_equal(image_find(site, which, false, &i, &e), -1);
    assert_null(i.name);
    assert_non_null(e);
    assert_string_equal(e->hint, hint);
    expect_err(code, part, &e);
}

#define LIST_HINT "'patchlab image list' shows what there is"

static void an_image_is_read_back(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    struct site site = site_of(&f);
    AUTO_FREE char *disk = xasprintf("%s/images/%s.qcow2", f.dir, DIGEST_A);
    int64_t id = add(&f, "web", DIGEST_A, 7, false);
    AUTO_IMAGE i = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    expect_ok(image_by_id(&site, id, &i, &e) == 0, &e);
    assert_string_equal(i.name, "web");
    assert_string_equal(i.digest, DIGEST_A);
    assert_string_equal(i.disk, disk);
    assert_false(i.removed);
    assert_int_equal(i.created, 7);
    assert_int_equal(i.firmware, FIRMWARE_UEFI);
    assert_int_equal(i.memory, 256 << 20);
    assert_int_equal(i.vcpus, 2);
    assert_string_equal(i.packages, "deb");
    assert_int_equal(i.ready.argv.len, 2);
    assert_int_equal(i.ready.timeout_ms, 5000);
    AUTO_JSON *j = image_json(&i);
    assert_int_equal(json_int_at(j, "id"), id);
    assert_string_equal(json_str_at(j, "name"), "web");
    assert_string_equal(json_str_at(j, "disk"), disk);
    assert_string_equal(json_str_at(j, "firmware"), "uefi");
    assert_true(json_is_integer(json_object_get(j, "disk_size")));
    assert_true(json_is_false(json_object_get(j, "removed")));
    AUTO_IMAGE none = { 0 };
    assert_int_equal(image_by_id(&site, id + 1, &none, &e), -1);
    expect_err(ERR_NOT_FOUND, "there is no image 2", &e);
}

static void a_name_means_the_newest(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    struct site site = site_of(&f);

    (void)state;
    add(&f, "web", DIGEST_A, 5, false);
    int64_t newest = add(&f, "web", DIGEST_B, 9, false);
    add(&f, "mail", DIGEST_C, 99, false);
    expect_found(&site, "web", false, newest);
    int64_t gone = add(&f, "web", DIGEST_C, 50, true);
    expect_found(&site, "web", false, newest);
    expect_found(&site, "web", true, newest); /* what is there goes first */
    fixture_raw(&f, "UPDATE image SET removed = 1");
    expect_found(&site, "web", true, gone);
    expect_not_found(&site, "web", ERR_NOT_FOUND, "the disk of image 'web' was removed",
                     "build or import the image again");
    expect_not_found(&site, "we", ERR_NOT_FOUND, "there is no image 'we'", LIST_HINT);
    expect_not_found(&site, "w\033[1m", ERR_NOT_FOUND, "no image 'w\\x1b[1m'", LIST_HINT);
    expect_not_found(&site, "", ERR_NOT_FOUND, "there is no image ''", LIST_HINT);
}

static void a_prefix_means_one_disk(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    struct site site = site_of(&f);
    int64_t a = add(&f, "web", DIGEST_A, 5, false);

    (void)state;
    int64_t b = add(&f, "web", DIGEST_B, 1, false);
    expect_found(&site, "aaaaaaaa", false, a);
    expect_found(&site, DIGEST_A, false, a);
    expect_found(&site, "bbbbbbbb", false, b);
    expect_not_found(&site, "aaaaaaa", ERR_NOT_FOUND, "no image 'aaaaaaa'", LIST_HINT);
    expect_not_found(&site, "AAAAAAAA", ERR_NOT_FOUND, "no image 'AAAAAAAA'", LIST_HINT);
    expect_not_found(&site, DIGEST_A "a", ERR_NOT_FOUND, "no image 'aaaa", LIST_HINT);
    expect_not_found(&site, "%aaaaaaa", ERR_NOT_FOUND, "no image", LIST_HINT);
    add(&f, "web", DIGEST_C, 2, false);
    expect_not_found(&site, "bbbbbbbb", ERR_INVALID, "2 images have a digest that begins with",
                     "give more digits of the digest");
    expect_found(&site, "bbbbbbbbb", false, b);
    int64_t twin = add(&f, "shop", DIGEST_A, 6, false); /* one disk, two names */
    expect_found(&site, "aaaaaaaa", false, twin);
    int64_t named = add(&f, "bbbbbbbb", DIGEST_A, 1, false);
    expect_found(&site, "bbbbbbbb", false, named);
    fixture_raw(&f, "UPDATE image SET removed = 1 WHERE digest GLOB 'bbbbbbbbc*'");
    fixture_raw(&f, "DELETE FROM image WHERE name = 'bbbbbbbb'");
    expect_found(&site, "bbbbbbbb", false, b);
}

static void all_are_listed(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    struct site site = site_of(&f);
    AUTO_ERR e = NULL;

    (void)state;
    add(&f, "web", DIGEST_A, 5, false);
    add(&f, "web", DIGEST_B, 6, true);
    add(&f, "mail", DIGEST_C, 1, false);
    AUTO_JSON *l = image_list(&site, &e);
    expect_ok(l, &e);
    assert_int_equal(json_array_size(l), 3);
    assert_string_equal(json_str_at(json_array_get(l, 0), "name"), "mail");
    assert_string_equal(json_str_at(json_array_get(l, 1), "digest"), DIGEST_B);
    assert_true(json_is_true(json_object_get(json_array_get(l, 1), "removed")));
    assert_true(json_is_null(json_object_get(json_array_get(l, 1), "disk")));
    assert_true(json_is_null(json_object_get(json_array_get(l, 1), "disk_size")));
    assert_string_equal(json_str_at(json_array_get(l, 2), "digest"), DIGEST_A);
}

static void damaged_records_are_corrupt(void **state)
{
    static const char *const wrong[] = {
        "UPDATE image SET spec = '{'",
        "UPDATE image SET spec = '[]'",
        "UPDATE image SET spec = json_remove(spec, '$.firmware')",
        "UPDATE image SET spec = json_set(spec, '$.firmware', 'efi')",
        "UPDATE image SET spec = json_set(spec, '$.memory', 0)",
        "UPDATE image SET spec = json_set(spec, '$.memory', '1')",
        "UPDATE image SET spec = json_set(spec, '$.vcpus', 0)",
        "UPDATE image SET spec = json_set(spec, '$.vcpus', 4294967297)",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        AUTO_FIXTURE f = fixture_open();
        struct site site = site_of(&f);
        AUTO_IMAGE image = { 0 };
        AUTO_ERR e = NULL;
        add(&f, "web", DIGEST_A, 5, false);
        fixture_raw(&f, wrong[i]);
        assert_int_equal(image_find(&site, "web", false, &image, &e), -1);
        expect_err(ERR_CORRUPT, "image 'web': ", &e);
        assert_null(image_list(&site, &e));
        expect_err(ERR_CORRUPT, "image 'web': ", &e);
    }
}

/* --- removing ------------------------------------------------------------------------------- */

static void remove_named(const struct site *site, const char *name)
{
    AUTO_IMAGE i = { 0 };
    AUTO_ERR e = NULL;

    expect_ok(image_find(site, name, true, &i, &e) == 0, &e);
    expect_ok(image_remove(site, &i, &e) == 0, &e);
}

static void removing_keeps_the_row(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    struct site site = site_of(&f);
    int64_t id = add(&f, "web", DIGEST_A, 5, false);
    AUTO_IMAGE i = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    fixture_time(42);
    remove_named(&site, "web");
    fixture_time(43);
    remove_named(&site, "web"); /* again is fine */
    expect_ok(image_by_id(&site, id, &i, &e) == 0, &e);
    assert_true(i.removed);
    assert_false(file_exists(i.disk));
    assert_int_equal(fixture_count(&f, "SELECT removed FROM image"), 42);
}

static void a_disk_of_two_names_stays(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    struct site site = site_of(&f);
    AUTO_FREE char *disk = xasprintf("%s/images/%s.qcow2", f.dir, DIGEST_A);

    (void)state;
    add(&f, "web", DIGEST_A, 5, false);
    add(&f, "shop", DIGEST_A, 5, false);
    remove_named(&site, "web");
    assert_true(file_exists(disk));
    remove_named(&site, "shop");
    assert_false(file_exists(disk));
}

static void an_image_in_use_is_not_removed(void **state)
{
    static const char *const states[] = { "queued", "prepare", "lanes", "compare" };
    AUTO_FIXTURE f = fixture_open();
    struct site site = site_of(&f);
    int64_t id = add(&f, "web", DIGEST_A, 5, false);
    AUTO_IMAGE i = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    fixture_run_of(&f, id, fixture_patch(&f, "openssl"));
    expect_ok(image_by_id(&site, id, &i, &e) == 0, &e);
    for (size_t n = 0; n < ARRAY_LEN(states); n++) {
        expect_ok(store_exec(f.s, "UPDATE run SET state = ?", ARGS(A_TEXT(states[n])), &e) == 1,
                  &e);
        assert_int_equal(image_remove(&site, &i, &e), -1);
        assert_string_equal(e->hint, "wait for it, or end it with 'patchlab run cancel 1'");
        expect_err(ERR_CONFLICT, "image 'web' is used by run 1, which has not ended", &e);
        assert_true(file_exists(i.disk));
    }
    assert_int_equal(fixture_count(&f, "SELECT count(removed) FROM image"), 0);
    fixture_raw(&f, "UPDATE run SET state = 'broken'");
    expect_ok(image_remove(&site, &i, &e) == 0, &e);
}

/* Whatever fails: there is no row that promises a disk which is gone. */
static void removing_survives_every_failure(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    struct site site = site_of(&f);
    int64_t id = add(&f, "web", DIGEST_A, 5, false);
    AUTO_IMAGE i = { 0 };
    AUTO_ERR first = NULL;
    int rc = -1;

    (void)state;
    expect_ok(image_by_id(&site, id, &i, &first) == 0, &first);
    for (int nth = 1; rc < 0; nth++) {
        AUTO_ERR e = NULL;

        sqlite_fault_arm(nth);
        rc = image_remove(&site, &i, &e);
        sqlite_fault_disarm();
        if (rc < 0) {
            assert_non_null(e);
            if (fixture_count(&f, "SELECT removed IS NULL FROM image"))
                assert_true(file_exists(i.disk));
        }
    }
    assert_false(file_exists(i.disk));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_are_taken),
        cmocka_unit_test(a_short_spec_has_defaults),
        cmocka_unit_test(wrong_specs_are_refused),
        cmocka_unit_test(a_missing_spec_is_not_found),
        cmocka_unit_test(an_image_is_read_back),
        cmocka_unit_test(a_name_means_the_newest),
        cmocka_unit_test(a_prefix_means_one_disk),
        cmocka_unit_test(all_are_listed),
        cmocka_unit_test(damaged_records_are_corrupt),
        cmocka_unit_test(removing_keeps_the_row),
        cmocka_unit_test(a_disk_of_two_names_stays),
        cmocka_unit_test(an_image_in_use_is_not_removed),
        cmocka_unit_test(removing_survives_every_failure),
    };

    sqlite_fault_install();
    return cmocka_run_group_tests_name("image", tests, NULL, NULL);
}
