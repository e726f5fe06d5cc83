/* patch-source: added strictly, believed only as a whole, and compared with images. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/libarchive.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/mem.h"
#include "core/evidence.h"
#include "core/image.h"
#include "core/image_packages.h"
#include "core/patch_source.h"
#include "core/server.h"
#include "core/server_facts.h"
#include "core/site.h"
#include "fakes/fixture.h"
#include "fakes/sqlite_fault.h"
#include "ports/http.h"
#include "ports/signature.h"

#define NOW INT64_C(1795432957000) /* Mon, 23 Nov 2026 11:22:37 UTC */
#define DATE "Mon, 23 Nov 2026 11:22:37 UTC"
#define EARLIER "Mon, 23 Nov 2026 11:22:36 UTC"
#define FPR "05AB90340C0C5E797F44A8C8254CF3B5AEC0A8F0"

/* --- a server of two files ------------------------------------------------------------------ */

struct upstream {
    struct http http;
    char *release, *packages; /* NULL: 404 */
    bool unchanged;           /* answers 304 */
    int calls, fails_at;      /* the n-th call fails; 0: none */
    char last[500];
};

static int serve_text(const struct http_get *get, const char *text, struct err **err)
{
    if (!text)
        return err_set(err, ERR_NOT_FOUND, "'%s' is not there (404)", get->url);
    if ((int64_t)strlen(text) > get->max_bytes)
        return err_set(err, ERR_INVALID, "too large");
    return file_write(get->to, text, strlen(text), 0600, err);
}

static int serve(struct http *http, const struct http_get *get, struct http_answer *ret,
                 struct err **err)
{
    struct upstream *s = (struct upstream *)(void *)http;

    snprintf(s->last, sizeof(s->last), "%s", get->url);
    if (++s->calls == s->fails_at)
        return err_set(err, ERR_IO, "the line is cut");
    if (s->unchanged && get->etag && strstr(get->url, "InRelease")) {
        *ret = (struct http_answer){ .unchanged = true };
        return 0;
    }
    const char *text = strstr(get->url, "InRelease")                                 ? s->release
                       : strstr(get->url, "Packages") || strstr(get->url, "by-hash") ? s->packages
                                                                                     : NULL;
    if (serve_text(get, text, err) < 0)
        return -1;
    *ret = (struct http_answer){ .etag = xstrdup("\"e\"") };
    return 0;
}

/* A signed text begins with "good"; the rest is what was signed. */
static int verify(const struct signature_check *c, char **ret_text, size_t *ret_len,
                  struct strv *ret_signers, struct err **err)
{
    AUTO_FREE char *text = file_read(c->file, c->max, ret_len, err);

    if (!text)
        return -1;
    if (!str_starts(text, "good"))
        return err_set(err, ERR_DENIED, "a signature is bad");
    *ret_len -= 4;
    *ret_text = xstrdup(text + 4);
    strv_add(ret_signers, FPR);
    return 0;
}

/* --- the scene ------------------------------------------------------------------------------ */

struct scene {
    struct fixture f;
    struct site site;
    struct upstream server;
    char *keyring;
};

static void publish(struct scene *s, const char *date, const char *packages)
{
    char hex[DIGEST_HEX_SIZE];

    digest_mem(packages, strlen(packages), hex);
    free(s->server.release);
    free(s->server.packages);
    s->server.packages = xstrdup(packages);
    s->server.release = xasprintf("goodSuite: stable\nDate: %s\nAcquire-By-Hash: yes\nSHA256:\n"
                                  " %s %zu main/binary-amd64/Packages\n",
                                  date, hex, strlen(packages));
}

static char *package(const char *name, const char *version)
{
    char hex[DIGEST_HEX_SIZE];

    digest_mem(name, strlen(name), hex);
    return xasprintf("Package: %s\nVersion: %s\nArchitecture: amd64\nSource: src (1)\n"
                     "Filename: pool/%s.deb\nSize: 10\nSHA256: %s\n\n",
                     name, version, name, hex);
}

static struct scene *scene_open(void)
{
    static const struct http_ops http_ops = { .get = serve };
    static const struct signature_ops signature = { .verify = verify };
    struct scene *s = xcalloc(1, sizeof(*s));
    AUTO_FREE char *a = package("openssl", "3.0.12");
    AUTO_ERR e = NULL;

    s->f = fixture_open();
    s->server.http.ops = &http_ops;
    s->site = (struct site){
        .dir = s->f.dir,
        .store = s->f.s,
        .blobs = s->f.b,
        .archive = &archive_ops,
        .http = &s->server.http,
        .signature = &signature,
    };
    s->keyring = path_join(s->f.dir, "keyring");
    expect_ok(file_write(s->keyring, "keys", 4, 0600, &e) == 0, &e);
    fixture_time(NOW);
    publish(s, DATE, a);
    return s;
}

static void scene_closep(struct scene **sp)
{
    struct scene *s = *sp;

    free(s->server.release);
    free(s->server.packages);
    free(s->keyring);
    fixture_close(&s->f);
    free(s);
}
#define AUTO_SCENE __attribute__((cleanup(scene_closep))) struct scene *

static int add(struct scene *s, const char *uri, const char *suite, const char *fingerprint,
               struct err **err)
{
    char name[] = "sec", arch[] = "amd64";
    struct patch_source_spec spec = {
        .name = name,
        .uri = (char *)(uintptr_t)uri,
        .suite = (char *)(uintptr_t)suite,
        .arch = arch,
        .future_ms = PATCH_SOURCE_FUTURE_MS,
    };

    strv_add(&spec.components, "main");
    if (fingerprint)
        strv_add(&spec.fingerprints, fingerprint);
    int rc = patch_source_add(&s->site, &spec, s->keyring, err);
    strv_release(&spec.components);
    strv_release(&spec.fingerprints);
    return rc;
}

static void added(struct scene *s)
{
    AUTO_ERR e = NULL;

    expect_ok(add(s, "http://mirror/debian/", "stable", NULL, &e) == 0, &e);
}

static void polled(struct scene *s, bool want_changed)
{
    AUTO_ERR e = NULL;
    bool changed = !want_changed;

    expect_ok(patch_source_poll(&s->site, "sec", NULL, &changed, &e) == 0, &e);
    assert_int_equal(changed, want_changed);
}

/* All that the store knows of the source. */
static char *knows(struct scene *s)
{
    AUTO_ERR e = NULL;
    AUTO_JSON *list = patch_source_list(&s->site, &e);
    AUTO_FREE char *text = NULL;

    expect_ok(list, &e);
    text = json_canonical(list);
    return xasprintf("%s %lld", text,
                     (long long)fixture_count(&s->f, "SELECT count(*) FROM patch_source_package"));
}

static void refused(struct scene *s, enum err_code code, const char *part)
{
    AUTO_FREE char *before = knows(s);
    AUTO_ERR e = NULL;
    bool changed = true;

    assert_int_equal(patch_source_poll(&s->site, "sec", NULL, &changed, &e), -1);
    expect_err(code, part, &e);
    assert_true(changed); /* not written to */
    AUTO_FREE char *after = knows(s);
    assert_string_equal(after, before);
}

/* --- tests ---------------------------------------------------------------------------------- */

static void only_plain_words_make_a_source(void **state)
{
    AUTO_SCENE s = scene_open();
    AUTO_ERR e = NULL;

    (void)state;
    assert_int_equal(add(s, "ftp://mirror", "stable", NULL, &e), -1);
    expect_err(ERR_INVALID, "uri 'ftp://mirror': expected http://", &e);
    assert_int_equal(add(s, "http://ann@mirror/", "stable", NULL, &e), -1);
    expect_err(ERR_INVALID, "the uri holds a user or a password", &e);
    assert_int_equal(add(s, "http://mirror/a b", "stable", NULL, &e), -1);
    expect_err(ERR_INVALID, "plain characters", &e);
    assert_int_equal(add(s, "http://mirror", "../x", NULL, &e), -1);
    expect_err(ERR_INVALID, "suite '../x'", &e);
    assert_int_equal(add(s, "http://mirror", "stable", "12", &e), -1);
    expect_err(ERR_INVALID, "fingerprint '12': expected 40 hex digits", &e);
    expect_ok(add(s, "http://mirror/", "stable", FPR, &e) == 0, &e);
    assert_int_equal(add(s, "http://mirror/", "stable", NULL, &e), -1);
    expect_err(ERR_CONFLICT, "there is a patch source 'sec' already", &e);
}

static void a_poll_takes_all(void **state)
{
    AUTO_SCENE s = scene_open();
    AUTO_PATCH_SOURCE p = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    added(s);
    polled(s, true);
    assert_non_null(strstr(s->server.last, "http://mirror/debian/dists/stable/main/binary-amd64/"
                                           "by-hash/SHA256/"));
    assert_int_equal(s->server.calls, 2);
    expect_ok(patch_source_find(&s->site, "sec", &p, &e) == 0, &e);
    assert_true(p.polled == NOW);
    assert_int_equal(json_int_at(p.release, "packages"), 1);
    polled(s, false);
    assert_int_equal(s->server.calls, 3);
    s->server.unchanged = true;
    polled(s, false);
    expect_ok(patch_source_remove(&s->site, &p, &e) == 0, &e);
    assert_int_equal(fixture_count(&s->f, "SELECT count(*) FROM patch_source_package"), 0);
    assert_int_equal(patch_source_find(&s->site, "sec", &p, &e), -1);
    expect_err(ERR_NOT_FOUND, "there is no patch source 'sec'", &e);
}

static void what_is_not_believed_changes_nothing(void **state)
{
    AUTO_SCENE s = scene_open();
    AUTO_FREE char *b = package("curl", "8"), *name = package("-x", "8");
    AUTO_FREE char *version = package("x", "8 9");

    (void)state;
    added(s);
    polled(s, true);
    publish(s, EARLIER, b);
    refused(s, ERR_DENIED, "older than the one seen before");
    publish(s, "Mon, 23 Nov 2026 11:22:48 UTC", b);
    refused(s, ERR_DENIED, "in the future");
    publish(s, DATE, b);
    s->server.release[0] = 'b';
    refused(s, ERR_DENIED, "InRelease of suite 'stable': a signature is bad");
    publish(s, DATE, b);
    s->server.packages[9] = 'C';
    refused(s, ERR_INVALID, "is not what the signed release lists");
    publish(s, DATE, "nonsense\n");
    refused(s, ERR_INVALID, "main/binary-amd64/Packages:1: expected 'Field: value'");
    publish(s, DATE, "Package: x\n");
    refused(s, ERR_INVALID, "Packages:1: expected a package with");
    publish(s, DATE, name);
    refused(s, ERR_INVALID, "Packages:1: expected a package with");
    publish(s, DATE, version);
    refused(s, ERR_INVALID, "Packages:1: expected a package with");
    publish(s, DATE, b);
    free(TAKE(s->server.packages));
    refused(s, ERR_NOT_FOUND, "is not there (404)");
    free(TAKE(s->server.release));
    refused(s, ERR_NOT_FOUND, "there is no InRelease either");
    publish(s, DATE, b);
    polled(s, true);
}

static void each_failing_call_changes_nothing(void **state)
{
    AUTO_SCENE s = scene_open();
    int failed = 0;

    (void)state;
    added(s);
    for (;; failed++) {
        AUTO_ERR e = NULL;
        bool changed;

        s->server.calls = 0;
        s->server.fails_at = failed + 1;
        if (patch_source_poll(&s->site, "sec", NULL, &changed, &e) == 0)
            break;
        expect_err(ERR_IO, "poll patch source 'sec': the line is cut", &e);
        assert_int_equal(fixture_count(&s->f, "SELECT count(*) FROM patch_source_package"), 0);
    }
    assert_int_equal(failed, 2);
}

static void a_poll_survives_every_failure_of_the_store(void **state)
{
    AUTO_SCENE s = scene_open();
    bool done = false;

    (void)state;
    added(s);
    for (int nth = 1; !done; nth++) {
        AUTO_ERR e = NULL;
        bool changed = false;

        sqlite_fault_arm(nth);
        done = patch_source_poll(&s->site, "sec", NULL, &changed, &e) == 0;
        sqlite_fault_disarm();
        if (!done)
            expect_err(ERR_NO_ROOM, "out of memory", &e);
        int64_t rows = fixture_count(&s->f, "SELECT count(*) FROM patch_source_package");
        assert_int_equal(rows, fixture_count(&s->f, "SELECT count(release) FROM patch_source"));
    }
}

/* --- images --------------------------------------------------------------------------------- */

static int64_t image(struct scene *s, const char *name)
{
    const char *const servers[] = { NULL };
    int64_t id = fixture_image(&s->f, name, servers);
    AUTO_FREE char *sql = xasprintf("UPDATE image SET spec = '{\"firmware\":\"bios\",\"memory\":1,"
                                    "\"vcpus\":1,\"packages\":\"deb\",\"ready\":{}}' WHERE id = %d",
                                    (int)id);

    fixture_raw(&s->f, sql);
    return id;
}

static void lists(struct scene *s, int64_t image_id, const char *lane, const char *list)
{
    int64_t run = fixture_run_of(&s->f, image_id, fixture_patch(&s->f, "p"));
    AUTO_ERR e = NULL;
    json_t *blob = evidence_blob(s->f.b, list, strlen(list), &e);

    expect_ok(blob, &e);
    AUTO_JSON *body = json_pack("{s:s, s:s, s:o}", "lane", lane, "stage", "x", "list", blob);
    AUTO_TX tx = tx_begin(s->f.s, &e);
    expect_ok(tx, &e);
    expect_ok(evidence_append(s->f.s, run, "lane.packages", body, NULL, &e) == 0, &e);
    expect_ok(tx_commit(&tx, &e) == 0, &e);
}

static void images_are_told_what_they_lack(void **state)
{
    AUTO_SCENE s = scene_open();
    AUTO_PATCH_SOURCE p = { 0 };
    AUTO_ERR e = NULL;
    int64_t web = image(s, "web");

    (void)state;
    image(s, "db");
    lists(s, web, "baseline", "[[\"openssl\",\"3.0.9 (half-configured)\"],[\"x\",\"1\"]]");
    lists(s, web, "candidate", "[[\"openssl\",\"4\"]]");
    added(s);
    polled(s, true);
    expect_ok(patch_source_find(&s->site, "sec", &p, &e) == 0, &e);
    AUTO_JSON *news = patch_source_news(&s->site, &p, &e);
    expect_ok(news, &e);
    assert_int_equal(json_array_size(news), 2);
    const json_t *db = json_array_get(news, 0), *of_web = json_array_get(news, 1);
    assert_true(json_is_null(json_object_get(db, "packages")));
    assert_string_equal(json_str_at(db, "why"),
                        "the packages of image 'db': nobody has listed them yet");
    AUTO_FREE char *packages = json_canonical(json_object_get(of_web, "packages"));
    assert_string_equal(packages, "[{\"from\":\"3.0.9\",\"name\":\"openssl\",\"source\":\"src\","
                                  "\"to\":\"3.0.12\"}]");
}

static void servers_are_told_what_they_lack(void **state)
{
    AUTO_SCENE s = scene_open();
    AUTO_PATCH_SOURCE p = { 0 };
    AUTO_PACKAGE_LIST own = { 0 }, foreign = { 0 };
    AUTO_SERVER_ROW one = { 0 }, two = { 0 }, rocky = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    s->site.user = "ann@host";
    lists(s, image(s, "web"), "baseline", "[[\"openssl\",\"3.0.9\"]]");
    one = (struct server_row){ .name = xstrdup("one") };
    two = (struct server_row){ .name = xstrdup("two") };
    rocky = (struct server_row){ .name = xstrdup("rocky") };
    one.value[SERVER_CATEGORY] = xstrdup("web");
    two.value[SERVER_CATEGORY] = xstrdup("web");
    rocky.value[SERVER_CATEGORY] = xstrdup("web");
    one.value[SERVER_IMAGE] = xstrdup("web");
    two.value[SERVER_IMAGE] = xstrdup("web");
    two.value[SERVER_EXPOSURE] = xstrdup("internet");
    expect_ok(server_add(&s->site, &one, &e) == 0, &e);
    expect_ok(server_add(&s->site, &two, &e) == 0, &e);
    expect_ok(server_add(&s->site, &rocky, &e) == 0, &e);
    package_list_add(&own, "openssl", "3.0.11");
    package_list_add(&foreign, "rocky-release", "9.4-1.7.el9");
    package_list_add(&foreign, "openssl", "3.0.1");
    expect_ok(server_facts_set(&s->site, "two", &own, NULL, &e) == 0, &e);
    expect_ok(server_facts_set(&s->site, "rocky", &foreign, NULL, &e) == 0, &e);
    added(s);
    polled(s, true);
    expect_ok(patch_source_find(&s->site, "sec", &p, &e) == 0, &e);
    AUTO_JSON *news = patch_source_news(&s->site, &p, &e);
    expect_ok(news, &e);
    assert_int_equal(json_array_size(news), 2);
    const json_t *of_image = json_array_get(news, 0), *of_two = json_array_get(news, 1);
    AUTO_FREE char *names = json_canonical(json_object_get(of_image, "servers"));
    assert_string_equal(names, "[\"one\"]");
    assert_true(json_is_null(json_object_get(of_image, "exposure")));
    assert_true(json_is_null(json_object_get(of_two, "image")));
    assert_string_equal(json_str_at(of_two, "exposure"), "internet");
    AUTO_FREE char *packages = json_canonical(json_object_get(of_two, "packages"));
    assert_string_equal(packages, "[{\"from\":\"3.0.11\",\"name\":\"openssl\",\"source\":"
                                  "\"src\",\"to\":\"3.0.12\"}]");
}

static void damaged_lists_are_corrupt(void **state)
{
    AUTO_SCENE s = scene_open();
    AUTO_IMAGE i = { 0 };
    AUTO_PACKAGE_LIST l = { 0 };
    AUTO_ERR e = NULL;
    int64_t web = image(s, "web");

    (void)state;
    lists(s, web, "baseline", "[[\"open ssl\",\"3.0.9\"]]");
    expect_ok(image_by_id(&s->site, web, &i, &e) == 0, &e);
    assert_int_equal(image_packages(&s->site, &i, &l, NULL, &e), -1);
    expect_err(ERR_CORRUPT, "the packages of image 'web': its entry 1 is no package", &e);
}

static void lists_are_read_from_files(void **state)
{
    static const char good[] = "b\t2\n\na:amd64\t1:1-1", bad[] = "a\t1\nb 2\n";
    AUTO_PACKAGE_LIST l = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    expect_ok(image_packages_parse(good, strlen(good), "f", &l, &e) == 0, &e);
    assert_int_equal(l.len, 2);
    assert_string_equal(l.ptr[0].name, "a:amd64");
    assert_string_equal(l.ptr[0].version, "1:1-1");
    assert_int_equal(image_packages_parse(bad, strlen(bad), "f", &l, &e), -1);
    expect_err(ERR_INVALID, "f:2: expected NAME, a tab and VERSION", &e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_plain_words_make_a_source),
        cmocka_unit_test(a_poll_takes_all),
        cmocka_unit_test(what_is_not_believed_changes_nothing),
        cmocka_unit_test(each_failing_call_changes_nothing),
        cmocka_unit_test(a_poll_survives_every_failure_of_the_store),
        cmocka_unit_test(images_are_told_what_they_lack),
        cmocka_unit_test(servers_are_told_what_they_lack),
        cmocka_unit_test(damaged_lists_are_corrupt),
        cmocka_unit_test(lists_are_read_from_files),
    };

    sqlite_fault_install();
    return cmocka_run_group_tests_name("patch-source", tests, NULL, NULL);
}
