/* patch: kept, found, listed and shown; and what a damaged store says. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "fakes/intake.h"
#include "fakes/sqlite_fault.h"

static void expect_found(struct intake_box *b, const char *which, int64_t id)
{
    AUTO_PATCH p = { 0 };
    AUTO_ERR e = NULL;

    expect_ok(patch_find(&b->site, which, &p, &e) == 0, &e);
    assert_int_equal(p.id, id);
}

static void expect_not_found(struct intake_box *b, enum err_code code, const char *which,
                             const char *part)
{
    struct patch p = { .id = -7 };
    AUTO_ERR e = NULL;

    assert_int_equal(patch_find(&b->site, which, &p, &e), -1);
    assert_non_null(e->hint);
    if (code == ERR_NOT_FOUND)
        assert_non_null(strstr(e->hint, "'patchlab patch list'"));
    expect_err(code, part, &e);
    assert_int_equal(p.id, -7);
}

/* A row that is not loaded, only found. */
static void add_row(struct intake_box *b, const char *name, const char *digest)
{
    AUTO_ERR e = NULL;

    expect_ok(store_exec(b->f.s,
                         "INSERT INTO patch (name, version, kind, digest, manifest, created)"
                         " VALUES (?, '1', 'deb', ?, '{}', 1)",
                         ARGS(A_TEXT(name), A_TEXT(digest)), &e)
                  == 1,
              &e);
}

static void a_patch_tells_all(void **state)
{
    AUTO_INTAKE_BOX b = intake_box();
    AUTO_FREE char *dir = intake_script(&b, "motd",
                                        "title: \"gr\xc3\xbc\xc3\x9f\"\nsource: team\n"
                                        "advisories: [A-1]\ncves: [CVE-1, CVE-2]\ntimeout: 20s\n");
    int64_t id;

    (void)state;
    fixture_time(1234);
    id = intake_add(&b, NULL, dir, NULL);
    assert_true(b.is_new);
    AUTO_PATCH p = intake_patch(&b, id);
    assert_string_equal(p.name, "motd");
    assert_string_equal(p.version, "1");
    assert_string_equal(p.kind, "script");
    assert_string_equal(p.apply, "apply.sh");
    assert_int_equal(p.timeout_ms, 20000);
    assert_int_equal(p.created, 1234);
    assert_int_equal(p.bundle.len, 4);
    assert_int_equal(p.files.len, 3);
    assert_true(strv_has(&p.files, "data"));
    assert_false(strv_has(&p.files, "patch.yaml"));
    AUTO_FREE char *manifest = json_canonical(p.manifest);
    char hex[DIGEST_HEX_SIZE];
    digest_mem(manifest, strlen(manifest), hex);
    assert_string_equal(hex, p.digest);
    AUTO_FREE char *want = xasprintf(
        "{\"advisories\":[\"A-1\"],\"bundle\":\"%s\",\"changes\":[],\"claims\":[],"
        "\"conffiles\":null,\"cves\":[\"CVE-1\","
        "\"CVE-2\"],\"install\":null,"
        "\"kind\":\"script\",\"name\":\"motd\",\"packages\":null,\"script\":{\"apply\":"
        "\"apply.sh\",\"undo\":\"undo.sh\"},\"source\":\"team\",\"timeout_ms\":20000,"
        "\"title\":\"gr\xc3\xbc\xc3\x9f\",\"undo\":null,\"version\":\"1\"}",
        p.bundle.digest);
    assert_string_equal(manifest, want);
}

/* Whatever happens to where it came from. */
static void its_files_are_kept(void **state)
{
    AUTO_INTAKE_BOX b = intake_box();
    AUTO_FREE char *dir = intake_script(&b, "motd", "");
    int64_t id = intake_add(&b, NULL, dir, NULL);
    AUTO_ERR e = NULL;

    (void)state;
    expect_ok(dir_remove(dir, &e) == 0, &e);
    AUTO_PATCH p = intake_patch(&b, id);
    for (size_t i = 0; i < p.bundle.len; i++)
        expect_ok(blob_check(b.f.b, p.bundle.ptr[i].sha256, &e) == 0, &e);
    assert_int_equal(bundle_find(&p.bundle, "apply.sh")->mode, 0755);
}

static void the_same_bytes_are_the_same_patch(void **state)
{
    AUTO_INTAKE_BOX b = intake_box();
    AUTO_FREE char *dir = intake_script(&b, "motd", "");
    int64_t id = intake_add(&b, NULL, dir, NULL);
    AUTO_FREE char *before = intake_files(&b);

    (void)state;
    assert_int_equal(intake_add(&b, NULL, dir, NULL), id);
    assert_false(b.is_new);
    AUTO_FREE char *after = intake_files(&b);
    assert_string_equal(after, before);
    free(intake_write(&b, "motd/data", "other\n", 0644));
    assert_true(intake_add(&b, NULL, dir, NULL) != id);
    assert_true(b.is_new);
    assert_true(intake_add(&b, "greeting", dir, NULL) != id);
    assert_true(b.is_new);
    assert_int_equal(fixture_count(&b.f, "SELECT count(*) FROM patch"), 3);
}

/* Adding it again heals a store that lost a file. */
static void a_lost_file_comes_back(void **state)
{
    AUTO_INTAKE_BOX b = intake_box();
    AUTO_FREE char *dir = intake_script(&b, "motd", "");
    AUTO_PATCH p = intake_patch(&b, intake_add(&b, NULL, dir, NULL));
    AUTO_FREE char *blob = blob_path(b.f.b, bundle_find(&p.bundle, "data")->sha256);

    (void)state;
    assert_int_equal(remove(blob), 0);
    assert_int_equal(intake_add(&b, NULL, dir, NULL), p.id);
    assert_true(file_exists(blob));
}

static void is_found_by_name_version_and_digest(void **state)
{
    AUTO_INTAKE_BOX b = intake_box();
    AUTO_FREE char *dir = intake_script(&b, "motd", "");
    int64_t one = intake_add(&b, NULL, dir, NULL), two, three;

    (void)state;
    free(intake_write(&b, "motd/data", "other\n", 0644));
    two = intake_add(&b, NULL, dir, NULL);
    free(intake_write(&b, "motd/patch.yaml",
                      "name: motd\nversion: 1:2.0-3~x\nkind: script\n"
                      "script: {apply: apply.sh, undo: undo.sh}\n",
                      0644));
    three = intake_add(&b, NULL, dir, NULL);
    expect_found(&b, "motd", three);
    expect_found(&b, "motd@1", two);
    expect_found(&b, "motd@1:2.0-3~x", three);
    AUTO_PATCH p = intake_patch(&b, one);
    expect_found(&b, p.digest, one);
    p.digest[8] = '\0';
    expect_found(&b, p.digest, one);
    p.digest[7] = '\0';
    expect_not_found(&b, ERR_NOT_FOUND, p.digest, "there is no patch");
}

static void what_is_not_there_is_not_found(void **state)
{
    AUTO_INTAKE_BOX b = intake_box();
    AUTO_FREE char *dir = intake_script(&b, "motd", "");
    struct patch p = { .id = -7 };
    AUTO_ERR e = NULL;

    (void)state;
    intake_add(&b, NULL, dir, NULL);
    expect_not_found(&b, ERR_NOT_FOUND, "mot", "there is no patch 'mot'");
    expect_not_found(&b, ERR_NOT_FOUND, "motd@2", "there is no patch 'motd@2'");
    expect_not_found(&b, ERR_NOT_FOUND, "motd@", "there is no patch 'motd@'");
    expect_not_found(&b, ERR_NOT_FOUND, "@1", "there is no patch '@1'");
    expect_not_found(&b, ERR_NOT_FOUND, "", "there is no patch ''");
    expect_not_found(&b, ERR_NOT_FOUND, "00000000", "there is no patch '00000000'");
    expect_not_found(&b, ERR_NOT_FOUND, "\033[2J", "there is no patch '\\x1b[2J'");
    assert_int_equal(patch_by_id(&b.site, 99, &p, &e), -1);
    expect_err(ERR_NOT_FOUND, "there is no patch 99", &e);
    assert_int_equal(p.id, -7);
}

static void what_could_be_several_is_refused(void **state)
{
    static const char one[] = "abcdef0123400000000000000000000000000000000000000000000000000000";
    static const char two[] = "abcdef0123500000000000000000000000000000000000000000000000000000";
    AUTO_INTAKE_BOX b = intake_box();
    AUTO_FREE char *dir = intake_script(&b, "motd", "");
    AUTO_PATCH p = intake_patch(&b, intake_add(&b, NULL, dir, NULL));
    AUTO_FREE char *prefix = xstrndup(p.digest, 12);
    AUTO_FREE char *versioned = xasprintf("%s@1", prefix);
    int64_t named;

    (void)state;
    add_row(&b, "one", one);
    add_row(&b, "two", two);
    expect_not_found(&b, ERR_INVALID, "abcdef01", "'abcdef01' could mean several patches");
    named = intake_add(&b, prefix, dir, NULL);
    expect_not_found(&b, ERR_INVALID, prefix, "could mean several patches");
    expect_found(&b, versioned, named);
    prefix[11] = '\0';
    expect_found(&b, prefix, p.id);
    /* Nobody can hide a patch behind a name. */
    intake_add(&b, p.digest, dir, NULL);
    expect_found(&b, p.digest, p.id);
}

static void the_list_has_the_newest_first(void **state)
{
    AUTO_INTAKE_BOX b = intake_box();
    AUTO_FREE char *one = intake_script(&b, "one", ""), *two = intake_script(&b, "two", "title: T");
    AUTO_ERR e = NULL;
    AUTO_JSON *empty = patch_list(&b.site, &e);

    (void)state;
    expect_ok(empty && json_array_size(empty) == 0, &e);
    fixture_time(5);
    intake_add(&b, NULL, one, NULL);
    AUTO_PATCH p = intake_patch(&b, intake_add(&b, NULL, two, NULL));
    AUTO_JSON *list = patch_list(&b.site, &e);
    expect_ok(list && json_array_size(list) == 2, &e);
    AUTO_FREE char *text = json_canonical(json_array_get(list, 0));
    AUTO_FREE char *want = xasprintf("{\"created\":5,\"digest\":\"%s\",\"id\":2,\"kind\":\"script\""
                                     ",\"name\":\"two\",\"title\":\"T\",\"version\":\"1\"}",
                                     p.digest);
    assert_string_equal(text, want);
    assert_true(json_is_null(json_object_get(json_array_get(list, 1), "title")));
}

static void is_shown_with_its_files(void **state)
{
    static const char *const keys[] = { "id",         "name",     "version",   "kind",    "digest",
                                        "created",    "title",    "source",    "cves",    "script",
                                        "timeout_ms", "packages", "bundle",    "size",    "files",
                                        "advisories", "undo",     "conffiles", "changes", "claims",
                                        "install" };
    AUTO_INTAKE_BOX b = intake_box();
    AUTO_FREE char *dir = intake_script(&b, "motd", "");
    AUTO_PATCH p = intake_patch(&b, intake_add(&b, NULL, dir, NULL));
    AUTO_JSON *j = patch_json(&p);

    (void)state;
    assert_int_equal(json_object_size(j), ARRAY_LEN(keys));
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        assert_non_null(json_object_get(j, keys[i]));
    assert_int_equal(json_int_at(j, "size"), bundle_size(&p.bundle));
    assert_int_equal(json_array_size(json_object_get(j, "files")), 4);
    assert_string_equal(json_str_at(json_object_get(j, "script"), "undo"), "undo.sh");
}

static void a_damaged_store_is_corrupt(void **state)
{
    AUTO_INTAKE_BOX b = intake_box();
    AUTO_FREE char *dir = intake_script(&b, "motd", "");
    int64_t id = intake_add(&b, NULL, dir, NULL);
    AUTO_PATCH p = intake_patch(&b, id);
    AUTO_FREE char *listing = blob_path(b.f.b, p.bundle.digest);
    struct patch none = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    assert_int_equal(remove(listing), 0);
    assert_int_equal(patch_by_id(&b.site, id, &none, &e), -1);
    expect_err(ERR_CORRUPT, "patch 'motd' (", &e);
    fixture_raw(&b.f, "UPDATE patch SET manifest = replace(manifest, 'apply.sh', 'undo.sh')");
    assert_int_equal(patch_by_id(&b.site, id, &none, &e), -1);
    expect_err(ERR_CORRUPT, "its manifest was altered", &e);
    /* sha256 of "{}" and of "x" */
    fixture_raw(&b.f, "UPDATE patch SET manifest = '{}', digest = "
                      "'44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a'");
    assert_int_equal(patch_by_id(&b.site, id, &none, &e), -1);
    expect_err(ERR_CORRUPT, "names no bundle", &e);
    fixture_raw(&b.f, "UPDATE patch SET manifest = 'x', digest = "
                      "'2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881'");
    assert_int_equal(patch_by_id(&b.site, id, &none, &e), -1);
    expect_err(ERR_CORRUPT, "patch 'motd' (2d711642b726)", &e);
}

/* --- each allocation of SQLite fails in turn -------------------------------------------------- */

static void adding_survives_every_failure(void **state)
{
    AUTO_INTAKE_BOX b = intake_box();
    AUTO_FREE char *dir = intake_script(&b, "motd", "");
    AUTO_STRV paths = { 0 };
    bool hit = true, is_new = false;
    int64_t id = 0;
    int failures = 0;

    (void)state;
    strv_add(&paths, dir);
    AUTO_FREE char *before = intake_files(&b);
    for (int nth = 1; hit; nth++) {
        AUTO_ERR e = NULL;

        sqlite_fault_arm(nth);
        int rc = patch_add(&b.site, &paths, NULL, &id, &is_new, &e);
        hit = sqlite_fault_disarm();
        assert_int_equal(rc, e ? -1 : 0);
        if (rc == 0)
            break;
        failures++;
        expect_err(ERR_NO_ROOM, "cannot keep the patch: ", &e);
        assert_int_equal(fixture_count(&b.f, "SELECT count(*) FROM patch"), 0);
        AUTO_FREE char *after = intake_files(&b);
        assert_string_equal(after, before);
    }
    assert_true(failures > 5);
    assert_true(is_new);
    assert_int_equal(fixture_count(&b.f, "SELECT count(*) FROM patch"), 1);
}

static void reading_survives_every_failure(void **state)
{
    AUTO_INTAKE_BOX b = intake_box();
    AUTO_FREE char *dir = intake_script(&b, "motd", "");
    AUTO_PATCH known = intake_patch(&b, intake_add(&b, NULL, dir, NULL));
    AUTO_JSON *list = NULL;
    AUTO_PATCH p = { 0 };

    (void)state;
    for (int nth = 1; !p.id; nth++) {
        AUTO_ERR e = NULL;

        sqlite_fault_arm(nth);
        int rc = patch_find(&b.site, known.digest, &p, &e);
        sqlite_fault_disarm();
        if (rc < 0)
            expect_err(ERR_NO_ROOM, "out of memory", &e);
    }
    for (int nth = 1; !list; nth++) {
        AUTO_ERR e = NULL;

        sqlite_fault_arm(nth);
        list = patch_list(&b.site, &e);
        sqlite_fault_disarm();
        if (!list)
            expect_err(ERR_NO_ROOM, "out of memory", &e);
    }
    assert_int_equal(json_array_size(list), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_patch_tells_all),
        cmocka_unit_test(its_files_are_kept),
        cmocka_unit_test(the_same_bytes_are_the_same_patch),
        cmocka_unit_test(a_lost_file_comes_back),
        cmocka_unit_test(is_found_by_name_version_and_digest),
        cmocka_unit_test(what_is_not_there_is_not_found),
        cmocka_unit_test(what_could_be_several_is_refused),
        cmocka_unit_test(the_list_has_the_newest_first),
        cmocka_unit_test(is_shown_with_its_files),
        cmocka_unit_test(a_damaged_store_is_corrupt),
        cmocka_unit_test(adding_survives_every_failure),
        cmocka_unit_test(reading_survives_every_failure),
    };

    sqlite_fault_install();
    return cmocka_run_group_tests_name("patch", tests, NULL, NULL);
}
