/* Which servers an exploited vulnerability concerns: by image, and by what they told. */
#include <stdlib.h>
#include <string.h>

#include "adapters/feeds.h"
#include "base/file.h"
#include "base/mem.h"
#include "core/feed.h"
#include "core/image.h"
#include "core/scan.h"
#include "core/server.h"
#include "core/server_facts.h"
#include "fakes/run_scene.h"

#define ADVISORIES \
    "{\"advisories\":[{\"id\":\"CVE-1-2\",\"release\":\"Debian:12\",\"package\":\"openssl\"," \
    "\"fixed\":\"9\"}]}"
#define EXPLOITED \
    "{\"vulnerabilities\":[{\"cveID\":\"CVE-1-2\",\"vulnerabilityName\":\"Bad\"," \
    "\"dateAdded\":\"2026-11-20\"}]}"

static void feed(struct run_scene *s, const char *kind, const char *text)
{
    AUTO_FREE char *path = path_join(s->f.dir, kind);
    struct feed_spec spec = { kind, kind, path, NULL };
    AUTO_ERR e = NULL;
    int64_t id;

    s->site.feeds = feed_formats;
    expect_ok(file_write(path, text, strlen(text), 0644, &e) == 0, &e);
    expect_ok(feed_add(&s->site, &spec, &id, &e) == 0, &e);
    AUTO_JSON *report = feed_poll(&s->site, kind, &e);
    expect_ok(report, &e);
    assert_true(json_is_null(json_object_get(json_array_get(report, 0), "error")));
}

static void add_server(struct run_scene *s, const char *name, const char *image,
                       const char *exposure)
{
    AUTO_SERVER_ROW r = { .name = xstrdup(name) };
    AUTO_ERR e = NULL;

    r.value[SERVER_CATEGORY] = xstrdup("web");
    r.value[SERVER_IMAGE] = xstrdup(image);
    r.value[SERVER_EXPOSURE] = xstrdup(exposure);
    expect_ok(server_add(&s->site, &r, &e) == 0, &e);
}

static void has(struct run_scene *s, const char *server, const char *openssl)
{
    AUTO_PACKAGE_LIST l = { 0 };
    AUTO_ERR e = NULL;

    package_list_add(&l, "base-files", "12.4+deb12u5");
    package_list_add(&l, "openssl", openssl);
    expect_ok(server_facts_set(&s->site, server, &l, NULL, &e) == 0, &e);
}

/* "exposure: servers;" of each, in order */
static char *told(const json_t *emergencies)
{
    struct str text = STR_INIT(4096);
    const json_t *x;
    size_t i;

    json_array_foreach((json_t *)emergencies, i, x)
    {
        AUTO_FREE char *names = json_canonical(json_object_get(x, "servers"));
        const char *image = json_str_at(x, "image"), *exposure = json_str_at(x, "exposure");
        str_addf(&text, "%s %s %s;", image ? image : "-", exposure ? exposure : "-", names);
    }
    return str_take(&text);
}

static void emergencies_name_servers_and_exposure(void **state)
{
    AUTO_RUN_SCENE s = run_scene_new();
    AUTO_IMAGE i = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    feed(s, "json", ADVISORIES);
    feed(s, "kev", EXPLOITED);
    expect_verdict(s, VERDICT_PASS);
    add_server(s, "web-02", "web", "internet");
    add_server(s, "web-03", "web", "internal");
    add_server(s, "web-04", "web", "internal"); /* told that it is not affected */
    add_server(s, "lone", NULL, "partner");
    add_server(s, "twin", NULL, "partner"); /* has no image, but a list */
    has(s, "web-04", "9");
    has(s, "lone", "8");
    has(s, "twin", "8");
    AUTO_JSON *list = scan_emergencies(&s->site, &e);
    expect_ok(list, &e);
    AUTO_FREE char *text = told(list);
    assert_string_equal(text, "web - [\"web-01\"];web internet [\"web-02\"];"
                              "- partner [\"lone\",\"twin\"];web internal [\"web-03\"];");
    expect_ok(server_retire(&s->site, "lone", NULL, &e) == 0, &e);
    expect_ok(server_retire(&s->site, "web-02", NULL, &e) == 0, &e);
    AUTO_JSON *fewer = scan_emergencies(&s->site, &e);
    AUTO_FREE char *rest = told(fewer);
    assert_string_equal(rest, "web - [\"web-01\"];- partner [\"twin\"];web internal "
                              "[\"web-03\"];");
    expect_ok(image_by_id(&s->site, s->image, &i, &e) == 0, &e);
    AUTO_JSON *scan = scan_image(&s->site, &i, NULL, &e);
    AUTO_FREE char *names = json_canonical(json_object_get(scan, "servers"));
    assert_string_equal(names, "[\"web-01\",\"web-03\",\"web-04\"]");
    assert_string_equal(json_str_at(scan, "exposure"), "internal");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(emergencies_name_servers_and_exposure),
    };

    return cmocka_run_group_tests_name("scan-servers", tests, NULL, NULL);
}
