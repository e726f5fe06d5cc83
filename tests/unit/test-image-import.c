/* Images are imported; how a disk and its row come together. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/qemu_img.h"
#include "base/file.h"
#include "base/mem.h"
#include "fakes/image_place.h"
#include "fakes/sqlite_fault.h"

/* --- importing ------------------------------------------------------------------------------ */

static struct image_spec spec_of(const char *name, const char *server)
{
    struct image_spec s;

    image_spec_init(&s);
    s.name = xstrdup(name);
    s.category = xstrdup("database");
    strv_add(&s.servers, server);
    return s;
}

static int import(struct place *p, const char *text, const struct image_spec *s, struct err **err)
{
    AUTO_FREE char *file = path_join(p->f.dir, "legacy.img");
    char digest[DIGEST_HEX_SIZE];

    put(file, text);
    return image_import(&p->site, file, NULL, s, NULL, digest, err);
}

static void what_is_said_of_it_is_checked(void **state)
{
    AUTO_PLACE p = place_open();
    static const struct {
        const char *name, *category, *description, *server;
        int64_t memory;
        const char *message;
    } rows[] = {
        { "db", NULL, NULL, "db-01", 1 << 29, "which category" },
        { NULL, "web", NULL, "db-01", 1 << 29, "no name for an image" },
        { "../db", "web", NULL, "db-01", 1 << 29, "'../db' is no name for an image" },
        { "db", "web", NULL, "db 01", 1 << 29, "'db 01' is no name for a server" },
        { "db", "web", NULL, "db-00", 1 << 29, "server 'db-00' is given twice" },
        { "db", "web", "two\nlines", "db-01", 1 << 29, "one line" },
        { "db", "web", "\x1b[2J", "db-01", 1 << 29, "one line" },
        { "db", "web", NULL, "db-01", (16 << 20) - 1, "16 MiB" },
        { "db", "web", NULL, "db-01", (1LL << 40) + 1, "16 MiB" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO_IMAGE_SPEC s;
        AUTO_ERR e = NULL;
        image_spec_init(&s);
        s.name = rows[i].name ? xstrdup(rows[i].name) : NULL;
        s.category = rows[i].category ? xstrdup(rows[i].category) : NULL;
        s.description = rows[i].description ? xstrdup(rows[i].description) : NULL;
        s.memory = rows[i].memory;
        strv_add(&s.servers, "db-00");
        strv_add(&s.servers, rows[i].server);
        assert_true(import(&p, "a disk", &s, &e) < 0);
        expect_err(ERR_INVALID, rows[i].message, &e);
    }
}

static void a_disk_is_imported(void **state)
{
    AUTO_PLACE p = place_open();
    AUTO_IMAGE_SPEC s = spec_of("db", "db-01");
    AUTO_ERR e = NULL;

    (void)state;
    expect_ok(import(&p, "a disk", &s, &e) == 0, &e);
    AUTO_IMAGE i = place_image(&p, "db");
    json_t *origin = json_object_get(i.record, "origin");
    assert_string_equal(json_str_at(origin, "kind"), "import");
    assert_string_equal(json_str_at(origin, "file"), "legacy.img");
    assert_string_equal(json_str_at(origin, "format"), "raw");
    assert_true(json_is_null(json_object_get(i.record, "packages")));
    assert_true(json_is_null(json_object_get(i.record, "ready")));
    assert_int_equal(mode_of(i.disk), 0444);
    AUTO_FREE char *expected = xasprintf("%s.qcow2", i.digest);
    expect_listing(p.images, expected);
}

static void wrong_disks_are_refused(void **state)
{
    AUTO_PLACE p = place_open();
    AUTO_IMAGE_SPEC s = spec_of("db", "db-01");
    AUTO_ERR e = NULL;

    (void)state;
    assert_int_equal(import(&p, "bad", &s, &e), -1);
    expect_err(ERR_INVALID, "cannot use disk", &e);
    assert_int_equal(import(&p, "unsealable", &s, &e), -1);
    expect_err(ERR_NO_ROOM, "cannot seal disk", &e);
    assert_int_equal(import(&p, "huge", &s, &e), -1);
    expect_err(ERR_NO_ROOM, "cannot keep the disk: ", &e);
    s.packages = xstrdup("apk");
    assert_int_equal(import(&p, "a disk", &s, &e), -1);
    expect_err(ERR_INVALID, "unknown kind, 'apk'", &e);
    expect_nothing(&p);
    assert_int_equal(place_rows(&p), 0);
}

static void a_removed_image_comes_back(void **state)
{
    AUTO_PLACE p = place_open();
    AUTO_IMAGE_SPEC s = spec_of("db", "db-01");
    AUTO_ERR e = NULL;

    (void)state;
    fixture_time(1);
    expect_ok(import(&p, "a disk", &s, &e) == 0, &e);
    fixture_time(2);
    expect_ok(import(&p, "newer disk", &s, &e) == 0, &e);
    AUTO_IMAGE newer = place_image(&p, "db");
    fixture_time(3);
    expect_ok(import(&p, "a disk", &s, &e) == 0, &e); /* again: that is the one which is meant */
    AUTO_IMAGE i = place_image(&p, "db");
    assert_string_not_equal(i.digest, newer.digest);
    expect_ok(image_remove(&p.site, &i, &e) == 0, &e);
    expect_ok(image_remove(&p.site, &newer, &e) == 0, &e);
    assert_int_equal(place_rows(&p), 0);
    expect_ok(import(&p, "a disk", &s, &e) == 0, &e);
    assert_true(file_exists(i.disk));
    assert_int_equal(place_rows(&p), 1);
    assert_int_equal(fixture_count(&p.f, "SELECT count(*) FROM image"), 2);
}

static void what_a_run_used_does_not_change(void **state)
{
    AUTO_PLACE p = place_open();
    AUTO_IMAGE_SPEC first = spec_of("db", "db-01");
    AUTO_IMAGE_SPEC second = spec_of("db", "db-02");
    AUTO_ERR e = NULL;

    (void)state;
    expect_ok(import(&p, "a disk", &second, &e) == 0, &e);
    expect_ok(import(&p, "a disk", &first, &e) == 0, &e); /* a slip, put right in time */
    AUTO_IMAGE i = place_image(&p, "db");
    fixture_run_of(&p.f, i.id, fixture_patch(&p.f, "openssl"));
    fixture_raw(&p.f, "UPDATE run SET state = 'done'");
    assert_int_equal(import(&p, "a disk", &second, &e), -1);
    expect_err(ERR_CONFLICT, "run 1 used this very disk under another description", &e);
    assert_true(file_exists(i.disk));
    expect_ok(image_remove(&p.site, &i, &e) == 0, &e);
    assert_int_equal(import(&p, "a disk", &second, &e), -1);
    expect_err(ERR_CONFLICT, "cannot keep image 'db'", &e);
    assert_false(file_exists(i.disk));
    first.description = xstrdup("words are not what a run goes by");
    expect_ok(import(&p, "a disk", &first, &e) == 0, &e);
    assert_int_equal(place_rows(&p), 1);
    assert_int_equal(fixture_count(&p.f, "SELECT count(*) FROM image WHERE"
                                         " json_extract(spec, '$.represents.servers[0]')"
                                         " = 'db-01'"),
                     1);
}

static void storing_survives_every_failure(void **state)
{
    AUTO_PLACE p = place_open();
    AUTO_IMAGE_SPEC s = spec_of("db", "db-01");
    bool refused = true;
    int failures = 0;

    (void)state;
    for (int nth = 1; refused; nth++) {
        AUTO_ERR e = NULL;

        sqlite_fault_arm(nth);
        int rc = import(&p, "a disk", &s, &e);
        refused = sqlite_fault_disarm();
        failures += rc < 0;
        if (rc < 0 && place_rows(&p) == 0)
            expect_listing(p.images, "");
        if (rc == 0 || place_rows(&p) == 1) {
            AUTO_IMAGE i = place_image(&p, "db");
            assert_true(file_exists(i.disk));
        }
    }
    assert_true(failures > 0);
    assert_int_equal(place_rows(&p), 1);
}

/* The real thing: a disk of one boot sector. */
static void qemu_img_seals_a_raw_disk(void **state)
{
    AUTO_PLACE p = place_open();
    AUTO_IMAGE_SPEC s = spec_of("db", "db-01");
    AUTO_FREE char *file = path_join(p.f.dir, "boot.raw");
    char sector[1 << 16] = { [510] = 0x55, [511] = (char)0xaa };
    char digest[DIGEST_HEX_SIZE];
    AUTO_DISK_INFO info = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    p.site.disk = &qemu_img_disk_ops;
    expect_ok(file_write(file, sector, sizeof(sector), 0600, &e) == 0, &e);
    expect_ok(image_import(&p.site, file, NULL, &s, NULL, digest, &e) == 0, &e);
    AUTO_IMAGE i = place_image(&p, "db");
    assert_string_equal(i.digest, digest);
    expect_ok(qemu_img_disk_ops.inspect(i.disk, "qcow2", &info, &e) == 0, &e);
    assert_int_equal(json_int_at(i.record, "virtual_size"), sizeof(sector));
    assert_int_equal(mode_of(i.disk), 0444);
}

/* Its end would be read as zeros. */
static void a_disk_that_was_cut_short_is_refused(void **state)
{
    AUTO_PLACE p = place_open();
    AUTO_IMAGE_SPEC s = spec_of("db", "db-01");
    AUTO_FREE char *raw = path_join(p.f.dir, "boot.raw"), *cut = path_join(p.f.dir, "cut.qcow2");
    char sector[1 << 16] = { [510] = 0x55, [511] = (char)0xaa };
    char digest[DIGEST_HEX_SIZE];
    struct stat st;
    AUTO_ERR e = NULL;

    (void)state;
    p.site.disk = &qemu_img_disk_ops;
    expect_ok(file_write(raw, sector, sizeof(sector), 0600, &e) == 0, &e);
    expect_ok(qemu_img_disk_ops.seal(raw, "raw", cut, NULL, NULL, NULL, &e) == 0, &e);
    expect_ok(image_import(&p.site, cut, NULL, &s, NULL, digest, &e) == 0, &e);
    assert_int_equal(stat(cut, &st), 0);
    assert_int_equal(truncate(cut, st.st_size - (off_t)sizeof(sector)), 0);
    assert_true(image_import(&p.site, cut, NULL, &s, NULL, digest, &e) < 0);
    expect_err(ERR_INVALID, "damaged or cut short", &e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_said_of_it_is_checked),
        cmocka_unit_test(a_disk_is_imported),
        cmocka_unit_test(a_disk_that_was_cut_short_is_refused),
        cmocka_unit_test(wrong_disks_are_refused),
        cmocka_unit_test(a_removed_image_comes_back),
        cmocka_unit_test(what_a_run_used_does_not_change),
        cmocka_unit_test(storing_survives_every_failure),
        cmocka_unit_test(qemu_img_seals_a_raw_disk),
    };

    sqlite_fault_install();
    return cmocka_run_group_tests_name("image-import", tests, NULL, NULL);
}
