/* patch.yaml: what it may say, and file, line and key of what it may not. */
#include "adapters/pkgmgrs.h"
#include "base.h"
#include "core/patch.h"
#include "core/site.h"

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define DEB "name: openssl\nversion: 3.0.11-1\nkind: deb\n"
#define SCRIPT "name: motd\nversion: 1\nkind: script\nscript: {apply: a.sh, undo: bin/u.sh}\n"

#define SCRIPT_KIND "name: motd\nversion: 1\nkind: script\n"
#define FILES "name: app\nversion: 1\nkind: files\ninstall:\n"

static const struct pkgmgr *const kinds[] = { &pkg_deb, &pkg_rpm, &pkg_files, &pkg_script, NULL };
static const struct site site = { .pkgmgrs = kinds };

static int parse(const char *text, struct patch_spec *ret, struct err **err)
{
    return patch_spec_parse(&site, text, strlen(text), "p.yaml", ret, err);
}

static void refuse(const char *text, const char *part)
{
    struct patch_spec s = { .timeout_ms = -7 };
    AUTO_ERR e = NULL;

    expect_err(parse(text, &s, &e), ERR_INVALID, part, &e);
    assert_int_equal(s.timeout_ms, -7);
}

static void the_least(void **state)
{
    AUTO_PATCH_SPEC s = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    expect_ok(parse(DEB, &s, &e), &e);
    assert_string_equal(s.name, "openssl");
    assert_string_equal(s.version, "3.0.11-1");
    assert_string_equal(s.kind, "deb");
    assert_null(s.title);
    assert_null(s.source);
    assert_null(s.apply);
    assert_int_equal(s.advisories.len, 0);
    assert_int_equal(s.changes.len, 0);
    assert_int_equal(s.files.len, 0);
    assert_int_equal(s.timeout_ms, 15 * 60 * 1000);
}

static void the_most(void **state)
{
    AUTO_PATCH_SPEC s = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    expect_ok(parse(SCRIPT "title: greet\nsource: team\nadvisories: [DSA-1, free text]\n"
                           "cves: [CVE-2024-1]\ntimeout: 24h\n"
                           "files:\n"
                           "  - {path: bin/u.sh, sha256: " HEX ", size: 12}\n"
                           "  - {path: a.sh, sha256: " HEX "}\n",
                    &s, &e),
              &e);
    assert_string_equal(s.title, "greet");
    assert_string_equal(s.source, "team");
    assert_string_equal(s.advisories.ptr[1], "free text");
    assert_string_equal(s.cves.ptr[0], "CVE-2024-1");
    assert_string_equal(s.apply, "a.sh");
    assert_string_equal(s.undo, "bin/u.sh");
    assert_int_equal(s.timeout_ms, 24 * 3600 * 1000);
    assert_int_equal(s.files.len, 2);
    assert_string_equal(s.files.ptr[0].path, "a.sh");
    assert_int_equal(s.files.ptr[0].size, -1);
    assert_int_equal(s.files.ptr[1].size, 12);
    assert_string_equal(bundle_find(&s.files, "bin/u.sh")->sha256, HEX);
}

static void what_only_packages_have(void **state)
{
    AUTO_PATCH_SPEC s = { 0 }, least = { 0 }, rpm = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    expect_ok(parse(DEB "conffiles: replace\nnew-packages: [libfoo, g++-12]\n", &s, &e), &e);
    assert_int_equal(s.conffiles, CONFFILES_REPLACE);
    assert_string_equal(s.new_packages.ptr[1], "g++-12");
    expect_ok(parse(DEB, &least, &e), &e);
    assert_int_equal(least.conffiles, CONFFILES_KEEP);
    refuse(DEB "conffiles: ask\n", "p.yaml:4: key 'conffiles': expected one of keep, replace");
    refuse(DEB "new-packages: [\"a\\nb\"]\n", "p.yaml:4: key 'new-packages[0]': expected text");
    expect_ok(parse("name: x\nversion: 1\nkind: rpm\nnew-packages: [NetworkManager]\n", &rpm, &e),
              &e);
    assert_string_equal(rpm.new_packages.ptr[0], "NetworkManager");
    refuse("name: x\nversion: 1\nkind: script\nscript: {apply: a, undo: b}\nconffiles: keep\n",
           "p.yaml:5: key 'conffiles': only a patch of kind 'deb' has it");
}

static void required_keys(void **state)
{
    (void)state;
    refuse("version: 1\nkind: deb\n", "p.yaml:1: key 'name': required, but missing");
    refuse("name: x\nkind: deb\n", "p.yaml:1: key 'version': required, but missing");
    refuse("name: x\nversion: 1\n", "p.yaml:1: key 'kind': required, but missing");
    refuse("", "p.yaml:");
    refuse("- name\n", "p.yaml:1: expected a map of keys, found a list");
    refuse(DEB "sript: {}\n", "p.yaml:4: key 'sript': unknown key, did you mean 'script'?");
    refuse(DEB "name: y\n", "p.yaml:4:");
}

static void names_and_versions(void **state)
{
    static const char *const good[] = { "1", "1.10", "1:2.0-3~deb12u1+b2", "1^git-1", "V_2" };
    static const char *const bad[] = { "'1 0'", "1@2",         "-1",       "'\"'",
                                       "1/2",   "\"1\\e[2J\"", "\xc3\xa9", "''" };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        AUTO_FREE char *text = xasprintf("name: x\nkind: deb\nversion: %s\n", good[i]);
        AUTO_PATCH_SPEC s = { 0 };
        AUTO_ERR e = NULL;

        expect_ok(parse(text, &s, &e), &e);
        assert_string_equal(s.version, good[i]);
    }
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        AUTO_FREE char *text = xasprintf("name: x\nkind: deb\nversion: %s\n", bad[i]);

        refuse(text, "p.yaml:3: key 'version': expected ");
    }
    AUTO_FREE char *longest = xasprintf("name: x\nkind: deb\nversion: %0255d\n", 0);
    AUTO_FREE char *longer = xasprintf("name: x\nkind: deb\nversion: %0256d\n", 0);
    AUTO_PATCH_SPEC s = { 0 };
    AUTO_ERR e = NULL;
    expect_ok(parse(longest, &s, &e), &e);
    refuse(longer, "key 'version': expected a version");
    refuse("name: A\nversion: 1\nkind: deb\n", "p.yaml:1: key 'name': expected a name");
    refuse("name: a@1\nversion: 1\nkind: deb\n", "p.yaml:1: key 'name': expected a name");
}

static void kinds_and_scripts(void **state)
{
    (void)state;
    refuse("name: x\nversion: 1\nkind: scirpt\nscript: {apply: a, undo: b}\n",
           "p.yaml:3: key 'kind': expected one of deb, rpm, files, script, found 'scirpt'");
    refuse("name: x\nversion: 1\nkind: script\n",
           "p.yaml:3: key 'script': required for a patch of kind 'script', but missing");
    refuse(DEB "script:\n  apply: a\n  undo: b\n",
           "p.yaml:5: key 'script': only patches of the kinds 'script' and 'files' have it");
    refuse(SCRIPT_KIND "script: {apply: a}\n", "p.yaml:4: key 'script.undo': required, but");
    refuse(SCRIPT_KIND "script: {undo: a}\n", "p.yaml:4: key 'script.apply': required, but");
    refuse(SCRIPT_KIND "script: {}\n", "key 'script.apply': required, but missing");
    refuse(SCRIPT "install: [{from: a, to: /a}]\n",
           "p.yaml:5: key 'install': only a patch of kind 'files' has it");
    refuse(SCRIPT_KIND "script: {apply: a, undo: b, undone: c}\n",
           "p.yaml:4: key 'script.undone': only a patch of kind 'files' has it");
    refuse(DEB "script: {apply: ../a, undo: b}\n",
           "p.yaml:4: key 'script.apply': expected a relative path without '..'");
    refuse(DEB "script: {apply: a, undo: /b}\n", "key 'script.undo': expected a relative path");
    refuse(DEB "script: a.sh\n", "p.yaml:4: key 'script': expected a map of keys, found text");
}

static void places(void **state)
{
    static const struct {
        const char *place, *part;
    } bad[] = {
        { "{to: /a}", "p.yaml:5: key 'install[0].from': required, but missing" },
        { "{from: a}", "p.yaml:5: key 'install[0].to': required, but missing" },
        { "{from: ../a, to: /a}", "key 'install[0].from': expected a relative path" },
        { "{from: patch.yaml, to: /a}", "patch.yaml itself cannot be put anywhere" },
        { "{from: a, to: a}", "key 'install[0].to': expected an absolute path" },
        { "{from: a, to: /}", "expected an absolute path without" },
        { "{from: a, to: /a/../b}", "expected an absolute path without" },
        { "{from: a, to: //a}", "expected an absolute path without" },
        { "{from: a, to: \"/a\\tb\"}", "key 'install[0].to': expected" },
        { "{from: a, to: /proc/sys/x}", "nothing may be put below '/proc'" },
        { "{from: a, to: /run}", "nothing may be put below '/run'" },
        { "{from: a, to: /var/lib/patchlab/undo/x}", "nothing may be put below" },
        { "{from: a, to: /a, mode: 8}", "key 'install[0].mode': expected a mode" },
        { "{from: a, to: /a, mode: 0o644}", "expected a mode of 3 or 4 octal digits" },
        { "{from: a, to: /a, mode: 17777}", "expected a mode of 3 or 4 octal digits" },
        { "{from: a, to: /a, mode: [1]}", "expected a mode of 3 or 4 octal digits" },
        { "{from: a, to: /a, owner: root}", "key 'install[0].owner': expected USER:GROUP" },
        { "{from: a, to: /a, owner: ':'}", "expected USER:GROUP" },
        { "{from: a, to: /a, owner: 'a:-b'}", "expected USER:GROUP" },
        { "{from: a, to: /a, owner: 'a:b c'}", "expected USER:GROUP" },
        { "{from: a, to: /a, owner: 'a:b:c'}", "expected USER:GROUP" },
        { "{from: a, to: /a}\n  - {from: b, to: /a}", "key 'install': '/a' stands there twice" },
        { "{from: a, to: /a.b}\n  - {from: b, to: /a/c}\n  - {from: b, to: /a}",
          "'/a' cannot be a file and a directory" },
    };
    AUTO_PATCH_SPEC s = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        AUTO_FREE char *text = xasprintf(FILES "  - %s\n", bad[i].place);

        refuse(text, bad[i].part);
    }
    refuse("name: x\nversion: 1\nkind: files\n",
           "p.yaml:3: key 'install': required for a patch of kind 'files', but missing");
    refuse("name: x\nversion: 1\nkind: files\ninstall: []\n", "expected at least one file");
    refuse("name: x\nversion: 1\nkind: rpm\nconffiles: keep\n", "only a patch of kind 'deb' has");
    refuse(FILES "  - {from: a, to: /a}\nnew-packages: [a]\n",
           "key 'new-packages': only patches of the kinds 'deb' and 'rpm' have it");
    expect_ok(parse(FILES "  - {from: b, to: /b, mode: 4755, owner: 'root:10'}\n"
                          "  - {from: a, to: /a b}\n",
                    &s, &e),
              &e);
    assert_int_equal(s.install.len, 2);
    assert_string_equal(s.install.ptr[0].to, "/a b");
    assert_int_equal(s.install.ptr[0].mode, -1);
    assert_null(s.install.ptr[0].owner);
    assert_int_equal(s.install.ptr[1].mode, 04755);
    assert_string_equal(s.install.ptr[1].owner, "root:10");
}

static void free_text_is_one_line(void **state)
{
    (void)state;
    refuse(DEB "title: \"a\\nb\"\n", "p.yaml:4: key 'title': expected text of one line");
    refuse(DEB "source: \"\\e[2J\"\n", "p.yaml:4: key 'source': expected text of one line");
    refuse(DEB "cves: [a, \"b\\nc\"]\n", "p.yaml:4: key 'cves[1]': expected text of one line");
    refuse(DEB "advisories: DSA-1\n", "p.yaml:4: key 'advisories': expected a list");
    refuse(DEB "title: \xff\n", "p.yaml:");
    refuse(DEB "changes: [/etc/motd]\n", "p.yaml:4: key 'changes': expected texts such as");
    refuse(DEB "changes: [magic /etc/motd]\n", "found 'magic /etc/motd'");
    refuse(DEB "changes: [file]\n", "found 'file'");
    refuse(DEB "changes: ['file *']\n", "found 'file *'");
    refuse(DEB "changes: ['file /*']\n", "found 'file /*'");
    refuse(DEB "changes: ['user ']\n", "found 'user '");
}

static void timeouts(void **state)
{
    (void)state;
    refuse(DEB "timeout: 999ms\n", "p.yaml:4: key 'timeout': expected from 1.0 s to 24 h");
    refuse(DEB "timeout: 86401s\n", "p.yaml:4: key 'timeout': expected from");
    refuse(DEB "timeout: soon\n", "key 'timeout': expected a duration such as 90s, 5m or 2h");
}

static void files(void **state)
{
    (void)state;
    refuse(DEB "files: []\n", "p.yaml:4: key 'files': expected at least one file");
    refuse(DEB "files: a\n", "p.yaml:4: key 'files': expected a list");
    refuse(DEB "files:\n  - {path: a}\n", "p.yaml:5: key 'files[0].sha256': required, but missing");
    refuse(DEB "files:\n  - {sha256: " HEX "}\n", "key 'files[0].path': required, but missing");
    refuse(DEB "files:\n  - {path: a, sha256: abc}\n",
           "p.yaml:5: key 'files[0].sha256': expected a SHA-256 of 64 lower-case hex digits");
    refuse(DEB "files:\n  - {path: a/../b, sha256: " HEX "}\n",
           "key 'files[0].path': expected a relative path without '..'");
    refuse(DEB "files:\n  - {path: patch.yaml, sha256: " HEX "}\n",
           "p.yaml:5: key 'files[0]': patch.yaml cannot list itself");
    refuse(DEB "files:\n  - {path: b, sha256: " HEX "}\n  - {path: a, sha256: " HEX "}\n"
               "  - {path: b, sha256: " HEX "}\n",
           "key 'files': 'b' stands there twice");
    refuse(DEB "files:\n  - {path: a, sha256: " HEX ", size: -1}\n",
           "key 'files[0].size': expected a size");
    refuse(DEB "files:\n  - {path: a, sha256: " HEX ", mode: 7}\n",
           "p.yaml:5: key 'files[0].mode': unknown key");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_only_packages_have),
        cmocka_unit_test(the_least),
        cmocka_unit_test(the_most),
        cmocka_unit_test(required_keys),
        cmocka_unit_test(names_and_versions),
        cmocka_unit_test(kinds_and_scripts),
        cmocka_unit_test(places),
        cmocka_unit_test(free_text_is_one_line),
        cmocka_unit_test(timeouts),
        cmocka_unit_test(files),
    };

    return cmocka_run_group_tests_name("patch-spec", tests, NULL, NULL);
}
