/* patch-fetch: what is told to the solver, and what becomes of its answer. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/libarchive.h"
#include "adapters/pkgmgrs.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/mem.h"
#include "core/patch.h"
#include "core/patch_fetch.h"
#include "core/patch_fetch_work.h"
#include "core/site.h"
#include "fakes/fixture.h"
#include "fakes/make_archive.h"
#include "ports/http.h"
#include "ports/solver.h"

/* --- the world around ------------------------------------------------------------------------ */

struct scene {
    struct http http;
    struct fixture f;
    struct site site;
    char *files; /* what the server has, by base name */
    int calls, fails_at;
};

static int serve(struct http *http, const struct http_get *get, struct http_answer *ret,
                 struct err **err)
{
    struct scene *s = (struct scene *)(void *)http;
    AUTO_FREE char *from = path_join(s->files, path_base(get->url));

    if (++s->calls == s->fails_at)
        return err_set(err, ERR_IO, "the line is cut");
    *ret = (struct http_answer){ 0 };
    return file_copy(from, get->to, 0600, err);
}

static const char *chosen; /* "NAME VERSION;" ... */

/* Plans what the test says, and remembers what it was told. */
static char *told;
static int solve(const struct solver_task *t, struct solver_plan *ret, struct err **err)
{
    char name[100], version[100];
    int used;

    free(told);
    told = xstrndup(t->status, t->status_len);
    if (!chosen)
        return err_set(err, ERR_DENIED, "apt refuses: a : Depends: b");
    for (const char *p = chosen; sscanf(p, "%99[^ ] %99[^;];%n", name, version, &used) == 2;
         p += used)
        solver_plan_add(ret, name, "amd64", "1", version);
    strv_add(&ret->kept_back, "held");
    return 0;
}

/* A package on the server, as a stanza of the index. */
static void add_version(struct scene *s, struct str *index, const char *name, const char *version,
                        const char *source)
{
    AUTO_FREE char *file = xasprintf("%s_%s_amd64.deb", name, version);
    AUTO_FREE char *path = path_join(s->files, file);
    AUTO_FREE char *control = xasprintf(
        "Package: %s\nVersion: %s\nArchitecture: amd64\nSource: %s\n", name, version, source);
    char hex[DIGEST_HEX_SIZE];
    int64_t size;
    AUTO_ERR e = NULL;

    make_deb(path, "xz", control);
    expect_ok(digest_file(path, hex, &size, &e) == 0, &e);
    str_addf(index, "%sFilename: pool/%s\nSize: %lld\nSHA256: %s\n\n", control, file,
             (long long)size, hex);
}

static void add_package(struct scene *s, struct str *index, const char *name, const char *source)
{
    add_version(s, index, name, "2", source);
}

/* Sources as after a poll. */
static void add_source(struct scene *s, int id, const char *name, const char *label,
                       const struct str *index)
{
    char hex[DIGEST_HEX_SIZE], key[DIGEST_HEX_SIZE];
    AUTO_FREE char *dir = xasprintf("%s/sources/%s", s->f.dir, name);
    AUTO_ERR e = NULL;

    digest_mem(index->ptr, index->len, hex);
    digest_mem("", 0, key);
    AUTO_FREE char *path = path_join(dir, hex);
    expect_ok(dir_make(dir, 0700, &e) == 0
                  && file_write(path, index->ptr, index->len, 0600, &e) == 0,
              &e);
    AUTO_FREE char *spec = xasprintf(
        "{\"uri\":\"http://m/d\",\"suite\":\"stable\",\"arch\":\"amd64\","
        "\"components\":[\"main\"],\"keyring\":\"%s\"}",
        key);
    AUTO_FREE char *release = xasprintf(
        "{\"label\":\"%s\",\"indexes\":[{\"path\":\"main/Packages\","
        "\"sha256\":\"%s\",\"size\":%zu}]}",
        label, hex, index->len);
    expect_ok(store_exec(s->f.s,
                         "INSERT INTO patch_source (id, name, spec, release, polled, created)"
                         " VALUES (?, ?, ?, ?, 1, 1)",
                         ARGS(A_INT(id), A_TEXT(name), A_TEXT(spec), A_TEXT(release)), &e)
                  > 0,
              &e);
    const struct patch_source source = { .id = id, .spec = { .arch = (char[]){ "amd64" } } };
    int64_t count = 0;
    AUTO_TX tx = tx_begin(s->f.s, &e);
    expect_ok(tx, &e);
    expect_ok(source_index_add(tx, &source, index->ptr, index->len, "i", &count, &e) == 0, &e);
    expect_ok(tx_commit(&tx, &e) == 0, &e);
}

static struct scene *scene_open(void)
{
    static const struct http_ops http_ops = { .get = serve };
    static const struct solver_ops solver = { .solve = solve };
    static const struct pkgmgr *const kinds[] = { &pkg_deb, NULL };
    struct scene *s = xcalloc(1, sizeof(*s));
    AUTO_STR index = STR_INIT(1 << 20), more = STR_INIT(1 << 20);
    AUTO_ERR e = NULL;

    s->http.ops = &http_ops;
    s->f = fixture_open();
    s->files = dir_temp(NULL, "patchlab-files", &e);
    expect_ok(s->files, &e);
    s->site = (struct site){
        .dir = s->f.dir,
        .store = s->f.s,
        .blobs = s->f.b,
        .archive = &archive_ops,
        .pkgmgrs = kinds,
        .http = &s->http,
        .solver = &solver,
    };
    add_package(s, &index, "openssl", "openssl");
    add_package(s, &index, "libssl3", "openssl");
    add_package(s, &index, "curl", "curl");
    add_source(s, 1, "sec", "Debian-Security", &index);
    add_package(s, &more, "libnone", "none");
    add_source(s, 2, "base", "Debian", &more);
    return s;
}

static void scene_closep(struct scene **sp)
{
    struct scene *s = *sp;

    dir_removep(&s->files);
    fixture_close(&s->f);
    free(TAKE(told));
    chosen = NULL;
    free(s);
}
#define AUTO_SCENE __attribute__((cleanup(scene_closep))) struct scene *

static int fetch(struct scene *s, struct patch_fetch f, const char *package, const char *with,
                 struct patch_fetched *ret, struct err **err)
{
    AUTO_PACKAGE_LIST installed = { 0 };
    AUTO_STRV packages = { 0 }, others = { 0 };

    package_list_add(&installed, "openssl", "1");
    package_list_sort(&installed);
    if (package)
        strv_add(&packages, package);
    if (with)
        strv_add(&others, with);
    f.packages = &packages;
    f.with = &others;
    if (chosen || !package)
        f.installed = &installed;
    return patch_fetch(&s->site, &f, ret, err);
}

static void refused(struct scene *s, struct patch_fetch f, const char *package, const char *with,
                    enum err_code code, const char *part)
{
    AUTO_PATCH_FETCHED r = { 0 };
    AUTO_ERR e = NULL;

    assert_int_equal(fetch(s, f, package, with, &r, &e), -1);
    expect_err(code, part, &e);
    assert_int_equal(fixture_count(&s->f, "SELECT count(*) FROM patch"), 0);
}

/* --- tests ----------------------------------------------------------------------------------- */

static void a_plan_becomes_a_patch(void **state)
{
    AUTO_SCENE s = scene_open();
    AUTO_PATCH_FETCHED r = { 0 }, again = { 0 };
    AUTO_PATCH p = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    chosen = "openssl 2;libssl3 2;";
    expect_ok(
        fetch(s, (struct patch_fetch){ .source = "sec", .target = "image web" }, NULL, NULL, &r, &e)
            == 0,
        &e);
    assert_non_null(strstr(told, "Package: openssl\nStatus: install ok installed\n"
                                 "Architecture: amd64\nVersion: 1\n"));
    assert_true(r.is_new);
    assert_int_equal(json_array_size(r.changes), 2);
    assert_string_equal(json_string_value(json_array_get(r.kept_back, 0)), "held");
    expect_ok(patch_by_id(&s->site, r.patch, &p, &e) == 0, &e);
    assert_string_equal(p.name, "openssl");
    assert_string_equal(p.version, "2");
    assert_int_equal(p.files.len, 2);
    assert_string_equal(json_str_at(p.manifest, "title"), "2 packages from sec for image web");
    expect_ok(fetch(s, (struct patch_fetch){ .source = "sec", .target = "image web" }, NULL, NULL,
                    &again, &e)
                  == 0,
              &e);
    assert_false(again.is_new);
    assert_true(again.patch == r.patch);
}

static void nothing_lacking_is_no_patch(void **state)
{
    AUTO_SCENE s = scene_open();
    AUTO_PATCH_FETCHED r = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    chosen = "";
    expect_ok(fetch(s, (struct patch_fetch){ .source = "sec" }, NULL, NULL, &r, &e) == 0, &e);
    assert_true(r.patch == 0);
    assert_int_equal(s->calls, 0);
}

static void sources_are_combined(void **state)
{
    AUTO_SCENE s = scene_open();
    AUTO_PATCH_FETCHED r = { 0 };
    AUTO_PATCH p = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    chosen = "curl 2;libnone 2;";
    refused(s, (struct patch_fetch){ .source = "sec" }, NULL, NULL, ERR_CORRUPT,
            "apt chose 'libnone' 2, which no index has");
    refused(s, (struct patch_fetch){ .source = "sec" }, NULL, "sec", ERR_INVALID, "named twice");
    expect_ok(fetch(s, (struct patch_fetch){ .source = "sec" }, NULL, "base", &r, &e) == 0, &e);
    expect_ok(patch_by_id(&s->site, r.patch, &p, &e) == 0, &e);
    assert_string_equal(p.name, "sec-updates");
    assert_int_equal(strlen(p.version), 12);
}

static void names_alone_are_taken_as_they_are(void **state)
{
    AUTO_SCENE s = scene_open();
    AUTO_PATCH_FETCHED r = { 0 };
    AUTO_PATCH p = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    refused(s, (struct patch_fetch){ .source = "sec" }, "none", NULL, ERR_NOT_FOUND,
            "patch source 'sec' has no package 'none'");
    expect_ok(fetch(s, (struct patch_fetch){ .source = "sec", .name = "x" }, "curl", NULL, &r, &e)
                  == 0,
              &e);
    assert_null(told);
    expect_ok(patch_by_id(&s->site, r.patch, &p, &e) == 0, &e);
    assert_string_equal(p.name, "x");
}

static void what_cannot_be_done_is_refused(void **state)
{
    AUTO_SCENE s = scene_open();

    (void)state;
    refused(s, (struct patch_fetch){ .source = "sec" }, NULL, NULL, ERR_DENIED,
            "fetch from patch source 'sec': apt refuses: a : Depends: b");
    refused(s, (struct patch_fetch){ .source = "base", .security = true }, NULL, NULL, ERR_INVALID,
            "is no security archive");
    refused(s, (struct patch_fetch){ .source = "sec", .name = "A B" }, NULL, NULL, ERR_INVALID,
            "'A B' is no name for a patch");
    refused(s, (struct patch_fetch){ .source = "gone" }, NULL, NULL, ERR_NOT_FOUND,
            "no patch source");
    chosen = "curl 2;";
    refused(s, (struct patch_fetch){ .source = "sec" }, "c.*", NULL, ERR_NOT_FOUND,
            "no package 'c.*'");
    fixture_raw(&s->f, "UPDATE patch_source SET release = NULL");
    refused(s, (struct patch_fetch){ .source = "sec" }, NULL, NULL, ERR_CONFLICT,
            "was never polled");
}

static void each_failing_download_leaves_no_patch(void **state)
{
    AUTO_SCENE s = scene_open();
    AUTO_PATCH_FETCHED r = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    chosen = "openssl 2;libssl3 2;curl 2;";
    const int fails_at[] = { 1, 2, 2 }; /* what is there already is not asked for */
    for (size_t i = 0; i < ARRAY_LEN(fails_at); i++) {
        s->calls = 0;
        s->fails_at = fails_at[i];
        refused(s, (struct patch_fetch){ .source = "sec" }, NULL, NULL, ERR_IO, "the line is cut");
    }
    s->fails_at = 0;
    AUTO_FREE char *path = path_join(s->files, "curl_2_amd64.deb");
    AUTO_FREE char *other = path_join(s->files, "openssl_2_amd64.deb");
    AUTO_FREE char *saved = path_join(s->files, "saved");
    expect_ok(file_copy(path, saved, 0600, &e) == 0, &e);
    expect_ok(file_copy(other, path, 0600, &e) == 0, &e);
    refused(s, (struct patch_fetch){ .source = "sec" }, NULL, NULL, ERR_INVALID,
            "is not what the signed release lists");
    expect_ok(file_copy(saved, path, 0600, &e) == 0, &e);
    s->calls = 0;
    expect_ok(fetch(s, (struct patch_fetch){ .source = "sec" }, NULL, NULL, &r, &e) == 0, &e);
    assert_int_equal(s->calls, 1); /* the others were there already */
}

/* --- what takes it back ----------------------------------------------------------------------- */

/* A source that nobody names, with what is installed. */
static struct scene *scene_with_old(const char *package, const char *another)
{
    struct scene *s = scene_open();
    AUTO_STR index = STR_INIT(1 << 20);

    add_version(s, &index, package, "1", "openssl");
    if (another)
        add_version(s, &index, another, "1", "openssl");
    add_source(s, 3, "old", "Debian", &index);
    chosen = "openssl 2;libssl3 2;";
    return s;
}

static void fetched(struct scene *s, const char *missing, struct patch *ret)
{
    AUTO_PATCH_FETCHED r = { 0 };
    AUTO_ERR e = NULL;

    expect_ok(fetch(s, (struct patch_fetch){ .source = "sec" }, NULL, NULL, &r, &e) == 0, &e);
    AUTO_FREE char *text = json_canonical(r.undo_missing);
    assert_string_equal(text, missing);
    expect_ok(patch_by_id(&s->site, r.patch, ret, &e) == 0, &e);
}

static void replaced_versions_come_along(void **state)
{
    AUTO_SCENE s = scene_with_old("openssl", "libssl3");
    AUTO_PATCH p = { 0 };

    (void)state;
    fetched(s, "[]", &p);
    assert_string_equal(p.version, "2");
    assert_true(strv_has(&p.files, "undo/openssl_1_amd64.deb"));
    assert_true(strv_has(&p.files, "undo/libssl3_1_amd64.deb"));
    const json_t *undo = json_object_get(p.manifest, "undo");
    assert_int_equal(json_array_size(json_object_get(undo, "packages")), 2);
    assert_int_equal(json_array_size(json_object_get(undo, "missing")), 0);
    assert_string_equal(json_str_at(p.manifest, "title"), "2 packages from sec");
}

static void what_nobody_has_is_told(void **state)
{
    static const char libssl3[] = "[{\"arch\":\"amd64\",\"name\":\"libssl3\",\"version\":\"1\"}]";
    AUTO_SCENE s = scene_with_old("openssl", NULL);
    AUTO_PATCH p = { 0 }, q = { 0 };

    (void)state;
    fetched(s, libssl3, &p);
    AUTO_FREE char *missing = json_canonical(
        json_object_get(json_object_get(p.manifest, "undo"), "missing"));
    assert_string_equal(missing, "[\"libssl3:amd64\"]");
    /* Of which the index still tells, but the server has it no more. */
    AUTO_FREE char *file = path_join(s->files, "openssl_1_amd64.deb");
    assert_int_equal(remove(file), 0);
    fetched(s,
            "[{\"arch\":\"amd64\",\"name\":\"openssl\",\"version\":\"1\"},"
            "{\"arch\":\"amd64\",\"name\":\"libssl3\",\"version\":\"1\"}]",
            &q);
    assert_true(q.id != p.id);
}

static void an_older_version_that_fails_leaves_no_patch(void **state)
{
    AUTO_SCENE s = scene_with_old("openssl", NULL);
    AUTO_FREE char *lock = xasprintf("%s/sources/old/lock", s->f.dir);
    AUTO_FREE char *old = path_join(s->files, "openssl_1_amd64.deb");
    AUTO_FREE char *other = path_join(s->files, "curl_2_amd64.deb");
    AUTO_ERR e = NULL;

    (void)state;
    AUTO_FD held = file_lock(lock, false, &e);
    expect_ok(held >= 0, &e);
    refused(s, (struct patch_fetch){ .source = "sec" }, NULL, NULL, ERR_CONFLICT,
            "another process works with patch source 'old'");
    fd_closep(&held);
    held = -1;
    s->fails_at = s->calls + 1; /* the two new ones are there already */
    refused(s, (struct patch_fetch){ .source = "sec" }, NULL, NULL, ERR_IO,
            "the older 'openssl' 1: ");
    expect_ok(file_copy(other, old, 0600, &e) == 0, &e);
    refused(s, (struct patch_fetch){ .source = "sec" }, NULL, NULL, ERR_INVALID,
            "is not what the signed release lists");
}

static void installed_versions_are_not_offered(void **state)
{
    static const char packages[] = "Package: a\nVersion: 1\nProvides: awk\n\n"
                                   "Package: a\nVersion: 2\n\n"
                                   "Package: lib\nVersion: 5\nProvides: x (= 5),\n y\n\n"
                                   "Package: b\nVersion: 9\n";
    AUTO_FREE char *text = xstrdup(packages);
    struct solver_index index = { .text = text, .len = strlen(text) };
    AUTO_PACKAGE_LIST l = { 0 };
    AUTO_ERR e = NULL;
    size_t len;

    (void)state;
    package_list_add(&l, "a", "1");
    package_list_add(&l, "lib:amd64", "5");
    package_list_sort(&l);
    AUTO_FREE char *status = fetch_status(&l, "amd64", &index, 1, &len, &e);
    expect_ok(status, &e);
    assert_string_equal(
        status, "Package: a\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n"
                "Provides: awk\nMaintainer: unknown\nDescription: unknown\n\n"
                "Package: lib\nStatus: install ok installed\nArchitecture: amd64\n"
                "Version: 5\nMulti-Arch: same\nProvides: x (= 5),\n y\nMaintainer: unknown\n"
                "Description: unknown\n\n");
    AUTO_FREE char *rest = xstrndup(index.text, index.len);
    assert_string_equal(rest, "Package: a\nVersion: 2\n\nPackage: b\nVersion: 9\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plan_becomes_a_patch),
        cmocka_unit_test(nothing_lacking_is_no_patch),
        cmocka_unit_test(sources_are_combined),
        cmocka_unit_test(names_alone_are_taken_as_they_are),
        cmocka_unit_test(what_cannot_be_done_is_refused),
        cmocka_unit_test(each_failing_download_leaves_no_patch),
        cmocka_unit_test(replaced_versions_come_along),
        cmocka_unit_test(what_nobody_has_is_told),
        cmocka_unit_test(an_older_version_that_fails_leaves_no_patch),
        cmocka_unit_test(installed_versions_are_not_offered),
    };

    return cmocka_run_group_tests_name("patch-fetch", tests, NULL, NULL);
}
