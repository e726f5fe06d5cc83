#include "fakes/run_scene.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/stop.h"
#include "core/evidence.h"
#include "core/image.h"
#include "core/image_warm.h"
#include "core/patch.h"
#include "fakes/put_file.h"

static int64_t insert(struct run_scene *s, const char *sql, const struct arg *args)
{
    AUTO_ERR e = NULL;

    expect_ok(store_exec(s->f.s, sql, args, &e) == 1, &e);
    return store_last_id(s->f.s);
}

static int64_t add_image(struct run_scene *s)
{
    static const char record[] = "{\"firmware\":\"bios\",\"memory\":1048576,\"packages\":\"deb\","
                                 "\"ready\":{\"argv\":[\"/bin/ready\"],\"timeout_ms\":5000},"
                                 "\"represents\":{\"category\":\"web\",\"servers\":[\"web-01\"]},"
                                 "\"vcpus\":1}";
    char digest[DIGEST_HEX_SIZE];

    digest_mem("disk", 4, digest);
    return insert(s, "INSERT INTO image (name, digest, spec, created) VALUES ('web', ?, ?, 1)",
                  ARGS(A_TEXT(digest), A_TEXT(record)));
}

static int64_t add_patch(struct run_scene *s)
{
    AUTO_FREE char *dir = path_join(s->f.dir, "patch");
    AUTO_BUNDLE b = { 0 };
    AUTO_ERR e = NULL;
    char digest[DIGEST_HEX_SIZE];

    put_file(dir, "openssl.deb", "not really", 0644);
    expect_ok(bundle_read(dir, &b, &e) == 0, &e);
    expect_ok(bundle_keep(&b, dir, s->f.b, &e) == 0, &e);
    AUTO_JSON *manifest = json_pack("{s:s, s:i}", "bundle", b.digest, "timeout_ms", 90000);
    AUTO_FREE char *text = json_canonical(manifest);
    digest_mem(text, strlen(text), digest);
    return insert(s,
                  "INSERT INTO patch (name, version, kind, digest, manifest, created)"
                  " VALUES ('openssl', '3.0', 'deb', ?, ?, 1)",
                  ARGS(A_TEXT(digest), A_TEXT(text)));
}

void run_scene_connect(struct run_scene *s)
{
    s->site = (struct site){
        .dir = s->f.dir,
        .user = "ann@desk",
        .store = s->f.s,
        .blobs = s->f.b,
        .stop = s->stop,
        .archive = &fake_archive,
        .pkgmgrs = fake_pkgmgrs,
        .restarter = &fake_restarter,
    };
}

int scene_create(struct run_scene *s, const struct testcase_list *l, struct err **err)
{
    AUTO_IMAGE image = { 0 };
    AUTO_PATCH patch = { 0 };

    expect_ok(image_by_id(&s->site, s->image, &image, err) == 0, err);
    expect_ok(patch_by_id(&s->site, s->patch, &patch, err) == 0, err);
    return run_create(&s->site, &image, &patch, l, &s->options, &s->id, err);
}

void run_scene_again(struct run_scene *s)
{
    AUTO_FREE char *dir = path_join(s->f.dir, "shop");
    AUTO_TESTCASE_LIST l = { 0 };
    AUTO_STRV paths = { 0 };
    AUTO_ERR e = NULL;

    put_file(dir, "checks/a", "#!/bin/sh\n", 0755);
    put_file(dir, "testcase.yaml",
             "name: shop\n"
             "checks:\n"
             "  - {name: a, run: checks/a}\n"
             "  - {name: b, run: /bin/b, stages: [rebooted]}\n",
             0644);
    strv_add(&paths, dir);
    expect_ok(testcases_read(&paths, &l, &e) == 0, &e);
    expect_ok(scene_create(s, &l, &e) == 0, &e);
    fake_lab_forget(&s->lab);
    strv_release(&s->kinds);
}

void run_scene_warm(struct run_scene *s)
{
    AUTO_IMAGE i = { 0 };
    AUTO_ERR e = NULL;

    expect_ok(image_by_id(&s->site, s->image, &i, &e) == 0, &e);
    AUTO_FREE char *dir = image_warm_path(&s->site, i.digest);
    put_file(dir, "memory", "memory", 0400);
}

struct run_scene *run_scene_new(void)
{
    struct run_scene *s = xcalloc(1, sizeof(*s));

    s->f = fixture_open();
    s->options = (struct run_options){ .last = POINT_REBOOTED, .gates = GATES_DEFAULT };
    s->stop = stop_new();
    fake_lab_init(&s->lab);
    run_scene_connect(s);
    s->image = add_image(s);
    s->patch = add_patch(s);
    run_scene_again(s);
    return s;
}

void run_scene_free(struct run_scene **sp)
{
    struct run_scene *s = *sp;

    strv_release(&s->kinds);
    stop_free(s->stop);
    fake_lab_release(&s->lab);
    fixture_close(&s->f);
    free(s);
}

static void see(void *arg, const struct event *e)
{
    struct run_scene *s = arg;

    strv_add(&s->kinds, e->kind);
    if (s->on_check && str_eq(e->kind, "check.start"))
        s->on_check(s);
}

int scene_execute(struct run_scene *s, enum verdict *ret, struct err **err)
{
    return run_execute(&s->site, &s->lab.lab, s->id, see, s, ret, err);
}

json_t *scene_run(struct run_scene *s)
{
    AUTO_ERR e = NULL;
    json_t *j = run_json(&s->site, s->id, &e);

    expect_ok(j, &e);
    return j;
}

void expect_evidence(struct run_scene *s)
{
    int64_t records = 0;
    AUTO_ERR e = NULL;

    expect_ok(evidence_verify(s->f.s, s->f.b, 0, &records, &e) == 0, &e);
    assert_true(records > 0);
}

void expect_ended(struct run_scene *s, enum verdict v)
{
    AUTO_JSON *j = scene_run(s);
    AUTO_FREE char *dir = xasprintf("%s/runs/%lld", s->f.dir, (long long)s->id);
    AUTO_FREE char *lock = xasprintf("%s.lock", dir);
    const json_t *summary = json_object_get(j, "summary");

    assert_string_equal(json_str_at(j, "verdict"), verdict_names[v]);
    assert_string_equal(json_str_at(j, "state"), v == VERDICT_BROKEN ? "broken" : "done");
    assert_true(json_int_at(j, "ended") >= json_int_at(j, "created"));
    assert_string_equal(json_str_at(summary, "verdict"), verdict_names[v]);
    assert_true(json_array_size(json_object_get(summary, "reasons")) > 0);
    /* The verdict is the last thing that is said of a run. */
    assert_string_equal(json_str_at(j, "verdict_hash"),
                        json_str_at(json_object_get(j, "evidence"), "head"));
    for (int i = 0; i < LANE_MAX_; i++)
        assert_int_equal(s->lab.lanes[i].destroyed, s->lab.lanes[i].clones);
    assert_false(file_exists(dir));
    assert_false(file_exists(lock));
    expect_evidence(s);
}

void expect_verdict(struct run_scene *s, enum verdict v)
{
    enum verdict found = VERDICT_MAX_;
    AUTO_ERR e = NULL;

    expect_ok(scene_execute(s, &found, &e) == 0, &e);
    if (found != v) {
        AUTO_JSON *j = scene_run(s);
        AUTO_FREE char *text = json_canonical(json_object_get(j, "summary"));
        fail_msg("verdict '%s', but expected '%s': %s", verdict_names[found], verdict_names[v],
                 text);
    }
    expect_ended(s, v);
}

void expect_broken(struct run_scene *s, enum err_code code, const char *part)
{
    expect_verdict(s, VERDICT_BROKEN);
    AUTO_JSON *j = scene_run(s);
    const json_t *error = json_object_get(json_object_get(j, "summary"), "error");
    if (!strstr(json_str_at(error, "message"), part))
        fail_msg("'%s' lacks '%s'", json_str_at(error, "message"), part);
    assert_string_equal(json_str_at(error, "code"), err_code_name(code));
}

void expect_reason(struct run_scene *s, const char *part)
{
    AUTO_JSON *j = scene_run(s);
    AUTO_FREE char *reasons = json_canonical(
        json_object_get(json_object_get(j, "summary"), "reasons"));

    if (!strstr(reasons, part))
        fail_msg("%s lacks '%s'", reasons, part);
}

void scene_set_manifest(struct run_scene *s, const char *key, json_t *value)
{
    AUTO_ERR e = NULL;
    AUTO_QUERY q = store_query(s->f.s, "SELECT manifest FROM patch WHERE id = ?",
                               ARGS(A_INT(s->patch)), &e);
    char digest[DIGEST_HEX_SIZE];

    expect_ok(q && query_step(q, &e) == 1, &e);
    AUTO_JSON *manifest = json_loads(query_text(q, 0), 0, NULL);
    json_object_set_new(manifest, key, value);
    AUTO_FREE char *text = json_canonical(manifest);
    digest_mem(text, strlen(text), digest);
    expect_ok(store_exec(s->f.s, "UPDATE patch SET manifest = ?, digest = ? WHERE id = ?",
                         ARGS(A_TEXT(text), A_TEXT(digest), A_INT(s->patch)), &e)
                  == 1,
              &e);
}
