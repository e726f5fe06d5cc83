/* The inventory from CSV, Ansible, JSON and libvirt, and back. */
#include "core/server_import.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/libvirt_domains.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/site.h"
#include "fakes/fixture.h"
#include "ports/domains.h"

typedef int rows_from(const char *text, size_t len, const char *name, struct server_rows *ret,
                      struct err **err);

static struct site site_of(struct fixture *f)
{
    return (struct site){ .dir = f->dir, .user = "ann@host", .store = f->s, .blobs = f->b };
}

static int import(struct fixture *f, rows_from *from, const char *text, const char *category,
                  struct server_import_report *ret, struct err **err)
{
    struct site site = site_of(f);
    struct server_import_options o = { .category = category };
    AUTO_SERVER_ROWS rows = { 0 };

    if (from(text, strlen(text), "file", &rows, err) < 0)
        return -1;
    return server_import(&site, &rows, &o, ret, err);
}

static void expect_counts(struct fixture *f, rows_from *from, const char *text, size_t added,
                          size_t changed, size_t unchanged)
{
    struct server_import_report r = { 99, 99, 99 };
    AUTO_ERR e = NULL;

    expect_ok(import(f, from, text, NULL, &r, &e) == 0, &e);
    assert_int_equal(r.added, added);
    assert_int_equal(r.changed, changed);
    assert_int_equal(r.unchanged, unchanged);
}

struct bad {
    const char *text, *want;
};

static void expect_refused(rows_from *from, const struct bad *rows, size_t n)
{
    AUTO_FIXTURE f = fixture_open();

    for (size_t i = 0; i < n; i++) {
        struct server_import_report r;
        AUTO_ERR e = NULL;

        assert_int_equal(import(&f, from, rows[i].text, NULL, &r, &e), -1);
        if (!strstr(e->msg, rows[i].want) || strchr(e->msg, '\x1b'))
            fail_msg("row %zu: expected '%s', found '%s'", i, rows[i].want, e->msg);
        assert_true(e->code == ERR_INVALID || e->code == ERR_CONFLICT);
        assert_int_equal(fixture_count(&f, "SELECT count(*) FROM server"), 0);
    }
}

/* --- CSV --- */

static void csv_adds_and_changes(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    struct site site = site_of(&f);
    AUTO_SERVER s = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    expect_counts(&f, server_rows_from_csv,
                  "name,category,owner,purpose\nweb-01,web,ann,\"shop, new\"\nweb-02,Web,,\n", 2, 0,
                  0);
    expect_counts(&f, server_rows_from_csv, "owner,name\nann,WEB-01\nbob,web-02\n", 0, 1, 1);
    expect_counts(&f, server_rows_from_csv, "name,owner\nweb-01,\n", 0, 1, 0); /* cleared */
    expect_ok(server_find(&site, "web-01", &s, &e) == 0, &e);
    assert_null(s.value[SERVER_OWNER]);
    assert_string_equal(s.value[SERVER_PURPOSE], "shop, new");
    AUTO_JSON *h = server_history(&site, s.id, &e);
    assert_string_equal(json_str_at(json_array_get(h, 0), "origin"), "file:2");
}

static void csv_is_refused_with_its_line(void **state)
{
    static const struct bad rows[] = {
        { "", "file: the first line must name the columns" },
        { "category\nweb\n", "file:1: there is no column 'name'" },
        { "name,colour\n", "file:1: column 'colour' is not known" },
        { "name,owner,owner\n", "file:1: column 'owner' is there twice" },
        { "name,name\n", "file:1: column 'name' is there twice" },
        { "Name,category\n", "file:1: column 'Name' is not known" },
        { "name,\n", "file:1: column '' is not known" },
        { "name,category\na,web\nb b,web\n", "file:3: 'b b' is no name for a server" },
        { "name,category\na,web\nw\xc3\xa4rter,web\n", "file:3: 'w\xc3\xa4rter' is no name" },
        { "name,category\na,web\nb,shop\n", "file:3: category: expected one of" },
        { "name,category\na,web\nA,web\n", "file:3: server 'a' is there already: file:2" },
        { "name,category\na,web\nb,\n", "file:3: server 'b' needs a category" },
        { "name,owner\na,ann\n", "file:2: server 'a' needs a category" },
        { "name,category\na,web,x\n", "file:2: 3 fields, but the first line has 2" },
        { "name,category\n\"a\nb\",web\n", "file:2: 'a\\x0ab' is no name" },
    };

    (void)state;
    expect_refused(server_rows_from_csv, rows, ARRAY_LEN(rows));
}

static void all_or_nothing(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    struct site site = site_of(&f);
    struct server_import_options dry = { .category = "core", .dry_run = true };
    struct server_import_report r;
    AUTO_SERVER_ROWS rows = { 0 };
    AUTO_ERR e = NULL;
    static const char text[] = "name\na\nold\n";

    (void)state;
    expect_ok(import(&f, server_rows_from_csv, "name\nold\n", "mail", &r, &e) == 0, &e);
    expect_ok(server_rows_from_csv(text, strlen(text), "file", &rows, &e) == 0, &e);
    expect_ok(server_import(&site, &rows, &dry, &r, &e) == 0, &e);
    assert_int_equal(r.added, 1);
    assert_int_equal(r.unchanged, 1); /* the default is for new ones */
    assert_int_equal(fixture_count(&f, "SELECT count(*) FROM server"), 1);
    expect_ok(server_retire(&site, "old", NULL, &e) == 0, &e);
    dry.dry_run = false;
    assert_int_equal(server_import(&site, &rows, &dry, &r, &e), -1);
    expect_err(ERR_CONFLICT, "file:3: server 'old' is retired", &e);
    assert_int_equal(fixture_count(&f, "SELECT count(*) FROM server"), 1);
}

/* --- Ansible --- */

static void ansible_groups_are_categories(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    struct site site = site_of(&f);
    AUTO_SERVER files = { 0 }, web = { 0 }, own = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    expect_counts(
        &f, server_rows_from_ansible,
        "{\"_meta\":{\"hostvars\":{\"web-01\":{\"ansible_host\":\"10.0.0.1\",\"patchlab_owner\":"
        "\"ann\"},\"own\":{\"patchlab_category\":\"core\"}}},"
        "\"all\":{\"children\":[\"file_print\",\"shop\",\"ungrouped\"]},"
        "\"file_print\":{\"hosts\":[\"Files\"]},"
        "\"web\":{\"children\":[\"shop\"],\"hosts\":[\"own\"]},"
        "\"shop\":{\"hosts\":[\"web-01\"],\"children\":[\"web\"]},"
        "\"eu\":{\"hosts\":[\"web-01\"],\"vars\":{}}}",
        3, 0, 0);
    expect_ok(server_find(&site, "files", &files, &e) == 0, &e);
    assert_string_equal(files.value[SERVER_CATEGORY], "file-print");
    expect_ok(server_find(&site, "web-01", &web, &e) == 0, &e);
    assert_string_equal(web.value[SERVER_CATEGORY], "web");
    assert_string_equal(web.value[SERVER_OWNER], "ann");
    expect_ok(server_find(&site, "own", &own, &e) == 0, &e);
    assert_string_equal(own.value[SERVER_CATEGORY], "core");
}

#define HOST(vars) "{\"_meta\":{\"hostvars\":{\"a\":" vars "}}}"

static void ansible_is_refused_with_its_host(void **state)
{
    static const struct bad rows[] = {
        { "", "file:" },
        { "[]", "file: an object of groups expected" },
        { "{\"web\":[]}", "file: group 'web': it is no object" },
        { "{\"x\":1}", "file: group 'x': it is no object" },
        { "{\"web\":{\"hosts\":{}}}", "file: group 'web': 'hosts' is no list" },
        { "{\"web\":{\"hosts\":[1]}}", "file: group 'web': a host is no text" },
        { "{\"web\":{\"children\":1}}", "file: group 'web': 'children' is no list" },
        { "{\"web\":{\"children\":[[]]}}", "file: group 'web': a child is no text" },
        { "{\"_meta\":1}", "file: group '_meta': it is no object" },
        { "{\"_meta\":{\"hostvars\":[]}}", "file: group '_meta': it is no object" },
        { "{\"web\":{\"hosts\":[\"a\"]},\"mail\":{\"hosts\":[\"a\"]}}",
          "file: host 'a' is in the groups of two categories: web and mail" },
        { "{\"web\":{\"hosts\":[\"a\",\"A\"]}}", "file: host 'A': server 'a' is there already" },
        { "{\"web\":{\"hosts\":[\"\\u001b[2J\"]}}", "file: host '\\x1b[2J'" },
        { "{\"x\":{\"hosts\":[\"a\"]}}", "file: host 'a': server 'a' needs a category" },
        { HOST("1"), "file: host 'a': its variables are no object" },
        { HOST("{\"patchlab_colour\":\"red\"}"), "'patchlab_colour' is not known" },
        { HOST("{\"patchlab_owner\":1}"), "file: host 'a': owner: text expected" },
        { HOST("{\"patchlab_owner\":\"a\\u0000b\"}"), "file" },
        { HOST("{\"patchlab_category\":\"shop\"}"), "file: host 'a': category: expected" },
        { HOST("{},\"a\":{}"), "file" }, /* a duplicate key */
    };

    (void)state;
    expect_refused(server_rows_from_ansible, rows, ARRAY_LEN(rows));
}

static void depth_does_not_hurt(void **state)
{
    AUTO_STR deep = STR_INIT(SIZE_MAX / 2), chain = STR_INIT(SIZE_MAX / 2);
    AUTO_FIXTURE f = fixture_open();
    struct server_import_report r;
    AUTO_ERR e = NULL;

    (void)state;
    for (int i = 0; i < 100000; i++)
        str_add(&deep, "{\"a\":");
    assert_int_equal(import(&f, server_rows_from_ansible, deep.ptr, NULL, &r, &e), -1);
    expect_err(ERR_INVALID, "file", &e);
    /* A chain of groups as long as a file may be. */
    str_add(&chain, "{\"web\":{\"children\":[\"g0\"]}");
    for (int i = 0; i < 20000; i++)
        str_addf(&chain, ",\"g%d\":{\"children\":[\"g%d\"]}", i, i + 1);
    str_add(&chain, ",\"g20000\":{\"hosts\":[\"a\"],\"children\":[\"web\"]}}");
    expect_counts(&f, server_rows_from_ansible, chain.ptr, 1, 0, 0);
}

/* --- our own JSON, domains --- */

static void json_is_taken_and_refused(void **state)
{
    static const struct bad rows[] = {
        { "{}", "file: a list of servers expected" },
        { "[1]", "file: item 1: an object with a 'name' expected" },
        { "[{\"name\":\"a\",\"category\":\"web\"},{\"category\":\"web\"}]",
          "file: item 2: an object" },
        { "[{\"name\":\"a\",\"colour\":\"red\"}]", "file: item 1: member 'colour' is not known" },
        { "[{\"name\":\"a\",\"owner\":[]}]", "file: item 1: owner: text expected" },
        { "[{\"name\":\"a\",\"category\":\"web\"},{\"name\":\"A\"}]",
          "file: item 2: server 'a' is there already: file: item 1" },
        { "[{\"name\":\"a\"}]", "file: item 1: server 'a' needs a category" },
    };
    AUTO_FIXTURE f = fixture_open();
    struct site site = site_of(&f);
    AUTO_ERR e = NULL;

    (void)state;
    expect_refused(server_rows_from_json, rows, ARRAY_LEN(rows));
    expect_counts(&f, server_rows_from_json,
                  "[{\"name\":\"a\",\"category\":\"web\",\"owner\":\"ann\"}]", 1, 0, 0);
    AUTO_JSON *list = server_list(&site, &(struct server_filter){ 0 }, &e);
    AUTO_FREE char *text = json_canonical(list);
    expect_counts(&f, server_rows_from_json, text, 0, 0, 1); /* what `server list` says */
    expect_counts(&f, server_rows_from_json, "[{\"name\":\"a\",\"owner\":null}]", 0, 1, 0);
}

static void domains_are_servers(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    struct site site = site_of(&f);
    struct server_import_options o = { .category = "application" };
    struct server_import_report r;
    AUTO_DOMAIN_LIST l = { 0 }, bad = { 0 };
    AUTO_SERVER_ROWS rows = { 0 }, none = { 0 };
    AUTO_SERVER s = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    /* The driver that libvirt ships for tests has one domain, 'test'. */
    expect_ok(libvirt_domains_ops.list("test:///default", &l, &e) == 0, &e);
    assert_int_equal(l.len, 1);
    assert_string_equal(l.ptr[0].name, "test");
    assert_int_equal(l.ptr[0].vcpus, 2);
    assert_int_equal(l.ptr[0].memory, INT64_C(8) << 30);
    l.ptr[0].title = xstrdup("The test server");
    expect_ok(server_rows_from_domains(&l, "test:///default", &rows, &e) == 0, &e);
    expect_ok(server_import(&site, &rows, &o, &r, &e) == 0, &e);
    expect_ok(server_find(&site, "test", &s, &e) == 0, &e);
    assert_string_equal(s.value[SERVER_PURPOSE], "The test server");
    AUTO_JSON *h = server_history(&site, s.id, &e);
    assert_string_equal(json_str_at(json_array_get(h, 0), "origin"),
                        "test:///default: domain 'test' (2 CPU, 8.0 GiB)");
    domain_list_add(&bad, "no good name\x1b");
    assert_int_equal(server_rows_from_domains(&bad, "test:///default", &none, &e), -1);
    expect_err(ERR_INVALID, "test:///default: domain 'no good name\\x1b': ", &e);
    assert_int_equal(libvirt_domains_ops.list("nonsense:///x", &bad, &e), -1);
    expect_err(ERR_IO, "cannot connect to libvirt at 'nonsense:///x'", &e);
}

/* --- there and back --- */

static const char *one_of(unsigned *seed, const char *const *words)
{
    size_t n = 0;

    while (words[n])
        n++;
    return words[(unsigned)rand_r(seed) % n];
}

/* Anything that may be said. */
static void say(struct server_row *r, enum server_field f, unsigned *seed)
{
    static const char *const texts[] = { "a,b", "say \"x\"", "f\xc3\xbcr alle",  "-", "=1+1", "'",
                                         "x",   "  y z  ",   "\xf0\x9f\x98\x80", "",  NULL };
    static const char *const windows[] = { "daily 01:00-02:00", "sat,sun 22:00-04:00", NULL };
    AUTO_ERR e = NULL;
    const char *text = one_of(seed, texts);

    if (f != SERVER_CATEGORY && rand_r(seed) % 3 == 0)
        return;
    if (server_fields[f].words)
        text = one_of(seed, server_fields[f].words);
    else if (f == SERVER_WINDOW)
        text = one_of(seed, windows);
    else if (server_fields[f].check)
        text = f == SERVER_LAST_PATCHED ? "2026-02-28"
               : f == SERVER_OWNER      ? "ann@example.org"
                                        : "w1";
    expect_ok(server_row_set(r, f, text, &e) == 0, &e);
}

static void fill(const struct site *site, unsigned *seed)
{
    for (int i = 0; i < 20; i++) {
        AUTO_FREE char *name = xasprintf("s-%d.example.org", i);
        AUTO_SERVER_ROW r = { .name = xstrdup(name) };
        AUTO_ERR e = NULL;

        for (int k = 0; k < SERVER_FIELDS; k++)
            say(&r, (enum server_field)k, seed);
        expect_ok(server_add(site, &r, &e) == 0, &e);
    }
}

static char *all_json(const struct site *site)
{
    AUTO_ERR e = NULL;
    AUTO_JSON *j = server_export_json(site, &e);

    expect_ok(j, &e);
    return json_canonical(j);
}

static char *as_csv(const struct site *site, struct err **err)
{
    return server_export_csv(site, err);
}

static char *as_ansible(const struct site *site, struct err **err)
{
    AUTO_JSON *j = server_export_ansible(site, err);

    return j ? json_pretty(j) : NULL;
}

static char *as_json(const struct site *site, struct err **err)
{
    AUTO_JSON *j = server_export_json(site, err);

    return j ? json_pretty(j) : NULL;
}

static void what_was_exported_comes_back(void **state)
{
    static const struct {
        char *(*export)(const struct site *site, struct err **err);
        rows_from *import;
    } ways[] = {
        { as_csv, server_rows_from_csv },
        { as_ansible, server_rows_from_ansible },
        { as_json, server_rows_from_json },
    };
    unsigned seed = 5;

    (void)state;
    for (int round = 0; round < 5; round++) {
        AUTO_FIXTURE f = fixture_open();
        struct site site = site_of(&f);

        fill(&site, &seed);
        AUTO_FREE char *before = all_json(&site);
        for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
            AUTO_FIXTURE other = fixture_open();
            struct site there = site_of(&other);
            AUTO_ERR e = NULL;
            AUTO_FREE char *text = ways[i].export(&site, &e);

            expect_ok(text, &e);
            expect_counts(&other, ways[i].import, text, 20, 0, 0);
            AUTO_FREE char *after = all_json(&there);
            assert_string_equal(after, before);
            expect_counts(&other, ways[i].import, text, 0, 0, 20);
            expect_counts(&f, ways[i].import, text, 0, 0, 20);
        }
    }
}

static void retired_ones_are_not_exported(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    struct site site = site_of(&f);
    AUTO_ERR e = NULL;

    (void)state;
    expect_counts(&f, server_rows_from_csv, "name,category\na,web\nb,web\n", 2, 0, 0);
    expect_ok(server_retire(&site, "a", NULL, &e) == 0, &e);
    AUTO_FREE char *csv = server_export_csv(&site, &e);
    assert_null(strstr(csv, "\na,"));
    assert_non_null(strstr(csv, "\nb,web,"));
}

static void ten_thousand_are_quick(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    AUTO_STR text = STR_INIT(SIZE_MAX / 2);

    (void)state;
    str_add(&text, "name,category,image\n");
    for (int i = 0; i < 10000; i++)
        str_addf(&text, "s-%d,web,image-%d\n", i, i % 10);
    expect_counts(&f, server_rows_from_csv, text.ptr, 10000, 0, 0);
    expect_counts(&f, server_rows_from_csv, text.ptr, 0, 0, 10000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csv_adds_and_changes),
        cmocka_unit_test(csv_is_refused_with_its_line),
        cmocka_unit_test(all_or_nothing),
        cmocka_unit_test(ansible_groups_are_categories),
        cmocka_unit_test(ansible_is_refused_with_its_host),
        cmocka_unit_test(depth_does_not_hurt),
        cmocka_unit_test(json_is_taken_and_refused),
        cmocka_unit_test(domains_are_servers),
        cmocka_unit_test(what_was_exported_comes_back),
        cmocka_unit_test(retired_ones_are_not_exported),
        cmocka_unit_test(ten_thousand_are_quick),
    };

    return cmocka_run_group_tests_name("server-import", tests, NULL, NULL);
}
