/* What servers have, what they must show, and who deviates. */
#include "core/server_standard.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/pkgmgrs.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/image.h"
#include "core/image_packages.h"
#include "core/server.h"
#include "core/server_facts.h"
#include "core/site.h"
#include "fakes/fixture.h"

static const struct pkgmgr *const pkgmgrs[] = { &pkg_deb, &pkg_script, NULL };

static struct site site_of(struct fixture *f)
{
    return (struct site){
        .dir = f->dir, .user = "ann@host", .store = f->s, .blobs = f->b, .pkgmgrs = pkgmgrs
    };
}

static char *file_with(struct fixture *f, const char *name, const char *text)
{
    char *path = path_join(f->dir, name);
    AUTO_ERR e = NULL;

    expect_ok(file_write(path, text, strlen(text), 0644, &e) == 0, &e);
    return path;
}

static void add(const struct site *site, const char *name, const char *category, const char *image)
{
    AUTO_SERVER_ROW r = { .name = xstrdup(name) };
    AUTO_ERR e = NULL;

    r.value[SERVER_CATEGORY] = xstrdup(category);
    r.value[SERVER_IMAGE] = xstrdup(image);
    expect_ok(server_add(site, &r, &e) == 0, &e);
}

static void tell(const struct site *site, const char *name, const char *text)
{
    AUTO_PACKAGE_LIST l = { 0 };
    AUTO_ERR e = NULL;

    expect_ok(server_packages_parse(site, "deb", text, strlen(text), "list", &l, &e) == 0, &e);
    expect_ok(server_facts_set(site, name, &l, NULL, &e) == 0, &e);
}

/* --- facts --- */

static void lists_of_packages_are_read(void **state)
{
    static const char full[] = "libssl3:amd64\t3.0.11-1+b1\tii \topenssl\t3.0.11-1\n"
                               "gone\t1\trc \tgone\t1\n"
                               "half\t2\tiF \thalf\t2\n";
    AUTO_FIXTURE f = fixture_open();
    struct site site = site_of(&f);
    AUTO_PACKAGE_LIST l = { 0 }, two = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    expect_ok(server_packages_parse(&site, "deb", full, strlen(full), "list", &l, &e) == 0, &e);
    assert_int_equal(l.len, 2);
    assert_string_equal(l.ptr[0].version, "2 (half-configured)");
    assert_string_equal(l.ptr[1].source, "openssl");
    assert_string_equal(l.ptr[1].source_version, "3.0.11-1");
    expect_ok(server_packages_parse(&site, "deb", "b\t2\na\t1\n", 8, "list", &two, &e) == 0, &e);
    assert_string_equal(two.ptr[0].name, "a");
}

static void other_lists_are_refused(void **state)
{
    static const struct {
        const char *kind, *text, *want;
    } rows[] = {
        { "deb", "", "list: there is no package in it" },
        { "deb", "a 1\n", "list:1: expected NAME, a tab and VERSION" },
        { "deb", "a\t1\nb\n", "list:2: expected" },
        { "deb", "a\x1b\t1\n", "list:1: expected" },
        { "deb", "a\t1\tii \ta\t1", "list: " },
        { "deb", "a\t1\tzz \ta\t1\n", "list: " },
        { "script", "a\t1\n", "there are no lists of packages of the kind 'script'" },
        { "none", "a\t1\n", "there are no lists of packages of the kind 'none'" },
    };
    AUTO_FIXTURE f = fixture_open();
    struct site site = site_of(&f);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO_PACKAGE_LIST l = { 0 };
        AUTO_ERR e = NULL;

        assert_int_equal(server_packages_parse(&site, rows[i].kind, rows[i].text,
                                               strlen(rows[i].text), "list", &l, &e),
                         -1);
        expect_err(ERR_INVALID, rows[i].want, &e);
        assert_int_equal(l.len, 0);
    }
}

static void facts_are_kept(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    struct site site = site_of(&f);
    AUTO_FREE char *path = file_with(&f, "facts.yaml",
                                     "units: {ssh.service: enabled}\nsysctl: {net.x: 0}\n");
    AUTO_SERVER s = { 0 };
    AUTO_PACKAGE_LIST l = { 0 };
    AUTO_FREE char *from = NULL;
    AUTO_ERR e = NULL;

    (void)state;
    add(&site, "web-01", "web", NULL);
    tell(&site, "web-01", "nginx\t1.22\n");
    AUTO_JSON *facts = server_facts_read(path, &e);
    expect_ok(facts, &e);
    expect_ok(server_facts_set(&site, "web-01", NULL, facts, &e) == 0, &e);
    expect_ok(server_find(&site, "web-01", &s, &e) == 0, &e);
    AUTO_JSON *back = server_facts(&s, &e);
    AUTO_FREE char *text = json_canonical(back);
    assert_string_equal(text, "{\"sysctl\":{\"net.x\":\"0\"},\"units\":{\"ssh.service\":"
                              "\"enabled\"}}");
    expect_ok(server_packages(&site, &s, &l, &from, &e) == 0, &e);
    assert_string_equal(from, "told");
    assert_string_equal(l.ptr[0].name, "nginx");
    assert_int_equal(
        fixture_count(&f, "SELECT count(*) FROM server_history WHERE action = 'facts'"), 2);
    expect_ok(server_retire(&site, "web-01", NULL, &e) == 0, &e);
    assert_int_equal(server_facts_set(&site, "web-01", NULL, facts, &e), -1);
    expect_err(ERR_CONFLICT, "server 'web-01' is retired", &e);
    assert_int_equal(server_facts_set(&site, "web-02", NULL, facts, &e), -1);
    expect_err(ERR_NOT_FOUND, "there is no server", &e);
}

static void other_facts_are_refused(void **state)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        { "units: [a]\n", "1: key 'units': expected names and values" },
        { "units: {a: [b]}\n", "1: key 'units.a': expected a text" },
        { "sysctls: {a: b}\n", "did you mean 'sysctl'" },
        { "units:\n  a: b\n  a: c\n", ":3:" },
        { "- a\n", ":1:" },
    };
    AUTO_FIXTURE f = fixture_open();

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO_FREE char *path = file_with(&f, "facts.yaml", rows[i].text);
        AUTO_ERR e = NULL;

        assert_null(server_facts_read(path, &e));
        expect_err(ERR_INVALID, rows[i].want, &e);
    }
}

/* --- standards --- */

static void wishes_are_compared(void **state)
{
    static const struct {
        const char *name, *wish;
        bool holds;
        const char *found;
    } rows[] = {
        { "nginx", "present", true, "1.22" },
        { "nginx", "absent", false, "1.22" },
        { "nginx", ">= 1.22", true, "1.22" },
        { "nginx", ">= 1.9", true, "1.22" },
        { "nginx", ">= 1.22.1", false, "1.22" },
        { "telnetd", "absent", true, NULL },
        { "telnetd", "present", false, NULL },
        { "telnetd", ">= 1", false, NULL },
        { "libc6", ">= 2.36", false, "2.31" }, /* each architecture must have it */
        { "libc6:amd64", ">= 2.36", true, "2.36" },
        { "libc6:i386", ">= 2.36", false, "2.31" },
        { "half", "present", false, "2 (half-configured)" },
        { "ngin", "absent", true, NULL },
    };
    AUTO_PACKAGE_LIST l = { 0 };

    (void)state;
    package_list_add(&l, "nginx", "1.22");
    package_list_add(&l, "libc6:amd64", "2.36");
    package_list_add(&l, "libc6:i386", "2.31");
    package_list_add(&l, "half", "2 (half-configured)");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO_FREE char *found = NULL;

        if (standard_holds(&l, rows[i].name, rows[i].wish, &found) != rows[i].holds
            || !str_eq(found, rows[i].found))
            fail_msg("row %zu: found %s", i, found ? found : "nothing");
    }
}

static void versions_are_compared_as_the_release_does(void **state)
{
    AUTO_PACKAGE_LIST l = { 0 };
    AUTO_FREE char *one = NULL, *two = NULL;

    (void)state;
    package_list_add(&l, "rocky-release", "9.4-1.7.el9");
    package_list_add(&l, "openssl", "1:3.0.7-27.el9");
    assert_true(standard_holds(&l, "openssl", ">= 1:3.0.7", &one)); /* rpm: any release */
    assert_false(standard_holds(&l, "openssl", ">= 1:3.0.7-28.el9", &two));
}

static void standards_are_checked(void **state)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        { "", "" },
        { "shop: {}\n", "'shop'" },
        { "web: []\n", "1:" },
        { "web: {package: {a: present}}\n", "did you mean 'packages'" },
        { "web: {packages: [a]}\n", "key 'web.packages': expected names" },
        { "web:\n  packages:\n    a: newest\n",
          ":3: key 'web.packages.a': expected 'present', 'absent' or '>= VERSION', found "
          "'newest'" },
        { "web: {packages: {a: '>= '}}\n", "key 'web.packages.a'" },
        { "web: {packages: {a: '>=1'}}\n", "key 'web.packages.a'" },
        { "web: {packages: {a: [present]}}\n", "key 'web.packages.a': expected a text" },
        { "web: {units: {a: {b: c}}}\n", "key 'web.units.a': expected a text" },
    };
    AUTO_FIXTURE f = fixture_open();
    AUTO_ERR e = NULL;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO_FREE char *path = file_with(&f, "standards.yaml", rows[i].text);

        assert_null(standards_read(path, &e));
        expect_err(ERR_INVALID, rows[i].want, &e);
    }
    assert_null(standards_read("/no/such/file", &e));
    expect_err(ERR_NOT_FOUND, "/no/such/file", &e);
}

static void expect_state(const json_t *list, const char *server, const char *state,
                         const char *deviations, const char *unknown)
{
    const json_t *s;
    size_t i;

    json_array_foreach((json_t *)list, i, s)
    {
        if (!str_eq(json_str_at(s, "server"), server))
            continue;
        AUTO_FREE char *d = json_canonical(json_object_get(s, "deviations"));
        AUTO_FREE char *u = json_canonical(json_object_get(s, "unknown"));
        assert_string_equal(json_str_at(s, "state"), state);
        assert_string_equal(d, deviations);
        assert_string_equal(u, unknown);
        return;
    }
    fail_msg("no server %s", server);
}

static void who_deviates_is_told(void **state)
{
    static const char *const none[] = { NULL };
    AUTO_FIXTURE f = fixture_open();
    struct site site = site_of(&f);
    AUTO_FREE char *path = file_with(&f, "standards.yaml",
                                     "web:\n"
                                     "  packages: {nginx: '>= 1.22', telnetd: absent}\n"
                                     "  units: {ssh.service: enabled, rsh.service: absent}\n"
                                     "core:\n"
                                     "  packages: {nginx: absent}\n");
    AUTO_JSON *facts = json_pack("{s:{s:s}}", "units", "ssh.service", "disabled");
    AUTO_PACKAGE_LIST l = { 0 };
    AUTO_IMAGE i = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    int64_t id = fixture_image(&f, "web", none);
    fixture_raw(&f, "UPDATE image SET spec = json_set(spec, '$.firmware', 'bios', '$.memory',"
                    " 1048576, '$.vcpus', 1)");
    expect_ok(image_by_id(&site, id, &i, &e) == 0, &e);
    package_list_add(&l, "nginx", "1.18");
    expect_ok(image_packages_record(&site, &i, &l, &e) == 0, &e);
    add(&site, "imaged", "web", "web");
    add(&site, "told", "web", "web");
    tell(&site, "told", "nginx\t1.24\ntelnetd\t1\n");
    expect_ok(server_facts_set(&site, "told", NULL, facts, &e) == 0, &e);
    add(&site, "silent", "web", NULL);
    add(&site, "fine", "core", NULL);
    tell(&site, "fine", "bash\t5\n");
    add(&site, "free", "mail", NULL);
    AUTO_STANDARDS s = standards_read(path, &e);
    expect_ok(s, &e);
    AUTO_JSON *list = standards_deviations(&site, s, &(struct server_filter){ 0 }, &e);
    expect_ok(list, &e);
    assert_int_equal(json_array_size(list), 5);
    expect_state(list, "imaged", "deviates",
                 "[{\"fact\":\"packages.nginx\",\"found\":\"1.18\",\"wanted\":\">= 1.22\"}]",
                 "[\"units.ssh.service\",\"units.rsh.service\"]");
    expect_state(list, "told", "deviates",
                 "[{\"fact\":\"packages.telnetd\",\"found\":\"1\",\"wanted\":\"absent\"},"
                 "{\"fact\":\"units.ssh.service\",\"found\":\"disabled\",\"wanted\":\"enabled\"}]",
                 "[]");
    expect_state(list, "silent", "unknown", "[]",
                 "[\"packages.nginx\",\"packages.telnetd\",\"units.ssh.service\","
                 "\"units.rsh.service\"]");
    expect_state(list, "fine", "conforms", "[]", "[]");
    expect_state(list, "free", "no standard", "[]", "[]");
    AUTO_JSON *core = standards_deviations(&site, s, &(struct server_filter){ .category = "core" },
                                           &e);
    assert_int_equal(json_array_size(core), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_of_packages_are_read),
        cmocka_unit_test(other_lists_are_refused),
        cmocka_unit_test(facts_are_kept),
        cmocka_unit_test(other_facts_are_refused),
        cmocka_unit_test(wishes_are_compared),
        cmocka_unit_test(versions_are_compared_as_the_release_does),
        cmocka_unit_test(standards_are_checked),
        cmocka_unit_test(who_deviates_is_told),
    };

    return cmocka_run_group_tests_name("server-standard", tests, NULL, NULL);
}
