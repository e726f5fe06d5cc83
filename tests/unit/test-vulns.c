/* From advisories to spans of versions, from packages to findings, and findings compared. */
#include "unit/base.h"

#include "core/finding.h"
#include "core/text_pool.h"
#include "core/vuln_span.h"
#include "core/vulns.h"
#include "ports/feed.h"
#include "ports/pkgmgr.h"

/* --- spans --- */

/* ">0 <3 >5 =6" -> events; "@" versions. */
static void parse_events(const char *text, struct feed_range *range, struct strv *versions)
{
    AUTO_FREE char *copy = xstrdup(text);
    char *save = NULL;

    for (char *w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
        static const char signs[] = "><=!";
        if (*w == '@')
            strv_add(versions, w + 1);
        else
            feed_range_add(range, (enum feed_event_type)(strchr(signs, *w) - signs), w + 1);
    }
}

static const struct {
    const char *events, *spans;
} span_rows[] = {
    { "", "" },
    { ">0", "[..]" },
    { ">0 <3", "[..<3]" },
    { ">0 =3", "[..3]" },
    { ">2 <3 >5", "[2..<3][5..]" },
    { ">5 <3 >2", "[2..<3][5..]" }, /* in any order */
    { "<3 >0", "[..<3]" },
    { ">0 >1 <3", "[..<3]" },
    { ">1 !4", "[1..<4]" },
    { "<3", "" },         /* ends what never began */
    { ">3 <3", "[3..]" }, /* fixed, and introduced again, in one version */
    { ">0 <1.0~rc1 >1.0", "[..<1.0~rc1][1.0..]" },
    { "@1 @2", "[1..1][2..2]" },
    { ">0 <3 @1 @4", "[..<3][4..4]" }, /* 1 is covered */
    { ">0 <10 >9 <11", "[..<10]" },    /* overlapping: the first end counts, as OSV has it */
};

static void events_become_spans(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(span_rows); i++) {
        AUTO_FEED_RANGE range = { 0 };
        AUTO_STRV versions = { 0 };
        AUTO_VULN_SPANS spans = { 0 };
        AUTO_STR s = STR_INIT(1000);

        parse_events(span_rows[i].events, &range, &versions);
        struct feed_affected a = { .ranges = &range, .range_count = 1, .versions = &versions };
        vuln_spans(&a, version_deb_compare, &spans);
        for (size_t k = 0; k < spans.len; k++) {
            const struct vuln_span *p = &spans.ptr[k];
            str_addf(&s, "[%s..%s%s%s]", p->introduced ? p->introduced : "", p->fixed ? "<" : "",
                     p->fixed ? p->fixed : "", p->last ? p->last : "");
        }
        if (!str_eq(s.ptr, span_rows[i].spans))
            fail_msg("'%s': '%s', expected '%s'", span_rows[i].events, s.ptr, span_rows[i].spans);
    }
}

/* --- matching --- */

static struct vulns *data(void)
{
    static const struct vuln rows[] = {
        { "Debian:12", "binonly", FEED_NAMES_BINARY, "CVE-4", "CVE-4", "f", .fixed = "2" },
        { "Debian:12", "either", FEED_NAMES_EITHER, "CVE-5", "CVE-5", "f", .fixed = "2" },
        { "Debian:12", "nginx", FEED_NAMES_SOURCE, "CVE-3", "CVE-3", "f" },
        { "Debian:12", "openssl", FEED_NAMES_SOURCE, "CVE-1", "DSA-1", "b", SEVERITY_LOW,
          .fixed = "3.0.14-1" },
        { "Debian:12", "openssl", FEED_NAMES_SOURCE, "CVE-1", "DEBIAN-CVE-1", "a", SEVERITY_HIGH,
          .fixed = "3.0.14-1" },
        { "Debian:12", "openssl", FEED_NAMES_SOURCE, "CVE-2", "CVE-2", "a", .introduced = "3.0.12",
          .last = "3.0.13-9" },
        { "Debian:12", "spared", FEED_NAMES_SOURCE, "CVE-6", "CVE-6", "a", .fixed = "9",
          .spared = "3 2 5" },
        { "Debian:13", "openssl", FEED_NAMES_SOURCE, "CVE-7", "CVE-7", "a" },
        { "Rocky Linux:9", "bash", FEED_NAMES_SOURCE, "RLSA-1", "RLSA-1", "a",
          .fixed = "0:5.1.8-6.el9" },
    };
    struct vulns *v = vulns_new();

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        vulns_add(v, &rows[i]);
    assert_int_equal(vulns_count(v), ARRAY_LEN(rows));
    return v;
}

/* "name version source source-version, ..." */
static struct package_list list_of(const char *text)
{
    struct package_list l = { 0 };
    char a[64], b[64], c[64], d[64];
    int n = 0;

    for (; sscanf(text, " %63s %63s %63s %63[^,]%n", a, b, c, d, &n) == 4;
         text += n + (text[n] == ','))
        package_list_add_source(&l, a, b, c, d);
    package_list_sort(&l);
    return l;
}

static char *said(const struct finding_list *l)
{
    AUTO_STR s = STR_INIT(10000);

    for (size_t i = 0; i < l->len; i++) {
        const struct finding *f = &l->ptr[i];
        str_addf(&s, "%s %s %s <%s (%s) %s;", f->id, f->package, f->installed,
                 f->fixed_in ? f->fixed_in : "", f->binaries, severity_names[f->severity]);
    }
    return str_take(&s);
}

static const struct {
    const char *release, *packages, *found;
} match_rows[] = {
    { "Debian:12", "openssl:amd64 3.0.11-1 openssl 3.0.11-1",
      "CVE-1 openssl 3.0.11-1 <3.0.14-1 (openssl) high;" },
    { "Debian:12", "openssl:amd64 3.0.14-1 openssl 3.0.14-1", "" },
    { "Debian:12", "openssl:amd64 3.0.13-9 openssl 3.0.13-9",
      "CVE-1 openssl 3.0.13-9 <3.0.14-1 (openssl) high;CVE-2 openssl 3.0.13-9 < (openssl) "
      "unknown;" },
    /* Several packages of one source; the oldest version is the finding's. */
    { "Debian:12",
      "openssl:amd64 3.0.12-1 openssl 3.0.12-1, libssl3:amd64 3.0.11-1+b1 openssl 3.0.11-1",
      "CVE-1 openssl 3.0.11-1 <3.0.14-1 (libssl3 openssl) high;"
      "CVE-2 openssl 3.0.12-1 < (openssl) unknown;" },
    /* A fix that came to one package only is none. */
    { "Debian:12",
      "openssl:amd64 3.0.14-1 openssl 3.0.14-1, libssl3:amd64 3.0.11-1 openssl 3.0.11-1",
      "CVE-1 openssl 3.0.11-1 <3.0.14-1 (libssl3) high;" },
    /* A rebuild without a change has a version of its own, but the source's counts. */
    { "Debian:12", "libssl3:amd64 3.0.14-1+b1 openssl 3.0.14-1", "" },
    { "Debian:12", "nginx-common:all 1.22 nginx 1.22",
      "CVE-3 nginx 1.22 < (nginx-common) unknown;" },
    { "Debian:12", "binonly:amd64 1 other 7", "CVE-4 binonly 1 <2 (binonly) unknown;" },
    { "Debian:12", "other:amd64 7 binonly 1", "" },
    { "Debian:12", "binonly:amd64 2 other 1", "" },
    { "Debian:12", "either:amd64 1 x 3, y:amd64 3 either 1",
      "CVE-5 either 1 <2 (either y) unknown;" },
    /* Versions that are never affected; the next of them is the fix. */
    { "Debian:12", "spared:amd64 1 spared 1", "CVE-6 spared 1 <2 (spared) unknown;" },
    { "Debian:12", "spared:amd64 2 spared 2", "" },
    { "Debian:12", "spared:amd64 4 spared 4", "CVE-6 spared 4 <5 (spared) unknown;" },
    { "Debian:12", "spared:amd64 6 spared 6", "CVE-6 spared 6 <9 (spared) unknown;" },
    { "Debian:13", "openssl:amd64 9 openssl 9", "CVE-7 openssl 9 < (openssl) unknown;" },
    { "Debian:14", "openssl:amd64 9 openssl 9", "" },
    { "PyPI", "openssl:amd64 9 openssl 9", "" },
    { "Debian:12", "", "" },
    { "Debian:12", "unknown:amd64 1 unknown 1", "" },
    { "Rocky Linux:9", "bash 5.1.8-4.el9 bash 5.1.8-4.el9",
      "RLSA-1 bash 5.1.8-4.el9 <0:5.1.8-6.el9 (bash) unknown;" },
    { "Rocky Linux:9", "bash 5.1.8-10.el9 bash 5.1.8-10.el9", "" },
};

static void packages_become_findings(void **state)
{
    AUTO_VULNS v = data();

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(match_rows); i++) {
        AUTO_PACKAGE_LIST l = list_of(match_rows[i].packages);
        AUTO_FINDING_LIST found = { 0 };

        vulns_match(v, &l, match_rows[i].release, &found);
        AUTO_FREE char *text = said(&found);
        if (!str_eq(text, match_rows[i].found))
            fail_msg("'%s': '%s', expected '%s'", match_rows[i].packages, text,
                     match_rows[i].found);
    }
}

static void a_broken_package_is_matched_by_its_version(void **state)
{
    AUTO_VULNS v = data();
    AUTO_PACKAGE_LIST l = { 0 };
    AUTO_FINDING_LIST found = { 0 };

    (void)state;
    package_list_add_source(&l, "binonly:amd64", "2 (half-configured)", "x", "1");
    vulns_match(v, &l, "Debian:12", &found);
    assert_int_equal(found.len, 0);
}

static void releases_are_known(void **state)
{
    AUTO_VULNS v = data();

    (void)state;
    assert_true(vulns_know(v, "Debian:12"));
    assert_true(vulns_know(v, "Rocky Linux:9"));
    assert_false(vulns_know(v, "Debian:11"));
    assert_false(vulns_know(v, "Debian:1"));
}

static const struct {
    const char *packages, *release;
} release_rows[] = {
    { "base-files 12.4+deb12u11 base-files 12.4+deb12u11", "Debian:12" },
    { "base-files:amd64 13.8 base-files 13.8", "Debian:13" },
    { "base-files 12 base-files 12", "Debian:12" },
    { "base-files 12ubuntu4.6 base-files 12ubuntu4.6", "Ubuntu:22.04:LTS" },
    { "base-files 13ubuntu10.1 base-files 13ubuntu10.1", "Ubuntu:24.04:LTS" },
    { "base-files 14ubuntu1 base-files 14ubuntu1", NULL },
    { "base-files x base-files x", NULL },
    { "base-files-extra 12 x 12", NULL },
    { "rocky-release 9.3-1.2.el9 rocky-release 9.3-1.2.el9", "Rocky Linux:9" },
    { "almalinux-release 8.9-1.el8 x 1", "AlmaLinux:8" },
    { "bash 5 bash 5", NULL },
    { "", NULL },
};

static void the_list_tells_its_release(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(release_rows); i++) {
        AUTO_PACKAGE_LIST l = list_of(release_rows[i].packages);
        AUTO_FREE char *release = release_of(&l);

        if (!str_eq(release, release_rows[i].release))
            fail_msg("'%s': '%s'", release_rows[i].packages, release ? release : "none");
    }
}

/* --- the difference --- */

/* "id package version, ..." */
static struct finding_list findings_of(const char *text)
{
    struct finding_list l = { 0 };
    char a[64], b[64], c[64];
    int n = 0;

    for (; sscanf(text, " %63s %63s %63[^,]%n", a, b, c, &n) == 3; text += n + (text[n] == ','))
        finding_list_add(&l, &(struct finding){ .id = a, .package = b, .installed = c });
    finding_list_sort(&l);
    return l;
}

static char *ids(const struct finding_refs *r)
{
    AUTO_STRV v = { 0 };

    for (size_t i = 0; i < r->len; i++)
        strv_addf(&v, "%s/%s %s", r->ptr[i]->id, r->ptr[i]->package, r->ptr[i]->installed);
    char *text = strv_join(&v, ", ");
    return text ? text : xstrdup("");
}

static const struct {
    const char *before, *after, *removed, *remaining, *added;
} diff_rows[] = {
    { "", "", "", "", "" },
    { "C1 a 1", "", "C1/a 1", "", "" },
    { "", "C1 a 1", "", "", "C1/a 1" },
    { "C1 a 1", "C1 a 2", "", "C1/a 2", "" }, /* another version, the same finding */
    { "C1 a 1", "C1 b 1", "C1/a 1", "", "C1/b 1" },
    { "C1 a 1, C2 a 1, C3 b 1", "C2 a 1, C4 c 1", "C1/a 1, C3/b 1", "C2/a 1", "C4/c 1" },
    { "C9 a 1, C1 a 1", "C1 a 1, C9 a 1", "", "C1/a 1, C9/a 1", "" },
};

static void lists_are_compared(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(diff_rows); i++) {
        AUTO_FINDING_LIST before = findings_of(diff_rows[i].before);
        AUTO_FINDING_LIST after = findings_of(diff_rows[i].after);
        AUTO_FINDINGS_DIFF d = { 0 };

        findings_diff(&before, &after, &d);
        AUTO_FREE char *removed = ids(&d.removed), *remaining = ids(&d.remaining);
        AUTO_FREE char *added = ids(&d.added);
        assert_string_equal(removed, diff_rows[i].removed);
        assert_string_equal(remaining, diff_rows[i].remaining);
        assert_string_equal(added, diff_rows[i].added);
    }
}

static void findings_are_written_down(void **state)
{
    AUTO_FINDING_LIST l = findings_of("C1 a 1");
    AUTO_JSON *j = findings_json(&l);
    AUTO_FREE char *text = json_canonical(j);

    (void)state;
    assert_string_equal(text,
                        "[{\"advisory\":null,\"binaries\":null,\"fixed_in\":null,\"id\":\"C1\","
                        "\"installed\":\"1\",\"package\":\"a\",\"severity\":\"unknown\","
                        "\"source\":null}]");
    assert_non_null(finding_find(&l, "C1"));
    assert_null(finding_find(&l, "C"));
}

/* --- texts --- */

static void equal_texts_are_kept_once(void **state)
{
    enum { TEXTS = 20000 };
    struct text_pool p = { 0 };
    uint32_t at[TEXTS];

    (void)state;
    assert_int_equal(text_pool_put(&p, NULL), 0);
    assert_null(text_pool_get(&p, 0));
    uint32_t empty = text_pool_put(&p, "");
    assert_true(empty > 0);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < TEXTS; i++) {
            AUTO_FREE char *text = xasprintf("text %d", i);
            uint32_t where = text_pool_put(&p, text);

            assert_true(round == 0 || where == at[i]);
            at[i] = where;
        }
    }
    text_pool_trim(&p);
    assert_string_equal(text_pool_get(&p, empty), "");
    assert_string_equal(text_pool_get(&p, at[0]), "text 0");
    assert_string_equal(text_pool_get(&p, at[TEXTS - 1]), "text 19999");
    text_pool_release(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_become_spans),
        cmocka_unit_test(packages_become_findings),
        cmocka_unit_test(a_broken_package_is_matched_by_its_version),
        cmocka_unit_test(releases_are_known),
        cmocka_unit_test(the_list_tells_its_release),
        cmocka_unit_test(lists_are_compared),
        cmocka_unit_test(findings_are_written_down),
        cmocka_unit_test(equal_texts_are_kept_once),
    };

    return cmocka_run_group_tests_name("vulns", tests, NULL, NULL);
}
