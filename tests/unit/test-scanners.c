/* debsecan and oscap as programs of the host: what they are given, and how they may fail.  The
 * real ones are run by tests/e2e/scanners.sh. */
#include "adapters/scanners.h"

#include "adapters/dpkg_status.h"
#include "adapters/inflate.h"
#include "adapters/oval_probe.h"
#include "core/version.h"
#include "ports/pkgmgr.h"
#include "unit/base.h"

#define ENTRY \
    "CVE-1-1 (fixed)\n  x\n  installed: libssl3 1-1\n" \
    "             (built from openssl 1-1)\n  fixed in unstable: openssl 2-1 (source package)\n" \
    "  fix is available for the selected suite (data)\n\n"

struct box {
    char *dir; /* first, and alone, in PATH but for the system's own */
    struct package_list packages;
    struct scan_file file;
};

static struct box box_open(void)
{
    struct box b = { 0 };
    AUTO_ERR e = NULL;

    b.dir = dir_temp(NULL, "scanners-", &e);
    assert_non_null(b.dir);
    AUTO_FREE char *path = xasprintf("%s:/usr/bin:/bin", b.dir);
    setenv("PATH", path, 1);
    b.file = (struct scan_file){ .feed = xstrdup("feed"), .path = path_join(b.dir, "feed-data") };
    expect_ok(file_write(b.file.path, "VERSION 1\n\n\n", 12, 0644, &e), &e);
    package_list_add(&b.packages, "base-files", "12.4+deb12u11");
    package_list_add_source(&b.packages, "libssl3:amd64", "1-1 (unpacked)", "openssl", "1-1");
    return b;
}

static void box_close(struct box *b)
{
    package_list_release(&b->packages);
    free(b->file.feed);
    free(b->file.path);
    dir_removep(&b->dir);
}
#define AUTO_BOX __attribute__((cleanup(box_close))) struct box

/* A program of this name; `body` is for a shell whose $box is the directory. */
static void put(struct box *b, const char *program, const char *body)
{
    AUTO_FREE char *path = path_join(b->dir, program);
    AUTO_FREE char *text = xasprintf("#!/bin/sh\nbox=%s\n%s\n", b->dir, body);
    AUTO_ERR e = NULL;

    expect_ok(file_write(path, text, strlen(text), 0755, &e), &e);
}

static char *got(struct box *b, const char *name)
{
    AUTO_FREE char *path = path_join(b->dir, name);
    AUTO_ERR e = NULL;
    char *text = file_read(path, 1 << 20, NULL, &e);

    assert_non_null(text);
    return text;
}

static int scan(struct box *b, const struct scanner *s, struct finding_list *ret, struct err **err)
{
    struct scan_task t = {
        .packages = &b->packages,
        .release = "Debian:12",
        .files = &b->file,
        .file_count = 1,
        .order = version_deb_compare,
    };

    return s->scan(&t, ret, err);
}

/* --- dpkg's status file --- */

static void a_list_becomes_a_status_file(void **state)
{
    AUTO_BOX b = box_open();
    AUTO_FREE char *path = path_join(b.dir, "status");
    AUTO_ERR e = NULL;

    (void)state;
    expect_ok(dpkg_status_write(&b.packages, path, &e), &e);
    AUTO_FREE char *text = got(&b, "status");
    assert_non_null(strstr(text, "Package: base-files\nStatus: install ok installed\n"));
    assert_non_null(strstr(text, "Architecture: amd64\nMulti-Arch: same\nSource: openssl (1-1)\n"
                                 "Version: 1-1\n"));
    assert_null(strstr(text, "unpacked"));
}

static void what_would_be_fields_of_its_own_is_refused(void **state)
{
    static const char *const bad[][3] = {
        { "a\nStatus: x", "1", "a" },
        { "a", "1\nEvil: 2", "a" },
        { "a", "1", "b c" },
        { "", "1", "a" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        AUTO_BOX b = box_open();
        AUTO_FREE char *path = path_join(b.dir, "status");
        AUTO_ERR e = NULL;

        package_list_add_source(&b.packages, bad[i][0], bad[i][1], bad[i][2], "1");
        expect_err(dpkg_status_write(&b.packages, path, &e), ERR_INVALID,
                   "cannot hand on the list of packages", &e);
        assert_false(file_exists(path));
    }
}

static void the_architecture_is_that_of_most(void **state)
{
    AUTO_PACKAGE_LIST l = { 0 };

    (void)state;
    AUTO_FREE char *none = dpkg_status_arch(&l);
    assert_string_equal(none, "amd64");
    package_list_add(&l, "a:arm64", "1");
    package_list_add(&l, "b:arm64", "1");
    package_list_add(&l, "b:amd64", "1");
    AUTO_FREE char *arch = dpkg_status_arch(&l);
    assert_string_equal(arch, "arm64");
}

static void which_debian_it_is_is_told(void **state)
{
    static const char *const versions[][2] = {
        { "12.4+deb12u11", "12.11\n" },
        { "12.4", "12.0\n" },
        { "12.4+deb12", "12.0\n" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
        AUTO_PACKAGE_LIST l = { 0 };
        package_list_add(&l, "base-files", versions[i][0]);
        AUTO_FREE char *text = oval_probe_debian_version(&l, "Debian:12");
        assert_string_equal(text, versions[i][1]);
        assert_null(oval_probe_debian_version(&l, "Ubuntu:24.04:LTS"));
    }
    AUTO_FREE char *os = oval_probe_os_release("Ubuntu:24.04:LTS");
    assert_string_equal(os, "ID=ubuntu\nVERSION_ID=\"24.04\"\n");
}

/* --- debsecan --- */

static void debsecan_sees_the_list_and_the_data(void **state)
{
    AUTO_BOX b = box_open();
    AUTO_FINDING_LIST l = { 0 };
    AUTO_ERR e = NULL;
    size_t len;

    (void)state;
    put(&b, "debsecan",
        "cp data $box/seen-data; cp status $box/seen-status; echo \"$@\" >$box/args\n"
        "env >$box/env\ncat <<'E'\n" ENTRY ENTRY "E\n");
    expect_ok(scan(&b, &scan_debsecan, &l, &e), &e);
    assert_int_equal(l.len, 1); /* one finding for each id and package */
    assert_string_equal(l.ptr[0].package, "openssl");
    assert_string_equal(l.ptr[0].fixed_in, "2-1");
    AUTO_FREE char *seen = path_join(b.dir, "seen-data");
    AUTO_FREE char *data = inflate_read(seen, 1 << 20, NULL, &len, &e);
    assert_string_equal(data, "VERSION 1\n\n\n");
    AUTO_FREE char *status = got(&b, "seen-status");
    assert_non_null(strstr(status, "Package: libssl3\n"));
    AUTO_FREE char *args = got(&b, "args");
    assert_non_null(strstr(args, "--config=/dev/null --suite=data --source=file:///"));
    assert_non_null(strstr(args, "--status=status --whitelist=none --format=detail"));
}

static void debsecan_may_fail(void **state)
{
    static const struct {
        const char *body;
        enum err_code code;
        const char *part;
    } bad[] = {
        { "echo Traceback >&2; exit 1", ERR_IO, "feed 'feed'" },
        { "echo Traceback", ERR_INVALID, "what debsecan printed" },
        { "kill -9 $$", ERR_IO, "debsecan" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        AUTO_BOX b = box_open();
        AUTO_FINDING_LIST l = { 0 };
        AUTO_ERR e = NULL;

        put(&b, "debsecan", bad[i].body);
        expect_err(scan(&b, &scan_debsecan, &l, &e), bad[i].code, bad[i].part, &e);
        assert_int_equal(l.len, 0);
    }
}

/* --- oscap --- */

/* In place of oscap: the probe's own results for "probe.xml", else those in $box/results. */
static const char fake_oscap[] =
    "case $1 in --version) echo 'OpenSCAP command line tool (oscap) 9.8.7'; exit;; esac\n"
    "for last; do :; done\n"
    "echo \"$OSCAP_PROBE_ROOT $APT_CONFIG\" >$box/env\n"
    "cp -R root $box/seen; cp apt.conf directives.xml $box/seen\n"
    "case $last in */probe.xml) cp $last $box/seen/probe.xml; from=$box/probe-results;;"
    " *) from=$box/results;; esac\n"
    "while [ $1 != --results ]; do shift; done; cat $from >$2\n";

#define RESULTS(what, package) \
    "<oval_results xmlns='http://oval.mitre.org/XMLSchema/oval-results-5'>" \
    "<oval_definitions xmlns='http://oval.mitre.org/XMLSchema/oval-definitions-5'><definitions>" \
    "<definition id='d' class='vulnerability'/></definitions>" \
    "<tests><dpkginfo_test id='t'><object object_ref='o'/></dpkginfo_test></tests>" \
    "<objects><dpkginfo_object id='o'><name>" package "</name></dpkginfo_object></objects>" \
    "</oval_definitions><results><system><definitions>" what \
    "</definitions></system></results></oval_results>"
#define TRUE \
    "<definition definition_id='d' result='true'><criteria>" \
    "<criterion test_ref='t' result='true'/></criteria></definition>"

static void put_results(struct box *b, const char *name, const char *text)
{
    AUTO_FREE char *path = path_join(b->dir, name);
    AUTO_ERR e = NULL;

    expect_ok(file_write(path, text, strlen(text), 0644, &e), &e);
}

static void oscap_sees_a_root_of_its_own(void **state)
{
    AUTO_BOX b = box_open();
    AUTO_FINDING_LIST l = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    put(&b, "oscap", fake_oscap);
    put_results(&b, "probe-results", RESULTS(TRUE, "base-files"));
    put_results(&b, "results", RESULTS(TRUE, "libssl3"));
    expect_ok(scan(&b, &scan_oscap, &l, &e), &e);
    assert_int_equal(l.len, 1);
    assert_string_equal(l.ptr[0].package, "openssl");
    AUTO_FREE char *status = got(&b, "seen/var/lib/dpkg/status");
    assert_non_null(strstr(status, "Package: libssl3\n"));
    AUTO_FREE char *debian = got(&b, "seen/etc/debian_version");
    assert_string_equal(debian, "12.11\n");
    AUTO_FREE char *probe = got(&b, "seen/probe.xml");
    assert_non_null(strstr(probe, "<name>base-files</name>"));
    assert_non_null(strstr(probe, ">0:12.4+deb12u11</evr>"));
    AUTO_FREE char *env = got(&b, "env");
    assert_non_null(strstr(env, "/root /"));
    assert_non_null(strstr(env, "/apt.conf"));
}

static void oscap_that_sees_no_packages_is_no_clean_bill(void **state)
{
    AUTO_BOX b = box_open();
    AUTO_FINDING_LIST l = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    put(&b, "oscap", fake_oscap);
    put_results(&b, "probe-results", RESULTS("", "base-files"));
    put_results(&b, "results", RESULTS("", "libssl3"));
    expect_err(scan(&b, &scan_oscap, &l, &e), ERR_IO,
               "oscap does not see the packages: it misses 'base-files'", &e);
}

static void oscap_may_fail(void **state)
{
    static const struct {
        const char *body, *results;
        enum err_code code;
        const char *part;
    } bad[] = {
        { "echo 'invalid schema' >&2; exit 1", "", ERR_IO, "invalid schema" },
        { "exit 0", "", ERR_NOT_FOUND, "results.xml" },
        { fake_oscap, "<oval_results", ERR_INVALID, "not valid XML" },
        { fake_oscap, RESULTS("<definition definition_id='d' result='error'/>", "x"), ERR_IO,
          "could not be evaluated" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        AUTO_BOX b = box_open();
        AUTO_FINDING_LIST l = { 0 };
        AUTO_ERR e = NULL;

        put(&b, "oscap", bad[i].body);
        put_results(&b, "probe-results", RESULTS(TRUE, "base-files"));
        put_results(&b, "results", bad[i].results);
        expect_err(scan(&b, &scan_oscap, &l, &e), bad[i].code, bad[i].part, &e);
    }
}

static void what_is_not_installed_has_no_version(void **state)
{
    const struct scanner *const all[] = { &scan_debsecan, &scan_oscap };
    AUTO_BOX b = box_open();
    AUTO_ERR e = NULL;

    (void)state;
    put(&b, "oscap", fake_oscap);
    AUTO_FREE char *version = scan_oscap.version(NULL, &e);
    assert_string_equal(version, "oscap 9.8.7");
    setenv("PATH", "/nowhere", 1);
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        assert_null(all[i]->version(NULL, &e));
        assert_int_equal(e->code, ERR_NOT_FOUND);
        assert_non_null(e->hint);
        err_clear(&e);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_becomes_a_status_file),
        cmocka_unit_test(what_would_be_fields_of_its_own_is_refused),
        cmocka_unit_test(the_architecture_is_that_of_most),
        cmocka_unit_test(which_debian_it_is_is_told),
        cmocka_unit_test(debsecan_sees_the_list_and_the_data),
        cmocka_unit_test(debsecan_may_fail),
        cmocka_unit_test(oscap_sees_a_root_of_its_own),
        cmocka_unit_test(oscap_that_sees_no_packages_is_no_clean_bill),
        cmocka_unit_test(oscap_may_fail),
        cmocka_unit_test(what_is_not_installed_has_no_version),
    };

    return cmocka_run_group_tests_name("scanners", tests, NULL, NULL);
}
