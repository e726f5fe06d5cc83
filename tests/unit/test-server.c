/* The inventory: what may be said of a server, its history, and whom an image stands for. */
#include "core/server.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "core/image.h"
#include "core/queue.h"
#include "core/signoff.h"
#include "core/site.h"
#include "fakes/rollout.h"

static struct site site_of(struct fixture *f)
{
    return (struct site){ .dir = f->dir, .user = "ann@host", .store = f->s, .blobs = f->b };
}

/* "owner=ann", ...; NULL at the end. */
static struct server_row row(const char *name, ...) __attribute__((sentinel));
static struct server_row row(const char *name, ...)
{
    struct server_row r = { 0 };
    const char *pair;
    AUTO_ERR e = NULL;
    va_list ap;

    expect_ok(server_row_name(&r, name, &e) == 0, &e);
    va_start(ap, name);
    while ((pair = va_arg(ap, const char *))) {
        size_t len = strcspn(pair, "=");
        AUTO_FREE char *field = xstrndup(pair, len);
        int f = server_field_of(field);

        assert_true(f >= 0);
        expect_ok(server_row_set(&r, (enum server_field)f, pair + len + 1, &e) == 0, &e);
    }
    va_end(ap);
    return r;
}

static void add(const struct site *site, const char *name, const char *one, const char *two)
{
    AUTO_SERVER_ROW r = row(name, "category=web", one, two, NULL);
    AUTO_ERR e = NULL;

    expect_ok(server_add(site, &r, &e) == 0, &e);
}

static bool set(const struct site *site, const char *name, const char *one)
{
    AUTO_SERVER_ROW r = row(name, one, NULL);
    AUTO_ERR e = NULL;
    bool changed = false;

    expect_ok(server_set(site, &r, &changed, &e) == 0, &e);
    return changed;
}

/* --- what may be said --- */

static void values_are_made_canonical(void **state)
{
    AUTO_SERVER_ROW r = row("  WEB-01 ", "category= Web ", "exposure=INTERNET", "owner=\tann ",
                            "purpose=  f\xc3\xbcr alle ", "ticket=  ", NULL);

    (void)state;
    assert_string_equal(r.name, "web-01");
    assert_string_equal(r.value[SERVER_CATEGORY], "web");
    assert_string_equal(r.value[SERVER_EXPOSURE], "internet");
    assert_string_equal(r.value[SERVER_OWNER], "ann");
    assert_string_equal(r.value[SERVER_PURPOSE], "f\xc3\xbcr alle");
    assert_string_equal(r.value[SERVER_TICKET], "");
    assert_null(r.value[SERVER_IMAGE]);
}

static void values_are_checked(void **state)
{
    static const struct {
        const char *field, *text, *want;
    } rows[] = {
        { "category", "shop", "category: expected one of core, security" },
        { "image", "No Image", "image: 'No Image' is no name of an image" },
        { "owner", "Ann Smith", "owner: 'Ann Smith' is no name of a person" },
        { "owner", "-ann", "owner: '-ann' is no name" },
        { "exposure", "dmz", "expected one of internet, partner, internal, isolated; found 'dmz'" },
        { "data_value", "priceless", "data_value: expected one of low, moderate, high" },
        { "redundancy", "2", "redundancy: expected one of none" },
        { "window", "saturday", "window: 'saturday' is no maintenance window" },
        { "last_patched", "2026-02-29", "last_patched: '2026-02-29' is no day" },
        { "last_patched", "2026-2-1", "is no day" },
        { "last_patched", "2026-11-24T00:00", "is no day" },
        { "purpose", "two\nlines", "purpose: it is not one line of plain text" },
        { "purpose", "tab\tbed", "purpose: it is not one line" },
        { "support", "\x1b[2Jx", "support: it is not one line" },
        { "users", "\xff\xfe", "users: it is not one line" },
        { "location",
          "a\xe2\x80\xae"
          "b",
          "location: it is not one line" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO_SERVER_ROW r = { 0 };
        AUTO_ERR e = NULL;
        int f = server_field_of(rows[i].field);

        assert_int_equal(server_row_set(&r, (enum server_field)f, rows[i].text, &e), -1);
        expect_err(ERR_INVALID, rows[i].want, &e);
        assert_null(r.value[f]);
    }
    assert_int_equal(server_field_of("name"), -1);
    assert_int_equal(server_field_of(""), -1);
}

static void the_longest_text_is_taken(void **state)
{
    char text[SERVER_TEXT_MAX + 2];
    AUTO_SERVER_ROW r = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    memset(text, 'x', sizeof(text));
    text[SERVER_TEXT_MAX + 1] = '\0';
    assert_int_equal(server_row_set(&r, SERVER_PURPOSE, text, &e), -1);
    expect_err(ERR_INVALID, "purpose: it is longer than 512 bytes", &e);
    text[SERVER_TEXT_MAX] = '\0';
    expect_ok(server_row_set(&r, SERVER_PURPOSE, text, &e) == 0, &e);
}

static void names_are_checked(void **state)
{
    static const char *const bad[] = { "",       " ",        "web 01", "-web", "w\xc3\xa4rter",
                                       "web/01", "web-01\n", "\xff" };
    char text[130];
    AUTO_SERVER_ROW r = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_int_equal(server_row_name(&r, bad[i], &e), -1);
        expect_err(ERR_INVALID, "is no name for a server", &e);
    }
    memset(text, 'x', sizeof(text));
    text[129] = '\0';
    assert_int_equal(server_row_name(&r, text, &e), -1);
    expect_err(ERR_INVALID, "is no name for a server", &e);
    text[128] = '\0';
    expect_ok(server_row_name(&r, text, &e) == 0, &e);
}

/* --- what is stored --- */

static void a_server_is_added_changed_and_shown(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    struct site site = site_of(&f);
    AUTO_SERVER s = { 0 }, none = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    fixture_time(1000);
    add(&site, "web-01", "owner=ann", NULL);
    fixture_time(2000);
    assert_true(set(&site, "web-01", "owner=bob"));
    assert_false(set(&site, "web-01", "owner=bob"));
    assert_true(set(&site, "web-01", "owner="));
    assert_true(set(&site, "web-01", "window=daily 01:00-02:00"));
    expect_ok(server_find(&site, "WEB-01", &s, &e) == 0, &e);
    assert_string_equal(s.name, "web-01");
    assert_null(s.value[SERVER_OWNER]);
    assert_string_equal(s.value[SERVER_WINDOW], "daily 01:00-02:00");
    assert_int_equal(s.created, 1000);
    assert_int_equal(s.changed, 2000);
    AUTO_JSON *h = server_history(&site, s.id, &e);
    AUTO_FREE char *text = json_canonical(h);
    assert_string_equal(
        text,
        "[{\"action\":\"added\",\"at\":1000,\"by\":\"ann@host\",\"changes\":{\"category\":[null,"
        "\"web\"],\"owner\":[null,\"ann\"]},\"origin\":null},"
        "{\"action\":\"changed\",\"at\":2000,\"by\":\"ann@host\",\"changes\":{\"owner\":[\"ann\","
        "\"bob\"]},\"origin\":null},"
        "{\"action\":\"changed\",\"at\":2000,\"by\":\"ann@host\",\"changes\":{\"owner\":[\"bob\","
        "null]},\"origin\":null},"
        "{\"action\":\"changed\",\"at\":2000,\"by\":\"ann@host\",\"changes\":{\"window\":[null,"
        "\"daily 01:00-02:00\"]},\"origin\":null}]");
    assert_int_equal(server_find(&site, "web-02\x1b", &none, &e), -1);
    expect_err(ERR_NOT_FOUND, "there is no server 'web-02\\x1b'", &e);
}

static void what_cannot_be_is_refused(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    struct site site = site_of(&f);
    AUTO_SERVER_ROW bare = row("web-02", "owner=ann", NULL), again = row("Web-01", NULL);
    AUTO_SERVER_ROW unset = row("web-01", "category=", NULL);
    AUTO_ERR e = NULL;
    bool changed;

    (void)state;
    add(&site, "web-01", NULL, NULL);
    assert_int_equal(server_add(&site, &bare, &e), -1);
    expect_err(ERR_INVALID, "server 'web-02' needs a category", &e);
    assert_int_equal(server_add(&site, &again, &e), -1);
    expect_err(ERR_CONFLICT, "there is a server 'web-01' already", &e);
    assert_int_equal(server_set(&site, &unset, &changed, &e), -1);
    expect_err(ERR_INVALID, "needs a category", &e);
    assert_int_equal(server_set(&site, &bare, &changed, &e), -1);
    expect_err(ERR_NOT_FOUND, "there is no server 'web-02'", &e);
    assert_int_equal(fixture_count(&f, "SELECT count(*) FROM server_history"), 1);
}

static void a_retired_server_stays(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    struct site site = site_of(&f);
    AUTO_SERVER_ROW r = row("web-01", "owner=ann", NULL);
    AUTO_FREE char *text = xcalloc(SERVER_TEXT_MAX + 2, 1);
    AUTO_ERR e = NULL;
    bool changed;

    (void)state;
    add(&site, "web-01", NULL, NULL);
    assert_int_equal(server_return(&site, "web-01", &e), -1);
    expect_err(ERR_CONFLICT, "server 'web-01' is in service", &e);
    memset(text, 'x', SERVER_TEXT_MAX + 1);
    assert_int_equal(server_retire(&site, "web-01", text, &e), -1);
    expect_err(ERR_INVALID, "the reason is longer", &e);
    expect_ok(server_retire(&site, "web-01", "scrap\xff", &e) == 0, &e);
    assert_int_equal(server_retire(&site, "web-01", NULL, &e), -1);
    expect_err(ERR_CONFLICT, "is retired already", &e);
    assert_int_equal(server_set(&site, &r, &changed, &e), -1);
    expect_err(ERR_CONFLICT, "server 'web-01' is retired", &e);
    assert_int_equal(server_add(&site, &r, &e), -1);
    expect_err(ERR_CONFLICT, "server 'web-01' is retired", &e);
    AUTO_JSON *now = server_list(&site, &(struct server_filter){ 0 }, &e);
    AUTO_JSON *all = server_list(&site, &(struct server_filter){ .retired_too = true }, &e);
    assert_int_equal(json_array_size(now), 0);
    assert_int_equal(json_array_size(all), 1);
    expect_ok(server_return(&site, "WEB-01", &e) == 0, &e);
    expect_ok(server_set(&site, &r, &changed, &e) == 0, &e);
    assert_int_equal(server_retire(&site, "web-02", NULL, &e), -1);
    expect_err(ERR_NOT_FOUND, "there is no server 'web-02'", &e);
    assert_int_equal(fixture_count(&f, "SELECT count(*) FROM server_history WHERE action IN"
                                       " ('added', 'retired', 'returned', 'changed')"),
                     4);
}

static void lists_are_sorted_and_chosen(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    struct site site = site_of(&f);
    AUTO_SERVER_ROW mail = row("a-mail", "category=mail", NULL);
    AUTO_ERR e = NULL;

    (void)state;
    add(&site, "web-02", "image=web", NULL);
    add(&site, "web-01", "image=other", NULL);
    expect_ok(server_add(&site, &mail, &e) == 0, &e);
    AUTO_JSON *all = server_list(&site, &(struct server_filter){ 0 }, &e);
    AUTO_JSON *web = server_list(&site, &(struct server_filter){ .category = "web" }, &e);
    AUTO_JSON *one = server_list(&site, &(struct server_filter){ .image = "web" }, &e);
    assert_int_equal(json_array_size(all), 3);
    assert_string_equal(json_str_at(json_array_get(all, 0), "name"), "a-mail");
    assert_string_equal(json_str_at(json_array_get(all, 1), "name"), "web-01");
    assert_int_equal(json_array_size(web), 2);
    assert_int_equal(json_array_size(one), 1);
    assert_string_equal(json_str_at(json_array_get(one, 0), "name"), "web-02");
}

static void no_record_can_be_taken_back(void **state)
{
    static const char *const tries[] = {
        "DELETE FROM server",
        "DELETE FROM server_history",
        "UPDATE server_history SET by = 'nobody'",
        "INSERT OR REPLACE INTO server_history VALUES (1, 1, 1, 'x', 'added', NULL, '{}')",
        "INSERT INTO server_history VALUES (1, 7, 1, 'x', 'changed', NULL, '{}')",
        "UPDATE server SET category = 'shop'",
        "UPDATE server SET name = 'WEB-01'",
        "UPDATE server SET last_patched = '2026-02-30'",
        "UPDATE server SET exposure = 'dmz'",
        "INSERT INTO server (name, category, created, changed) VALUES ('web-01', 'web', 1, 1)",
    };
    AUTO_FIXTURE f = fixture_open();
    struct site site = site_of(&f);

    (void)state;
    add(&site, "web-01", NULL, NULL);
    for (size_t i = 0; i < ARRAY_LEN(tries); i++) {
        AUTO_ERR e = NULL;

        if (store_exec(f.s, tries[i], NO_ARGS, &e) >= 0)
            fail_msg("not refused: %s", tries[i]);
    }
}

/* --- whom an image stands for --- */

static void expect_servers(const struct site *site, int64_t image, const char *want)
{
    AUTO_ERR e = NULL;
    AUTO_JSON *l = server_list_of_image(site, image, &e);
    AUTO_STRV names = { 0 };
    const json_t *s;
    size_t i;

    expect_ok(l, &e);
    json_array_foreach(l, i, s) strv_add(&names, json_str_at(s, "name"));
    AUTO_FREE char *got = strv_join(&names, " ");
    assert_string_equal(got ? got : "", want);
}

static void the_inventory_goes_before_the_image(void **state)
{
    static const char *const said[] = { "web-01", "web-02", "web-03", NULL };
    AUTO_FIXTURE f = fixture_open();
    struct site site = site_of(&f);
    int64_t image = fixture_image(&f, "web", said);
    AUTO_ERR e = NULL;

    (void)state;
    expect_servers(&site, image, "web-01 web-02 web-03");
    add(&site, "web-01", NULL, NULL); /* nothing is said of its image */
    add(&site, "web-02", "image=other", NULL);
    add(&site, "web-04", "image=web", NULL);
    expect_servers(&site, image, "web-01 web-03 web-04");
    set(&site, "web-02", "image=web");
    expect_servers(&site, image, "web-01 web-02 web-03 web-04");
    expect_ok(server_retire(&site, "web-01", NULL, &e) == 0, &e);
    expect_ok(server_retire(&site, "web-04", NULL, &e) == 0, &e);
    expect_servers(&site, image, "web-02 web-03");
}

static void a_run_goes_to_the_servers_of_the_inventory(void **state)
{
    static const char *const none[] = { NULL };
    AUTO_FIXTURE f = fixture_open();
    struct site site = site_of(&f);
    int64_t run = fixture_run_of(&f, fixture_image(&f, "web", none), fixture_patch(&f, "p"));

    (void)state;
    add(&site, "web-01", "image=web", NULL);
    add(&site, "web-02", "image=web", NULL);
    fixture_verdict(&f, run, "pass");
    assert_int_equal(rollout_add(&f, run), 2);
    expect_states(&f, "ready ready");
}

static void what_waits_is_held_when_the_image_changes(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    struct site site = site_of(&f);
    int64_t run = rollout_run(&f); /* web-01, web-02 are named by the image debian-12 */
    AUTO_ERR e = NULL;

    (void)state;
    add(&site, "web-01", NULL, NULL);
    expect_states(&f, "ready ready");
    set(&site, "web-01", "image=debian-12");
    set(&site, "web-01", "owner=ann");
    expect_states(&f, "ready ready");
    set(&site, "web-01", "image=other");
    expect_states(&f, "held ready");
    assert_int_equal(fixture_count(&f, "SELECT count(*) FROM queue WHERE result ="
                                       " 'server ''web-01'' has another image now'"),
                     1);
    add(&site, "web-02", "image=other", NULL); /* new, and elsewhere at once */
    expect_states(&f, "held held");
    assert_int_equal(count_records(&f, "queue.held"), 2);
    /* The gate opens again: they are not its servers any more. */
    assert_int_equal(rollout_add(&f, run), 0);
    expect_states(&f, "held held");
    set(&site, "web-01", "image=debian-12");
    assert_int_equal(rollout_add(&f, run), 1);
    expect_states(&f, "ready held");
    expect_ok(server_retire(&site, "web-01", NULL, &e) == 0, &e);
    expect_states(&f, "held held");
    expect_verified(&f);
}

static void the_image_of_a_server_is_found(void **state)
{
    static const char *const none[] = { NULL };
    static const char *const said[] = { "web-01", NULL };
    AUTO_FIXTURE f = fixture_open();
    struct site site = site_of(&f);
    AUTO_ERR e = NULL;
    AUTO_IMAGE i = { 0 };

    (void)state;
    fixture_image(&f, "one", said);
    fixture_image(&f, "two", none);
    fixture_raw(&f, "UPDATE image SET spec = json_set(spec, '$.firmware', 'bios', '$.memory',"
                    " 1048576, '$.vcpus', 1)");
    add(&site, "web-01", "image=two", NULL);
    expect_ok(image_of_server(&site, "web-01", &i, &e) == 0, &e);
    assert_string_equal(i.name, "two");
    expect_ok(server_retire(&site, "web-01", NULL, &e) == 0, &e);
    AUTO_IMAGE gone = { 0 };
    assert_int_equal(image_of_server(&site, "web-01", &gone, &e), -1);
    expect_err(ERR_NOT_FOUND, "no image stands for the server 'web-01'", &e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_made_canonical),
        cmocka_unit_test(values_are_checked),
        cmocka_unit_test(the_longest_text_is_taken),
        cmocka_unit_test(names_are_checked),
        cmocka_unit_test(a_server_is_added_changed_and_shown),
        cmocka_unit_test(what_cannot_be_is_refused),
        cmocka_unit_test(a_retired_server_stays),
        cmocka_unit_test(lists_are_sorted_and_chosen),
        cmocka_unit_test(no_record_can_be_taken_back),
        cmocka_unit_test(the_inventory_goes_before_the_image),
        cmocka_unit_test(a_run_goes_to_the_servers_of_the_inventory),
        cmocka_unit_test(what_waits_is_held_when_the_image_changes),
        cmocka_unit_test(the_image_of_a_server_is_found),
    };

    return cmocka_run_group_tests_name("server", tests, NULL, NULL);
}
