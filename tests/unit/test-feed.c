/* Feeds in a store: adding, importing as a whole or not at all, loading for a scan. */
#include "fakes/fixture.h"
#include "fakes/make_archive.h"
#include "ports/http.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/feeds.h"
#include "adapters/libarchive.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/stop.h"
#include "core/feed.h"
#include "core/site.h"
#include "core/vulns.h"

struct scene {
    struct fixture f;
    struct site site;
};

static struct scene scene_new(void)
{
    struct scene s = { .f = fixture_open() };

    s.site = (struct site){
        .dir = s.f.dir,
        .store = s.f.s,
        .blobs = s.f.b,
        .archive = &archive_ops,
        .feeds = feed_formats,
    };
    return s;
}

static void scene_free(struct scene *s)
{
    fixture_close(&s->f);
}
#define AUTO_SCENE __attribute__((cleanup(scene_free))) struct scene

static char *put(struct scene *s, const char *name, const char *text)
{
    AUTO_ERR e = NULL;
    char *path = path_join(s->f.dir, name);

    expect_ok(file_write(path, text, strlen(text), 0644, &e) == 0, &e);
    return path;
}

static void add(struct scene *s, const char *name, const char *kind, const char *path,
                const char *release)
{
    struct feed_spec spec = { name, kind, path, release };
    AUTO_ERR e = NULL;
    int64_t id;

    expect_ok(feed_add(&s->site, &spec, &id, &e) == 0, &e);
}

static void expect_refused(struct scene *s, struct feed_spec spec, enum err_code code,
                           const char *part)
{
    AUTO_ERR e = NULL;
    int64_t id;

    assert_int_equal(feed_add(&s->site, &spec, &id, &e), -1);
    expect_err(code, part, &e);
}

/* Of the one feed that is polled. */
static json_t *poll_one(struct scene *s, const char *name)
{
    AUTO_ERR e = NULL;
    AUTO_JSON *report = feed_poll(&s->site, name, &e);

    expect_ok(report, &e);
    assert_int_equal(json_array_size(report), 1);
    return json_incref(json_array_get(report, 0));
}

#define OSV_A \
    "[{\"id\":\"CVE-1-1\",\"modified\":\"2026-01-02T00:00:00Z\",\"affected\":[{\"package\":" \
    "{\"ecosystem\":\"Debian:12\",\"name\":\"openssl\"},\"ranges\":[{\"type\":\"ECOSYSTEM\"," \
    "\"events\":[{\"introduced\":\"0\"},{\"fixed\":\"2\"}]}]},{\"package\":{\"ecosystem\":" \
    "\"PyPI\",\"name\":\"x\"}}]}"
#define OSV_B \
    "{\"id\":\"DSA-1\",\"modified\":\"2026-01-01T00:00:00Z\",\"upstream\":[\"CVE-1-2\"," \
    "\"CVE-1-3\"],\"affected\":[{\"package\":{\"ecosystem\":\"Rocky Linux:9\",\"name\":\"bash\"}," \
    "\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":[{\"introduced\":\"1\"},{\"fixed\":\"2\"}," \
    "{\"introduced\":\"3\"}]}]}]}"

static void what_cannot_be_a_feed_is_refused(void **state)
{
    AUTO_SCENE s = scene_new();
    AUTO_FREE char *path = put(&s, "a.json", "[]");

    (void)state;
    expect_refused(&s, (struct feed_spec){ "A B", "osv", path, NULL }, ERR_INVALID,
                   "'A B' is no name for a feed");
    expect_refused(&s, (struct feed_spec){ "a", "nvd", path, NULL }, ERR_INVALID,
                   "'nvd' is no kind of feed");
    expect_refused(&s, (struct feed_spec){ "a", "debsecan", path, NULL }, ERR_INVALID,
                   "does not say which release");
    expect_refused(&s, (struct feed_spec){ "a", "debsecan", path, "bookworm" }, ERR_INVALID,
                   "'bookworm' is no release");
    expect_refused(&s, (struct feed_spec){ "a", "osv", "/no/such/file", NULL }, ERR_NOT_FOUND,
                   "/no/such/file");
    add(&s, "a", "osv", path, NULL);
    expect_refused(&s, (struct feed_spec){ "a", "kev", path, NULL }, ERR_CONFLICT,
                   "there is a feed 'a' already");
    assert_int_equal(fixture_count(&s.f, "SELECT count(*) FROM feed"), 1);
}

static void data_is_imported_once(void **state)
{
    AUTO_SCENE s = scene_new();
    AUTO_FREE char *path = put(&s, "a.json", OSV_A "," OSV_B "]");
    AUTO_ERR e = NULL;

    (void)state;
    add(&s, "a", "osv", path, NULL);
    fixture_time(1000);
    AUTO_JSON *first = poll_one(&s, "a");
    assert_true(json_is_true(json_object_get(first, "changed")));
    assert_true(json_is_null(json_object_get(first, "error")));
    assert_int_equal(json_int_at(first, "records"), 5);
    assert_int_equal(json_int_at(first, "skipped"), 1);
    assert_string_equal(json_str_at(first, "dated"), "2026-01-02T00:00:00Z");
    fixture_time(2000);
    AUTO_JSON *again = poll_one(&s, NULL);
    assert_false(json_is_true(json_object_get(again, "changed")));
    assert_int_equal(fixture_count(&s.f, "SELECT imported FROM feed"), 1000);
    assert_int_equal(fixture_count(&s.f, "SELECT polled FROM feed"), 2000);
    assert_int_equal(fixture_count(&s.f, "SELECT count(*) FROM affected"), 5);
    assert_int_equal(fixture_count(&s.f, "SELECT count(*) FROM advisory"), 3);
    AUTO_JSON *list = feed_list(&s.site, &e);
    expect_ok(list, &e);
    assert_int_equal(json_int_at(json_array_get(list, 0), "records"), 5);
}

static void new_data_replaces_the_old_whole(void **state)
{
    AUTO_SCENE s = scene_new();
    AUTO_FREE char *path = put(&s, "a.json", OSV_A "," OSV_B "]");

    (void)state;
    add(&s, "a", "osv", path, NULL);
    json_decref(poll_one(&s, "a"));
    /* The second of two records is no good: nothing of the first is taken. */
    mem_freep(&path);
    path = put(&s, "a.json", OSV_A ",{\"id\":7}]");
    AUTO_JSON *bad = poll_one(&s, "a");
    assert_non_null(strstr(json_str_at(bad, "error"), "'id' is not one line"));
    assert_int_equal(fixture_count(&s.f, "SELECT count(*) FROM affected"), 5);
    mem_freep(&path);
    path = put(&s, "a.json", OSV_A "]");
    AUTO_JSON *good = poll_one(&s, "a");
    assert_int_equal(json_int_at(good, "records"), 1);
    assert_int_equal(fixture_count(&s.f, "SELECT count(*) FROM affected"), 1);
    assert_int_equal(fixture_count(&s.f, "SELECT count(*) FROM advisory"), 1);
}

static void one_bad_feed_does_not_keep_others(void **state)
{
    AUTO_SCENE s = scene_new();
    AUTO_FREE char *good = put(&s, "good.json", OSV_A "]");
    AUTO_FREE char *bad = put(&s, "bad.json", "[");
    AUTO_ERR e = NULL;

    (void)state;
    add(&s, "bad", "osv", bad, NULL);
    add(&s, "far", "osv", "https://example.org/all.zip", NULL);
    add(&s, "good", "osv", good, NULL);
    AUTO_JSON *report = feed_poll(&s.site, NULL, &e);
    expect_ok(report, &e);
    assert_int_equal(json_array_size(report), 3);
    assert_non_null(json_str_at(json_array_get(report, 0), "error"));
    assert_non_null(strstr(json_str_at(json_array_get(report, 1), "error"), "cannot fetch"));
    assert_null(json_str_at(json_array_get(report, 2), "error"));
    assert_null(feed_poll(&s.site, "none", &e));
    expect_err(ERR_NOT_FOUND, "there is no feed 'none'", &e);
}

static void a_removed_feed_takes_its_data_along(void **state)
{
    static const char kev[] = "{\"vulnerabilities\":[{\"cveID\":\"CVE-1-1\",\"vulnerabilityName\":"
                              "\"x\",\"dateAdded\":\"2026-01-01\"}]}";
    static const char epss[] = "cve,epss,percentile\nCVE-1-1,0.5,0.5\nCVE-1-2,0.25,0.5\n";
    AUTO_SCENE s = scene_new();
    AUTO_FREE char *a = put(&s, "a.json", OSV_A "]"), *k = put(&s, "k.json", kev);
    AUTO_FREE char *p = put(&s, "p.csv", epss);
    AUTO_ERR e = NULL;

    (void)state;
    add(&s, "a", "osv", a, NULL);
    add(&s, "k", "kev", k, NULL);
    add(&s, "p", "epss", p, NULL);
    json_decref(feed_poll(&s.site, NULL, &e));
    assert_int_equal(fixture_count(&s.f, "SELECT count(*) FROM exploited"), 1);
    assert_int_equal(fixture_count(&s.f, "SELECT sum(score) FROM likelihood"), 75000);
    expect_ok(feed_remove(&s.site, "a", &e) == 0, &e);
    expect_ok(feed_remove(&s.site, "k", &e) == 0, &e);
    expect_ok(feed_remove(&s.site, "p", &e) == 0, &e);
    assert_int_equal(fixture_count(&s.f, "SELECT (SELECT count(*) FROM affected)"
                                         " + (SELECT count(*) FROM advisory)"
                                         " + (SELECT count(*) FROM exploited)"
                                         " + (SELECT count(*) FROM likelihood)"
                                         " + (SELECT count(*) FROM feed)"),
                     0);
    assert_int_equal(feed_remove(&s.site, "a", &e), -1);
    expect_err(ERR_NOT_FOUND, "there is no feed 'a'", &e);
}

static void data_is_loaded_by_kind_of_packages(void **state)
{
    AUTO_SCENE s = scene_new();
    AUTO_FREE char *path = put(&s, "a.json", OSV_A "," OSV_B "]");
    AUTO_ERR e = NULL;

    (void)state;
    add(&s, "a", "osv", path, NULL);
    AUTO_VULNS none = vulns_load(s.f.s, "deb", &e);
    expect_ok(none, &e);
    assert_int_equal(vulns_count(none), 0);
    json_decref(poll_one(&s, "a"));
    AUTO_VULNS deb = vulns_load(s.f.s, "deb", &e);
    AUTO_VULNS rpm = vulns_load(s.f.s, "rpm", &e);
    AUTO_VULNS all = vulns_load(s.f.s, NULL, &e);
    expect_ok(deb && rpm && all, &e);
    assert_int_equal(vulns_count(deb), 1);
    assert_int_equal(vulns_count(rpm), 4);
    assert_int_equal(vulns_count(all), 5);
    assert_true(vulns_know(deb, "Debian:12"));
    assert_false(vulns_know(deb, "Rocky Linux:9"));
    /* The same data has the same digest, whatever of it was loaded; other data has another. */
    assert_string_equal(vulns_digest(deb), vulns_digest(all));
    assert_string_not_equal(vulns_digest(none), vulns_digest(all));
    AUTO_JSON *feeds = vulns_data(all);
    assert_string_equal(json_str_at(json_array_get(feeds, 0), "feed"), "a");
}

static void a_zip_is_a_tree(void **state)
{
    AUTO_SCENE s = scene_new();
    AUTO_FREE char *path = path_join(s.f.dir, "all.zip");
    struct made entries[] = { { "CVE-1-1.json", .text = OSV_A "]" },
                              { "DSA-1.json", .text = OSV_B } };

    (void)state;
    make_archive(path, "zip", entries, ARRAY_LEN(entries));
    add(&s, "zip", "osv", path, NULL);
    AUTO_JSON *done = poll_one(&s, "zip");
    assert_true(json_is_null(json_object_get(done, "error")));
    assert_int_equal(json_int_at(done, "records"), 5);
    AUTO_STRV left = { 0 };
    AUTO_ERR e = NULL;
    expect_ok(dir_list(s.f.dir, &left, &e) == 0, &e);
    for (size_t i = 0; i < left.len; i++)
        assert_false(str_starts(left.ptr[i], "feed-"));
}

static void a_directory_is_imported_when_a_file_changes(void **state)
{
    AUTO_SCENE s = scene_new();
    AUTO_FREE char *dir = path_join(s.f.dir, "tree");
    AUTO_ERR e = NULL;

    (void)state;
    expect_ok(dir_make(dir, 0755, &e) == 0, &e);
    free(put(&s, "tree/a.json", OSV_A "]"));
    add(&s, "tree", "osv", dir, NULL);
    AUTO_JSON *first = poll_one(&s, "tree");
    assert_int_equal(json_int_at(first, "records"), 1);
    AUTO_JSON *same = poll_one(&s, "tree");
    assert_false(json_is_true(json_object_get(same, "changed")));
    free(put(&s, "tree/b.json", OSV_B));
    AUTO_JSON *more = poll_one(&s, "tree");
    assert_int_equal(json_int_at(more, "records"), 5);
}

/* A server with one document, and what it was asked last. */
struct server {
    struct http http;
    const char *text, *etag;
    bool down;
    int asked, unchanged;
};

static int serve(struct http *h, const struct http_get *get, struct http_answer *ret,
                 struct err **err)
{
    struct server *s = (struct server *)h;

    s->asked++;
    if (s->down)
        return err_set(err, ERR_IO, "cannot fetch '%s': the server is down", get->url);
    *ret = (struct http_answer){ .etag = xstrdup(s->etag),
                                 .unchanged = str_eq(s->etag, get->etag) };
    s->unchanged += ret->unchanged;
    assert_true(get->max_bytes > 0);
    return ret->unchanged ? 0 : file_write(get->to, s->text, strlen(s->text), 0644, err);
}

static void data_is_fetched_when_it_changes(void **state)
{
    static const struct http_ops ops = { .get = serve };
    struct server server = { .http = { &ops }, .text = OSV_A "]", .etag = "\"1\"" };
    AUTO_SCENE s = scene_new();
    AUTO_FREE char *kept = path_join(s.f.dir, "feeds");
    AUTO_STRV left = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    s.site.http = &server.http;
    add(&s, "far", "osv", "https://example.org/osv/one.json", NULL);
    AUTO_JSON *first = poll_one(&s, "far");
    assert_int_equal(json_int_at(first, "records"), 1);
    AUTO_JSON *same = poll_one(&s, "far");
    assert_false(json_is_true(json_object_get(same, "changed")));
    assert_int_equal(server.unchanged, 1);
    /* Data that is no good leaves the old tag, so it is asked for again. */
    server.text = "[";
    server.etag = "\"2\"";
    AUTO_JSON *bad = poll_one(&s, "far");
    assert_non_null(json_str_at(bad, "error"));
    server.text = OSV_A "," OSV_B "]";
    AUTO_JSON *good = poll_one(&s, "far");
    assert_int_equal(json_int_at(good, "records"), 5);
    server.down = true;
    AUTO_JSON *down = poll_one(&s, "far");
    assert_non_null(strstr(json_str_at(down, "error"), "the server is down"));
    assert_int_equal(server.asked, 5);
    assert_int_equal(fixture_count(&s.f, "SELECT count(*) FROM affected"), 5);
    expect_ok(dir_list(kept, &left, &e) == 0, &e);
    assert_int_equal(left.len, 0);
}

static void an_import_can_be_stopped(void **state)
{
    AUTO_SCENE s = scene_new();
    AUTO_FREE char *path = put(&s, "a.json", OSV_A "]");
    AUTO_ERR e = NULL;

    (void)state;
    struct stop *stop = stop_new();
    s.site.stop = stop;
    add(&s, "a", "osv", path, NULL);
    stop_raise(stop, 0);
    assert_null(feed_poll(&s.site, NULL, &e));
    expect_err(ERR_CANCELLED, "", &e);
    assert_int_equal(fixture_count(&s.f, "SELECT count(*) FROM affected"), 0);
    stop_free(stop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_cannot_be_a_feed_is_refused),
        cmocka_unit_test(data_is_imported_once),
        cmocka_unit_test(new_data_replaces_the_old_whole),
        cmocka_unit_test(one_bad_feed_does_not_keep_others),
        cmocka_unit_test(a_removed_feed_takes_its_data_along),
        cmocka_unit_test(data_is_loaded_by_kind_of_packages),
        cmocka_unit_test(a_zip_is_a_tree),
        cmocka_unit_test(a_directory_is_imported_when_a_file_changes),
        cmocka_unit_test(data_is_fetched_when_it_changes),
        cmocka_unit_test(an_import_can_be_stopped),
    };

    return cmocka_run_group_tests_name("feed", tests, NULL, NULL);
}
