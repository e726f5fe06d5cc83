/* OVAL results: which packages make a definition true, and documents that are none. */
#include "adapters/oval_results.h"

#include <string.h>

#include "adapters/feeds.h"
#include "base/file.h"
#include "base/mem.h"
#include "core/version.h"
#include "ports/pkgmgr.h"
#include "unit/base.h"

#define OVAL "http://oval.mitre.org/XMLSchema/oval-"
#define DEFINITION(n, class, more) \
    "<definition id='oval:d:" n "' class='" class "' version='1'><metadata>" more \
                                                  "</metadata></definition>"
#define CVE(id) "<reference source='CVE' ref_id='" id "'/>"
#define HIGH "<advisory><severity>High</severity></advisory>"
#define TOOL "<affected><product>tool</product></affected>"
#define ALL_DEFINITIONS \
    DEFINITION("1", "vulnerability", CVE("CVE-1-1") CVE("CVE-1-2") HIGH) \
    DEFINITION("2", "patch", TOOL) DEFINITION("3", "compliance", CVE("CVE-1-3"))
#define PACKAGE_TEST(n) \
    "<dpkginfo_test id='t" n "'><object object_ref='o" n "'/><state state_ref='s" n "'/>" \
    "</dpkginfo_test>"
#define PACKAGE_OBJECT(n, name) \
    "<dpkginfo_object id='o" n "'><name>" name "</name></dpkginfo_object>"
#define STATE(n, operation, evr) \
    "<dpkginfo_state id='s" n "'><evr operation='" operation "'>" evr "</evr></dpkginfo_state>"
#define TESTS \
    PACKAGE_TEST("1") \
    PACKAGE_TEST("2") "<family_test id='t3'><object object_ref='o3'/></family_test>"
#define OBJECTS \
    PACKAGE_OBJECT("1", "libssl3") PACKAGE_OBJECT("2", "gone") "<family_object id='o3'/>"
#define STATES STATE("1", "less than", "0:3.0.15") STATE("2", "equals", "0:9")
#define SOURCE \
    "<oval_definitions xmlns='" OVAL "definitions-5'><definitions>" ALL_DEFINITIONS \
    "</definitions><tests>" TESTS "</tests><objects>" OBJECTS "</objects><states>" STATES \
    "</states></oval_definitions>"
#define RESULTS(list) \
    "<results><system><definitions>" list "</definitions><tests/></system></results>"
#define RESULT(n, what, tests) \
    "<definition definition_id='oval:d:" n "' result='" what "'><criteria result='x'>" tests \
    "</criteria></definition>"
#define TEST(n, what) "<criterion test_ref='t" n "' result='" what "'/>"
#define DOCUMENT(content) "<oval_results xmlns='" OVAL "results-5'>" content "</oval_results>"

static int parse(const char *text, struct finding_list *ret, struct err **err)
{
    AUTO_PACKAGE_LIST packages = { 0 };

    package_list_add(&packages, "adduser", "1");
    package_list_add(&packages, "libc6:amd64", "1");
    package_list_add(&packages, "libssl3-dbg:amd64", "3.0.11+b1"); /* sorted before the next one */
    package_list_add_source(&packages, "libssl3:amd64", "3.0.11+b1", "openssl", "3.0.11");
    package_list_add(&packages, "zlib", "1");
    const struct oval_reading in = { "feed", &packages, NULL };
    int rc = oval_results_parse(text, strlen(text), &in, ret, err);
    if (rc == 0)
        finding_list_merge(ret, version_deb_compare);
    return rc;
}

static void what_is_true_is_a_finding(void **state)
{
    AUTO_FINDING_LIST l = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    assert_int_equal(
        parse(DOCUMENT(SOURCE RESULTS(
                  RESULT("1", "true", TEST("3", "true") TEST("1", "true") TEST("2", "false")))),
              &l, &e),
        0);
    assert_int_equal(l.len, 2);
    assert_string_equal(l.ptr[0].id, "CVE-1-1");
    assert_string_equal(l.ptr[0].package, "openssl");
    assert_string_equal(l.ptr[0].installed, "3.0.11");
    assert_string_equal(l.ptr[0].fixed_in, "3.0.15");
    assert_string_equal(l.ptr[0].binaries, "libssl3");
    assert_string_equal(l.ptr[0].advisory, "oval:d:1");
    assert_int_equal(l.ptr[0].severity, SEVERITY_HIGH);
    assert_string_equal(l.ptr[1].id, "CVE-1-2");
}

static void a_definition_without_cve_or_package_is_told_by_its_own(void **state)
{
    AUTO_FINDING_LIST l = { 0 }, other = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    assert_int_equal(
        parse(DOCUMENT(SOURCE RESULTS(RESULT("2", "true", TEST("3", "true")))), &l, &e), 0);
    assert_int_equal(l.len, 1);
    assert_string_equal(l.ptr[0].id, "oval:d:2");
    assert_string_equal(l.ptr[0].package, "tool");
    assert_null(l.ptr[0].fixed_in);
    /* "equals" is no version that fixes it, and what is not installed has no version. */
    assert_int_equal(
        parse(DOCUMENT(SOURCE RESULTS(RESULT("2", "true", TEST("2", "true")))), &other, &e), 0);
    assert_string_equal(other.ptr[0].package, "gone");
    assert_string_equal(other.ptr[0].installed, "");
    assert_null(other.ptr[0].fixed_in);
}

static void others_are_none(void **state)
{
    AUTO_FINDING_LIST l = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    assert_int_equal(parse(DOCUMENT(SOURCE RESULTS(RESULT("1", "false", TEST("1", "true")) RESULT(
                               "2", "not applicable", "") RESULT("3", "true", TEST("1", "true")))),
                           &l, &e),
                     0);
    assert_int_equal(l.len, 0);
}

static void what_is_not_known_is_an_error(void **state)
{
    static const struct {
        const char *text;
        enum err_code code;
        const char *part;
    } bad[] = {
        { DOCUMENT(SOURCE RESULTS(RESULT("1", "error", ""))), ERR_IO,
          "'oval:d:1' could not be evaluated: 'error'" },
        { DOCUMENT(SOURCE RESULTS(RESULT("1", "unknown", ""))), ERR_IO, "could not be evaluated" },
        { DOCUMENT(SOURCE RESULTS(RESULT("9", "true", ""))), ERR_INVALID, "not its definition" },
        { DOCUMENT(SOURCE), ERR_INVALID, "the results are missing" },
        { DOCUMENT(RESULTS("")), ERR_INVALID, "the definitions are missing" },
        { DOCUMENT(RESULTS("") SOURCE), ERR_INVALID, "'oval_definitions' is not expected here" },
        { DOCUMENT(SOURCE RESULTS("") RESULTS("")), ERR_INVALID, "'results' is not expected" },
        { DOCUMENT(SOURCE RESULTS("<definition result='true'/>")), ERR_INVALID, "without id" },
        { SOURCE, ERR_INVALID, "no OVAL results document" },
        { "<!DOCTYPE a [<!ENTITY b 'c'>]>" DOCUMENT(SOURCE RESULTS("")), ERR_INVALID,
          "document type" },
        { DOCUMENT("<a>"), ERR_INVALID, "not valid XML" },
        { "", ERR_INVALID, "not valid XML" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        AUTO_FINDING_LIST l = { 0 };
        AUTO_ERR e = NULL;

        assert_int_equal(parse(bad[i].text, &l, &e), -1);
        if (e->code != bad[i].code || !strstr(e->msg, bad[i].part))
            fail_msg("'%s' lacks '%s'", e->msg, bad[i].part);
    }
}

/* --- definitions as a feed --- */

static char *dated;

static void on_dated(void *arg, const char *when)
{
    (void)arg;
    dated = xstrdup(when);
}

static int read_feed(const char *text, struct err **err)
{
    AUTO_TEMPDIR dir = dir_temp(NULL, "oval-", err);
    AUTO_FREE char *path = path_join(dir, "oval.xml");
    const struct feed_sink sink = { .dated = on_dated };
    const struct feed_input in = { .path = path };

    assert_int_equal(file_write(path, text, strlen(text), 0644, err), 0);
    return feed_oval.read(&in, &sink, err);
}

static void definitions_are_looked_at_and_dated(void **state)
{
    AUTO_ERR e = NULL;

    (void)state;
    assert_true(feed_oval.keeps);
    assert_int_equal(read_feed("<oval_definitions xmlns='" OVAL "definitions-5'><generator>"
                               "<timestamp>2026-11-01T10:00:00</timestamp></generator>"
                               "<definitions><definition id='a'/></definitions></oval_definitions>",
                               &e),
                     0);
    assert_string_equal(dated, "2026-11-01T10:00:00");
    mem_freep(&dated);
    assert_int_equal(read_feed("<oval_definitions xmlns='" OVAL "definitions-5'/>", &e), -1);
    assert_non_null(strstr(e->msg, "oval.xml: it has no definition"));
    err_clear(&e);
    assert_int_equal(read_feed("<Benchmark/>", &e), -1);
    assert_non_null(strstr(e->msg, "no document of OVAL definitions"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_true_is_a_finding),
        cmocka_unit_test(a_definition_without_cve_or_package_is_told_by_its_own),
        cmocka_unit_test(others_are_none),
        cmocka_unit_test(what_is_not_known_is_an_error),
        cmocka_unit_test(definitions_are_looked_at_and_dated),
    };

    return cmocka_run_group_tests_name("oval-results", tests, NULL, NULL);
}
