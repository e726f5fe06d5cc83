/*
 * The scripts of the kind "rpm", with a real rpm and packages that are really built; their database
 * and their files lie in directories of the test.
 */
#include "unit/base.h"

#include <unistd.h>

#include "adapters/pkgmgrs.h"
#include "base/proc.h"
#include "fakes/answer_guest.h"

enum { TEXT_MAX = 16384 };

/* "base" needs "extra" from version 2 on; "side" comes with nothing; "kernel-x" stands beside. */
static const char spec[] =
    "Name: base\nVersion: %{v}\nRelease: 1\nSummary: x\nLicense: MIT\nBuildArch: noarch\n"
    "AutoReqProv: no\n"
    "%if %{v} > 1\nRequires: extra >= 2\n%endif\n"
    "%description\nx\n"
    "%package -n extra\nSummary: x\nEpoch: 1\nAutoReqProv: no\nProvides: extra = %{v}\n"
    "%description -n extra\nx\n"
    "%package -n side\nSummary: x\nAutoReqProv: no\n%description -n side\nx\n"
    "%package -n kernel-x\nSummary: x\nAutoReqProv: no\nProvides: installonlypkg(kernel)\n"
    "%description -n kernel-x\nx\n"
    "%package -n broken\nSummary: x\nAutoReqProv: no\nRequires: nothing-has-this\n"
    "%description -n broken\nx\n"
    "%install\n"
    "mkdir -p %{buildroot}%{top}\n"
    "for f in kept moved; do echo $f %{v} >%{buildroot}%{top}/$f.conf; done\n"
    "echo %{v} >%{buildroot}%{top}/base; echo %{v} >%{buildroot}%{top}/extra\n"
    "echo %{v} >%{buildroot}%{top}/kernel-%{v}\n"
    "%files\n%{top}/base\n%config(noreplace) %{top}/kept.conf\n%config %{top}/moved.conf\n"
    "%files -n extra\n%{top}/extra\n%files -n side\n%files -n kernel-x\n%{top}/kernel-%{v}\n"
    "%files -n broken\n";

/* DIR/bin/rpm is the real one on the database DIR/db.  Below suite_dir are 1 and 2, the packages,
 * and top, where their files lie. */
struct scene {
    char *dir, *notes, *path;
    const char *env[2];
    struct answer_guest guest;
};

static char *run(const char *dir, const char *script)
{
    const char *argv[] = { "/bin/sh", "-ec", script, NULL };
    struct proc_spec x = {
        .argv = argv, .cwd = dir, .out_max = TEXT_MAX, .err_max = TEXT_MAX, .timeout_ms = 120000
    };
    AUTO_PROC_RESULT r = { 0 };
    AUTO_ERR e = NULL;

    expect_ok(proc_run_ok(&x, &r, &e), &e);
    return str_take(&r.out);
}

static char *suite_dir;

static int build_all(void **state)
{
    AUTO_ERR e = NULL;

    (void)state;
    suite_dir = dir_temp(NULL, "patchlab-rpm", &e);
    if (!suite_dir || geteuid() != 0 || !file_exists("/usr/bin/rpmbuild"))
        return 0;
    AUTO_FREE char *file = path_join(suite_dir, "base.spec");
    expect_ok(file_write(file, spec, strlen(spec), 0644, &e), &e);
    free(run(suite_dir,
             "for v in 1 2; do rpmbuild -bb --define \"v $v\" --define \"_topdir $PWD/build\""
             " --define \"top $PWD/top\""
             " --define \"_rpmdir $PWD/$v\" --define '_rpmfilename %%{NAME}-%%{VERSION}.rpm'"
             " base.spec >log 2>&1 || { cat log >&2; exit 1; }; done; ln -s 1 undo"));
    return 0;
}

static int remove_all(void **state)
{
    (void)state;
    dir_removep(&suite_dir);
    return 0;
}

/* With the old packages of these names installed. */
static struct scene scene(const char *dir, const char *installed)
{
    struct scene s = {
        .dir = xstrdup(dir),
        .notes = path_join(dir, "notes"),
        .path = xasprintf("PATH=%s/bin:%s", dir, getenv("PATH")),
        .guest = answer_guest(NULL),
    };
    AUTO_FREE char *script = xasprintf(
        "mkdir bin db; rm -rf %s/top\n"
        "printf '#!/bin/sh\\nexec /usr/bin/rpm --dbpath %%s/db \"$@\"\\n' \"$PWD\" >bin/rpm\n"
        "chmod +x bin/rpm\n"
        "for p in %s; do set -- \"$@\" %s/1/$p-1.rpm; done\n"
        "[ $# -eq 0 ] || bin/rpm -i \"$@\"\n",
        suite_dir, installed, suite_dir);

    free(run(dir, script));
    return s;
}

static void scene_release(struct scene *s)
{
    free(s->dir);
    free(s->notes);
    free(s->path);
    answer_guest_release(&s->guest);
}
#define AUTO_SCENE __attribute__((cleanup(scene_release))) struct scene

/* Files by blanks, "2/base-2.rpm"; those that take it back have "undo/" in front. */
static int act(struct scene *s, bool undo, const char *files, char *text, struct err **err)
{
    AUTO_FREE char *cut = xstrdup(files);
    AUTO_STRV list = { 0 };
    AUTO_GUEST_RESULT r = { 0 };

    for (char *at = cut, *one; (one = strsep(&at, " "));)
        strv_add(&list, one);
    struct patch_in_guest p = {
        .dir = suite_dir, .files = &list, .timeout_ms = 60000, .output_max = TEXT_MAX - 1
    };
    s->env[0] = s->path;
    s->guest.env = s->env;
    s->guest.notes = s->notes;
    if ((undo ? pkg_rpm.undo : pkg_rpm.apply)(&s->guest.guest, &p, &r, err) < 0)
        return -1;
    snprintf(text, TEXT_MAX, "%s", r.output.ptr);
    return r.exit_code;
}

static void ends(struct scene *s, bool undo, const char *files, int status, const char *says)
{
    char text[TEXT_MAX];
    AUTO_ERR e = NULL;
    int found = act(s, undo, files, text, &e);

    expect_ok(found < 0 ? -1 : 0, &e);
    if (found != status || !strstr(text, says))
        fail_msg("status %d, not %d with '%s':\n%s", found, status, says, text);
}

static void has(const struct scene *s, const char *want)
{
    AUTO_FREE char *list = run(s->dir, "bin/rpm -qa --qf '%{NAME}-%{EVR}\\n' | sort | xargs");

    list[strcspn(list, "\n")] = '\0';
    assert_string_equal(list, want);
}

static bool ready(void)
{
    if (geteuid() == 0 && file_exists("/usr/bin/rpmbuild"))
        return true;
    print_message("this needs root and rpmbuild\n");
    return false;
}

#define ALL "2/base-2.rpm 2/extra-2.rpm 2/side-2.rpm 2/kernel-x-2.rpm"

static void only_what_is_installed_is_upgraded(void **state)
{
    if (!ready())
        skip();
    AUTO_SCENE s = scene(*state, "base");
    ends(&s, false, ALL, 0, "take extra 1:2-1 along (for extra >= 2)");
    has(&s, "base-2-1 extra-1:2-1");
    ends(&s, false, ALL, 0, "skip base (2-1 is installed already)");
    ends(&s, false, "1/base-1.rpm", 1, "skip base (2-1 is installed, which is newer)");
    ends(&s, false, "2/side-2.rpm", 1, "the patch has nothing for this machine");
    has(&s, "base-2-1 extra-1:2-1");
}

static void what_does_not_work_is_not_begun(void **state)
{
    if (!ready())
        skip();
    AUTO_SCENE s = scene(*state, "base side");
    ends(&s, false, "2/base-2.rpm 2/side-2.rpm", 1, "extra >= 2 is needed by base-2-1");
    has(&s, "base-1-1 side-1-1");
    AUTO_FREE char *file = path_join(suite_dir, "2/damaged.rpm");
    AUTO_ERR e = NULL;
    expect_ok(file_write(file, "x", 1, 0644, &e), &e);
    ends(&s, false, "2/side-2.rpm 2/damaged.rpm", 1, "cannot read damaged.rpm");
    has(&s, "base-1-1 side-1-1");
    assert_false(file_exists(s.notes));
}

static void undo_brings_all_back(void **state)
{
    char text[TEXT_MAX];
    AUTO_ERR e = NULL;

    if (!ready())
        skip();
    AUTO_SCENE s = scene(*state, "base side kernel-x");
    free(run(suite_dir, "for f in kept moved; do echo mine >top/$f.conf; done"));
    ends(&s, false, ALL, 0, "install kernel-x 2-1 beside 1-1");
    has(&s, "base-2-1 extra-1:2-1 kernel-x-1-1 kernel-x-2-1 side-2-1");
    AUTO_FREE char *conf = run(suite_dir, "cd top; head *.conf* | xargs");
    assert_string_equal(conf, "==> kept.conf <== mine ==> kept.conf.rpmnew <== kept 2"
                              " ==> moved.conf <== moved 2 ==> moved.conf.rpmsave <== mine\n");
    /* What is needed is told before anything is touched. */
    assert_int_equal(act(&s, true, "undo/base-1.rpm", text, &e), -1);
    expect_err(-1, ERR_NOT_FOUND, "the patch does not bring 'side.noarch 1-1', so that", &e);
    ends(&s, true, "undo/base-1.rpm undo/side-1.rpm undo/extra-1.rpm", 0,
         "remove extra.noarch 1:2-1, which the patch brought");
    has(&s, "base-1-1 kernel-x-1-1 side-1-1");
    AUTO_FREE char *back = run(suite_dir, "cd top; head *.conf* | xargs");
    assert_string_equal(back, "==> kept.conf <== mine ==> moved.conf <== mine\n");
    assert_false(file_exists(s.notes));
    ends(&s, true, "undo/base-1.rpm", 1, "no patch was applied here");
}

static void conffiles_are_told(void **state)
{
    char text[TEXT_MAX];
    AUTO_PKG_STATE st = { 0 };
    AUTO_PACKAGE_LIST l = { 0 };
    AUTO_ERR e = NULL;

    if (!ready())
        skip();
    AUTO_SCENE s = scene(*state, "base");
    free(run(suite_dir, "for f in kept moved; do echo mine >top/$f.conf; done"));
    assert_int_equal(act(&s, false, ALL, text, &e), 0);
    assert_non_null(strstr(text, "patchlab: kept: /"));
    assert_non_null(strstr(text, "patchlab: replaced: /"));
    expect_ok(pkg_rpm.state(&s.guest.guest, &st, &e), &e);
    assert_int_equal(st.conffile_count, 2);
    assert_true(str_ends(st.conffiles[0].other, "/top/kept.conf.rpmnew"));
    expect_ok(pkg_rpm.list(&s.guest.guest, &l, &e), &e);
    assert_int_equal(l.len, 2);
    assert_string_equal(l.ptr[1].name, "extra:noarch");
    assert_string_equal(l.ptr[1].version, "1:2-1");
    assert_string_equal(l.ptr[1].source, "base");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(only_what_is_installed_is_upgraded),
        scratch_test(what_does_not_work_is_not_begun),
        scratch_test(undo_brings_all_back),
        scratch_test(conffiles_are_told),
    };

    return cmocka_run_group_tests_name("rpm-script", tests, build_all, remove_all);
}
