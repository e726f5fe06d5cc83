/* Scans in a run, before and after the patch, and scans of what runs recorded. */
#include "fakes/run_scene.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/feeds.h"
#include "base/file.h"
#include "base/mem.h"
#include "core/evidence.h"
#include "core/feed.h"
#include "core/image.h"
#include "core/packages.h"
#include "core/scan.h"

/* The fake guest has openssl 1, with the patch 2, on Debian 12. */
static void know(struct run_scene *s, const char *cve, const char *introduced, const char *fixed)
{
    AUTO_FREE char *name = xasprintf("f%lld", (long long)fixture_count(&s->f, "SELECT count(*)"
                                                                              " FROM feed"));
    AUTO_FREE char *path = path_join(s->f.dir, name);
    AUTO_FREE char *text = xasprintf("{\"advisories\":[{\"id\":\"%s\",\"release\":\"Debian:12\","
                                     "\"package\":\"openssl\",\"introduced\":\"%s\","
                                     "\"fixed\":\"%s\"}]}",
                                     cve, introduced, fixed);
    struct feed_spec spec = { name, "json", path, NULL };
    AUTO_ERR e = NULL;
    int64_t id;

    s->site.feeds = feed_formats;
    expect_ok(file_write(path, text, strlen(text), 0644, &e) == 0, &e);
    expect_ok(feed_add(&s->site, &spec, &id, &e) == 0, &e);
    AUTO_JSON *report = feed_poll(&s->site, name, &e);
    expect_ok(report, &e);
    assert_true(json_is_null(json_object_get(json_array_get(report, 0), "error")));
}

static void know_exploited(struct run_scene *s, const char *cve, const char *added, const char *due)
{
    AUTO_FREE char *path = path_join(s->f.dir, "kev.json");
    AUTO_FREE char *text = xasprintf(
        "{\"vulnerabilities\":[{\"cveID\":\"%s\",\"vulnerabilityName\":"
        "\"Bad\",\"dateAdded\":\"%s\"%s%s%s}]}",
        cve, added, due ? ",\"dueDate\":\"" : "", due ? due : "", due ? "\"" : "");
    struct feed_spec spec = { "kev", "kev", path, NULL };
    AUTO_ERR e = NULL;
    int64_t id;

    expect_ok(file_write(path, text, strlen(text), 0644, &e) == 0, &e);
    expect_ok(feed_add(&s->site, &spec, &id, &e) == 0, &e);
    json_decref(feed_poll(&s->site, "kev", &e));
}

/* The patch says that it fixes this. */
static void claim(struct run_scene *s, const char *cve)
{
    AUTO_ERR e = NULL;
    AUTO_QUERY q = store_query(s->f.s, "SELECT manifest FROM patch WHERE id = ?",
                               ARGS(A_INT(s->patch)), &e);
    char digest[DIGEST_HEX_SIZE];

    expect_ok(q && query_step(q, &e) == 1, &e);
    AUTO_JSON *manifest = json_loads(query_text(q, 0), 0, NULL);
    json_object_set_new(manifest, "cves", json_pack("[s]", cve));
    AUTO_FREE char *text = json_canonical(manifest);
    digest_mem(text, strlen(text), digest);
    expect_ok(store_exec(s->f.s, "UPDATE patch SET manifest = ?, digest = ? WHERE id = ?",
                         ARGS(A_TEXT(text), A_TEXT(digest), A_INT(s->patch)), &e)
                  == 1,
              &e);
}

static json_t *scan_member(struct run_scene *s)
{
    AUTO_JSON *j = scene_run(s);

    return json_incref(json_object_get(json_object_get(j, "summary"), "scan"));
}

static size_t count_of(const json_t *scan, const char *key)
{
    return json_array_size(json_object_get(scan, key));
}

static int64_t records(struct run_scene *s, const char *kind)
{
    AUTO_FREE char *sql = xasprintf("SELECT count(*) FROM evidence WHERE kind = '%s'", kind);

    return fixture_count(&s->f, sql);
}

static void what_the_patch_removes_is_told(void **state)
{
    AUTO_RUN_SCENE s = run_scene_new();

    (void)state;
    know(s, "CVE-1-1", "0", "2");
    know(s, "CVE-1-2", "0", "9");
    claim(s, "CVE-1-1");
    expect_verdict(s, VERDICT_PASS);
    expect_reason(s, "of 2 findings the patch removes 1");
    AUTO_JSON *scan = scan_member(s);
    assert_true(json_is_true(json_object_get(scan, "done")));
    assert_int_equal(json_int_at(scan, "before"), 2);
    assert_int_equal(json_int_at(scan, "after"), 1);
    assert_int_equal(json_int_at(scan, "baseline"), 2);
    assert_int_equal(json_int_at(scan, "applications"), 1);
    assert_int_equal(count_of(scan, "removed"), 1);
    assert_int_equal(count_of(scan, "remaining"), 1);
    assert_int_equal(count_of(scan, "new"), 0);
    assert_string_equal(
        json_str_at(json_array_get(json_object_get(scan, "removed"), 0), "installed"), "1");
    assert_int_equal(records(s, "lane.scan"), 3);
    assert_int_equal(records(s, "scan.data"), 1);
    /* All three with the same data, and the record of the data says which that was. */
    assert_int_equal(fixture_count(&s->f, "SELECT count(DISTINCT body ->> 'data') FROM evidence"
                                          " WHERE kind = 'lane.scan'"),
                     1);
    assert_int_equal(fixture_count(&s->f, "SELECT count(*) FROM evidence d, evidence l"
                                          " WHERE d.kind = 'scan.data' AND l.kind = 'lane.scan'"
                                          " AND l.body ->> 'data' = d.body ->> 'digest'"),
                     3);
}

static void a_claim_that_does_not_hold_fails(void **state)
{
    AUTO_RUN_SCENE s = run_scene_new();

    (void)state;
    know(s, "CVE-1-2", "0", "9");
    claim(s, "CVE-1-2");
    s->options.confirm = 0;
    run_scene_again(s);
    expect_verdict(s, VERDICT_FAIL);
    expect_reason(s,
                  "claims to fix 'CVE-1-2', but 'openssl 2' has it still (fixed in 9), applied 2 "
                  "times");
    AUTO_JSON *scan = scan_member(s);
    assert_int_equal(json_int_at(scan, "applications"), 2);
    assert_int_equal(records(s, "patch.applied"), 2);
}

static void a_new_finding_wants_a_person(void **state)
{
    AUTO_RUN_SCENE s = run_scene_new();

    (void)state;
    know(s, "CVE-1-3", "2", "9");
    expect_verdict(s, VERDICT_REVIEW);
    expect_reason(s, "the patch brings 'CVE-1-3' with 'openssl 2' (fixed in 9)");
    AUTO_JSON *scan = scan_member(s);
    assert_int_equal(count_of(scan, "new"), 1);
}

static void without_data_nothing_is_said(void **state)
{
    AUTO_RUN_SCENE s = run_scene_new();

    (void)state;
    claim(s, "CVE-1-1");
    expect_verdict(s, VERDICT_PASS);
    expect_reason(s, "nobody looked whether the patch fixes what it claims: there is no "
                     "vulnerability data");
    AUTO_JSON *scan = scan_member(s);
    assert_false(json_is_true(json_object_get(scan, "done")));
    assert_int_equal(records(s, "lane.scan"), 0);
    assert_int_equal(records(s, "scan.data"), 0);
}

static void data_of_another_release_is_no_data(void **state)
{
    AUTO_RUN_SCENE s = run_scene_new();

    (void)state;
    know(s, "CVE-1-1", "0", "2");
    fixture_raw(&s->f, "UPDATE affected SET ecosystem = 'Debian:13'");
    expect_verdict(s, VERDICT_PASS);
    AUTO_JSON *scan = scan_member(s);
    assert_string_equal(json_str_at(scan, "note"),
                        "the vulnerability data does not speak of 'Debian:12'");
}

static void a_guest_lost_while_patching_has_one_scan(void **state)
{
    AUTO_RUN_SCENE s = run_scene_new();

    (void)state;
    know(s, "CVE-1-1", "0", "2");
    s->lab.lanes[LANE_CANDIDATE].fail_at = 7;
    s->lab.lanes[LANE_CANDIDATE].code = ERR_GUEST;
    s->options.confirm = 0;
    expect_verdict(s, VERDICT_FAIL);
    AUTO_JSON *scan = scan_member(s);
    assert_false(json_is_true(json_object_get(scan, "done")));
}

/* --- what runs recorded --- */

static void a_run_is_scanned_with_todays_data(void **state)
{
    AUTO_RUN_SCENE s = run_scene_new();
    AUTO_ERR e = NULL;

    (void)state;
    assert_null(scan_run(&s->site, s->id, &e));
    expect_err(ERR_NOT_FOUND, "has no list of packages", &e);
    expect_verdict(s, VERDICT_PASS);
    assert_null(scan_run(&s->site, s->id, &e));
    expect_err(ERR_NOT_FOUND, "there is no vulnerability data", &e);
    know(s, "CVE-1-1", "0", "2");
    know(s, "CVE-1-2", "0", "9");
    AUTO_JSON *scan = scan_run(&s->site, s->id, &e);
    expect_ok(scan, &e);
    assert_int_equal(count_of(scan, "findings"), 1); /* of the patched guest */
    assert_string_equal(json_str_at(scan, "release"), "Debian:12");
    const json_t *f = json_array_get(json_object_get(scan, "findings"), 0);
    assert_true(json_is_null(json_object_get(f, "exploited")));
    assert_true(json_is_null(json_object_get(f, "likelihood")));
    assert_null(scan_run(&s->site, 99, &e));
    expect_err(ERR_NOT_FOUND, "there is no run 99", &e);
}

static void an_image_is_scanned_as_it_is(void **state)
{
    AUTO_RUN_SCENE s = run_scene_new();
    AUTO_IMAGE i = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    expect_ok(image_by_id(&s->site, s->image, &i, &e) == 0, &e);
    assert_null(scan_image(&s->site, &i, &e));
    expect_err(ERR_NOT_FOUND, "the packages of image 'web': nobody has listed them yet", &e);
    know(s, "CVE-1-1", "0", "2");
    know(s, "CVE-1-2", "0", "9");
    expect_verdict(s, VERDICT_PASS);
    AUTO_JSON *scan = scan_image(&s->site, &i, &e);
    expect_ok(scan, &e);
    assert_int_equal(count_of(scan, "findings"), 2);
}

static void what_is_exploited_is_an_emergency(void **state)
{
    AUTO_RUN_SCENE s = run_scene_new();
    AUTO_ERR e = NULL;

    (void)state;
    know(s, "CVE-1-1", "0", "2");
    know(s, "CVE-1-2", "0", "9");
    know_exploited(s, "CVE-1-2", "2026-11-20", NULL);
    AUTO_JSON *nothing = scan_emergencies(&s->site, &e);
    expect_ok(nothing, &e);
    assert_int_equal(json_array_size(nothing), 0);
    expect_verdict(s, VERDICT_PASS);
    fixture_time(1795478400000); /* 2026-11-24 */
    AUTO_JSON *list = scan_emergencies(&s->site, &e);
    expect_ok(list, &e);
    assert_int_equal(json_array_size(list), 1);
    const json_t *x = json_array_get(list, 0);
    assert_string_equal(json_str_at(x, "cve"), "CVE-1-2");
    assert_string_equal(json_str_at(x, "deadline"), "2026-11-23");
    assert_string_equal(json_str_at(x, "rule"), "3 days, triage first");
    assert_true(json_is_true(json_object_get(x, "overdue")));
    assert_string_equal(json_string_value(json_array_get(json_object_get(x, "servers"), 0)),
                        "web-01");
}

static void an_earlier_due_date_counts(void **state)
{
    AUTO_RUN_SCENE s = run_scene_new();
    AUTO_ERR e = NULL;

    (void)state;
    know(s, "CVE-1-2", "0", "9");
    know_exploited(s, "CVE-1-2", "2026-11-20", "2026-11-21");
    expect_verdict(s, VERDICT_PASS);
    AUTO_JSON *list = scan_emergencies(&s->site, &e);
    expect_ok(list, &e);
    assert_string_equal(json_str_at(json_array_get(list, 0), "deadline"), "2026-11-21");
}

static void lists_are_read_back(void **state)
{
    static const char *const bad[] = { "{}", "[1]", "[[\"a\"]]", "[[\"a\",\"1\",\"b\"]]",
                                       "[[1,2]]" };
    AUTO_PACKAGE_LIST l = { 0 }, back = { 0 }, old = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    package_list_add_source(&l, "b:amd64", "1+b1", "c", "1");
    package_list_add(&l, "a:amd64", "2");
    AUTO_JSON *j = package_list_json(&l);
    expect_ok(package_list_from_json(j, &back, &e) == 0, &e);
    assert_string_equal(back.ptr[0].source, "a");
    assert_string_equal(back.ptr[1].source, "c");
    assert_string_equal(back.ptr[1].source_version, "1");
    AUTO_JSON *two = json_pack("[[s, s]]", "a:amd64", "2");
    expect_ok(package_list_from_json(two, &old, &e) == 0, &e);
    assert_string_equal(old.ptr[0].source, "a");
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        AUTO_JSON *b = json_loads(bad[i], 0, NULL);
        AUTO_PACKAGE_LIST none = { 0 };
        assert_int_equal(package_list_from_json(b, &none, &e), -1);
        expect_err(ERR_CORRUPT, "list of packages", &e);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_patch_removes_is_told),
        cmocka_unit_test(a_claim_that_does_not_hold_fails),
        cmocka_unit_test(a_new_finding_wants_a_person),
        cmocka_unit_test(without_data_nothing_is_said),
        cmocka_unit_test(data_of_another_release_is_no_data),
        cmocka_unit_test(a_guest_lost_while_patching_has_one_scan),
        cmocka_unit_test(a_run_is_scanned_with_todays_data),
        cmocka_unit_test(an_image_is_scanned_as_it_is),
        cmocka_unit_test(what_is_exploited_is_an_emergency),
        cmocka_unit_test(an_earlier_due_date_counts),
        cmocka_unit_test(lists_are_read_back),
    };

    return cmocka_run_group_tests_name("scan", tests, NULL, NULL);
}
