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
#include "core/scanning.h"

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
    scene_set_manifest(s, "cves", json_pack("[s]", cve));
}

static void claim_by_changelog(struct run_scene *s, const char *cve)
{
    scene_set_manifest(s, "claims", json_pack("[{s:s, s:s}]", "cve", cve, "origin", "changelog"));
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

static void a_changelogs_claim_that_does_not_hold_wants_a_person(void **state)
{
    AUTO_RUN_SCENE s = run_scene_new();

    (void)state;
    know(s, "CVE-1-2", "0", "9");
    claim_by_changelog(s, "CVE-1-2");
    s->options.confirm = 0;
    run_scene_again(s);
    expect_verdict(s, VERDICT_REVIEW);
    expect_reason(s, "a changelog of the patch claims to fix 'CVE-1-2', but 'openssl 2' has it "
                     "still (fixed in 9), applied 2 times");
}

static void a_claim_of_both_is_one(void **state)
{
    AUTO_RUN_SCENE s = run_scene_new();

    (void)state;
    know(s, "CVE-1-2", "0", "9");
    claim(s, "CVE-1-2");
    claim_by_changelog(s, "CVE-1-2");
    s->options.confirm = 0;
    run_scene_again(s);
    expect_verdict(s, VERDICT_FAIL);
    AUTO_JSON *j = scene_run(s);
    AUTO_FREE char *text = json_canonical(json_object_get(j, "summary"));
    assert_null(strstr(text, "a changelog of the patch"));
}

static void how_often_it_is_applied_is_an_option(void **state)
{
    static const int tries[] = { 1, 3, RUN_APPLICATIONS_MAX };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(tries); i++) {
        AUTO_RUN_SCENE s = run_scene_new();

        know(s, "CVE-1-2", "0", "9");
        claim(s, "CVE-1-2");
        s->options.confirm = 0;
        s->options.applications = tries[i];
        run_scene_again(s);
        expect_verdict(s, VERDICT_FAIL);
        AUTO_JSON *scan = scan_member(s);
        assert_int_equal(json_int_at(scan, "applications"), tries[i]);
        assert_int_equal(records(s, "patch.applied"), tries[i]);
        assert_int_equal(fixture_count(&s->f, "SELECT spec ->> 'applications' FROM run"
                                              " ORDER BY id DESC LIMIT 1"),
                         tries[i]);
    }
}

/* --- another scanner --- */

static struct {
    bool absent, breaks;
    size_t calls, files;
    char file[DIGEST_HEX_SIZE];
} other;

static char *other_version(const struct stop *stop, struct err **err)
{
    (void)stop;
    if (!other.absent)
        return xstrdup("other 1.2");
    err_set(err, ERR_NOT_FOUND, "there is no program 'other'");
    err_hint(err, "install it");
    return NULL;
}

/* In the old openssl it finds something. */
static int other_scan(const struct scan_task *t, struct finding_list *ret, struct err **err)
{
    __attribute__((cleanup(finding_release))) struct finding f = {
        .id = xstrdup("CVE-9-9"),
        .package = xstrdup("openssl"),
        .installed = xstrdup("1"),
        .binaries = xstrdup("openssl"),
        .source = xstrdup("other"),
        .severity = SEVERITY_HIGH,
    };

    __atomic_add_fetch(&other.calls, 1, __ATOMIC_SEQ_CST);
    other.files = t->file_count;
    if (t->file_count)
        memcpy(other.file, t->files[0].digest, sizeof(other.file));
    if (other.breaks)
        return err_set(err, ERR_IO, "it broke");
    for (size_t i = 0; i < t->packages->len; i++) {
        if (str_eq(t->packages->ptr[i].source, "openssl")
            && t->order(t->packages->ptr[i].version, "2") < 0)
            finding_list_add(ret, &f);
    }
    return 0;
}

static const struct scanner other_scanner = {
    .name = "other",
    .help = "another",
    .feed_kind = "debsecan",
    .packages = "deb",
    .parameters = "--all",
    .version = other_version,
    .scan = other_scan,
};
static const struct scanner *const both[] = { &scanner_builtin, &other_scanner, NULL };

static struct run_scene *scene_with_other(void)
{
    struct run_scene *s = run_scene_new();

    memset(&other, 0, sizeof(other));
    s->site.scanners = both;
    s->site.feeds = feed_formats;
    s->options.confirm = 0;
    s->options.scanner = "other";
    run_scene_again(s);
    return s;
}

/* Data that it reads, of this release. */
static void give_data(struct run_scene *s, const char *name, const char *release)
{
    static const char text[] = "VERSION 1\nCVE-1-1,,x\n\nopenssl,0,S   ,2,\n\n";
    AUTO_FREE char *path = path_join(s->f.dir, name);
    struct feed_spec spec = { name, "debsecan", path, release };
    AUTO_ERR e = NULL;
    int64_t id;

    expect_ok(file_write(path, text, strlen(text), 0644, &e) == 0, &e);
    expect_ok(feed_add(&s->site, &spec, &id, &e) == 0, &e);
    AUTO_JSON *report = feed_poll(&s->site, name, &e);
    assert_true(json_is_null(json_object_get(json_array_get(report, 0), "error")));
    assert_int_equal(remove(path), 0);
}

static void another_scanner_looks_at_both_sides(void **state)
{
    AUTO_RUN_SCENE s = scene_with_other();

    (void)state;
    give_data(s, "data", "Debian:12");
    give_data(s, "elsewhere", "Debian:11");
    expect_verdict(s, VERDICT_PASS);
    AUTO_JSON *scan = scan_member(s);
    assert_string_equal(json_str_at(scan, "scanner"), "other");
    assert_string_equal(json_str_at(scan, "version"), "other 1.2");
    assert_int_equal(json_int_at(scan, "before"), 1);
    assert_int_equal(json_int_at(scan, "after"), 0);
    assert_int_equal(other.calls, 3);
    assert_int_equal(other.files, 1); /* of the other release it sees nothing */
    assert_int_equal(fixture_count(&s->f, "SELECT count(*) FROM evidence WHERE kind = 'scan.data'"
                                          " AND body ->> 'scanner' = 'other'"
                                          " AND body ->> 'version' = 'other 1.2'"
                                          " AND body ->> 'parameters' = '--all'"),
                     1);
    assert_int_equal(fixture_count(&s->f, "SELECT count(*) FROM evidence d, evidence l"
                                          " WHERE d.kind = 'scan.data' AND l.kind = 'lane.scan'"
                                          " AND l.body ->> 'data' = d.body ->> 'digest'"
                                          " AND l.body ->> 'scanner' = 'other'"),
                     3);
}

static void a_scanner_without_data_says_so(void **state)
{
    AUTO_RUN_SCENE s = scene_with_other();

    (void)state;
    expect_verdict(s, VERDICT_PASS);
    AUTO_JSON *scan = scan_member(s);
    assert_string_equal(json_str_at(scan, "note"),
                        "there is no data of kind 'debsecan' for scanner 'other'");
    give_data(s, "data", "Debian:11");
    run_scene_again(s);
    expect_verdict(s, VERDICT_PASS);
    AUTO_JSON *again = scan_member(s);
    assert_string_equal(json_str_at(again, "note"),
                        "the vulnerability data does not speak of 'Debian:12'");
    assert_int_equal(other.calls, 0);
}

static void a_scanner_that_breaks_breaks_the_run(void **state)
{
    AUTO_RUN_SCENE s = scene_with_other();

    (void)state;
    give_data(s, "data", "Debian:12");
    other.breaks = true;
    expect_broken(s, ERR_IO, "scanner 'other': it broke");
}

static void a_scanner_that_is_not_there_is_refused(void **state)
{
    AUTO_RUN_SCENE s = scene_with_other();
    AUTO_PACKAGE_LIST l = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    other.absent = true;
    assert_null(scanner_find(&s->site, "other", NULL, &e));
    assert_string_equal(e->hint, "install it");
    expect_err(ERR_INVALID, "scanner 'other' is not installed: there is no program 'other'", &e);
    assert_null(scanner_find(&s->site, "x\x1b", NULL, &e));
    assert_string_equal(e->hint, "these are known: built-in, other");
    expect_err(ERR_INVALID, "'x\\x1b' is no scanner", &e);
    assert_null(scan_packages(&s->site, &l, "other", &e));
    expect_err(ERR_INVALID, "is not installed", &e);
    expect_broken(s, ERR_INVALID, "scanner 'other' is not installed");
    AUTO_JSON *list = scanner_list(&s->site);
    assert_int_equal(json_array_size(list), 2);
    assert_true(json_is_true(json_object_get(json_array_get(list, 0), "installed")));
    assert_false(json_is_true(json_object_get(json_array_get(list, 1), "installed")));
}

static void its_data_is_kept_as_it_came(void **state)
{
    AUTO_RUN_SCENE s = scene_with_other();
    AUTO_PACKAGE_LIST l = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    give_data(s, "data", "Debian:12");
    package_list_add(&l, "base-files", "12.4+deb12u1");
    AUTO_JSON *scan = scan_packages(&s->site, &l, "other", &e);
    expect_ok(scan, &e);
    AUTO_FREE char *blob = blob_path(s->f.b, other.file);
    assert_true(file_exists(blob));
    assert_true(json_is_null(json_object_get(scan, "run")));
    assert_int_equal(remove(blob), 0);
    assert_null(scan_packages(&s->site, &l, "other", &e));
    assert_non_null(strstr(e->hint, "feed poll data"));
    expect_err(ERR_NOT_FOUND, "the data of feed 'data'", &e);
}

static void a_list_of_packages_of_another_kind_is_not_for_it(void **state)
{
    AUTO_RUN_SCENE s = scene_with_other();
    AUTO_PACKAGE_LIST l = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    give_data(s, "data", "Debian:12");
    package_list_add(&l, "rocky-release", "9.3-1");
    assert_null(scan_packages(&s->site, &l, "other", &e));
    expect_err(ERR_NOT_FOUND, "scanner 'other' does not know the packages of 'Rocky Linux:9'", &e);
}

/* --- what runs recorded --- */

static void a_run_is_scanned_with_todays_data(void **state)
{
    AUTO_RUN_SCENE s = run_scene_new();
    AUTO_ERR e = NULL;

    (void)state;
    assert_null(scan_run(&s->site, s->id, NULL, &e));
    expect_err(ERR_NOT_FOUND, "has no list of packages", &e);
    expect_verdict(s, VERDICT_PASS);
    assert_null(scan_run(&s->site, s->id, NULL, &e));
    expect_err(ERR_NOT_FOUND, "there is no vulnerability data", &e);
    know(s, "CVE-1-1", "0", "2");
    know(s, "CVE-1-2", "0", "9");
    AUTO_JSON *scan = scan_run(&s->site, s->id, NULL, &e);
    expect_ok(scan, &e);
    assert_int_equal(count_of(scan, "findings"), 1); /* of the patched guest */
    assert_string_equal(json_str_at(scan, "release"), "Debian:12");
    const json_t *f = json_array_get(json_object_get(scan, "findings"), 0);
    assert_true(json_is_null(json_object_get(f, "exploited")));
    assert_true(json_is_null(json_object_get(f, "likelihood")));
    assert_null(scan_run(&s->site, 99, NULL, &e));
    expect_err(ERR_NOT_FOUND, "there is no run 99", &e);
}

static void an_image_is_scanned_as_it_is(void **state)
{
    AUTO_RUN_SCENE s = run_scene_new();
    AUTO_IMAGE i = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    expect_ok(image_by_id(&s->site, s->image, &i, &e) == 0, &e);
    assert_null(scan_image(&s->site, &i, NULL, &e));
    expect_err(ERR_NOT_FOUND, "the packages of image 'web': nobody has listed them yet", &e);
    know(s, "CVE-1-1", "0", "2");
    know(s, "CVE-1-2", "0", "9");
    expect_verdict(s, VERDICT_PASS);
    AUTO_JSON *scan = scan_image(&s->site, &i, NULL, &e);
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
        cmocka_unit_test(a_changelogs_claim_that_does_not_hold_wants_a_person),
        cmocka_unit_test(a_claim_of_both_is_one),
        cmocka_unit_test(how_often_it_is_applied_is_an_option),
        cmocka_unit_test(another_scanner_looks_at_both_sides),
        cmocka_unit_test(a_scanner_without_data_says_so),
        cmocka_unit_test(a_scanner_that_breaks_breaks_the_run),
        cmocka_unit_test(a_scanner_that_is_not_there_is_refused),
        cmocka_unit_test(its_data_is_kept_as_it_came),
        cmocka_unit_test(a_list_of_packages_of_another_kind_is_not_for_it),
        cmocka_unit_test(a_run_is_scanned_with_todays_data),
        cmocka_unit_test(an_image_is_scanned_as_it_is),
        cmocka_unit_test(what_is_exploited_is_an_emergency),
        cmocka_unit_test(an_earlier_due_date_counts),
        cmocka_unit_test(lists_are_read_back),
    };

    return cmocka_run_group_tests_name("scan", tests, NULL, NULL);
}
