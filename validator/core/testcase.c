/* An owner's acceptance bundle: from a directory, into the blobs and back; see testcase.h. */
#include "core/testcase.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/node.h"
#include "core/check_results.h"
#include "core/testcase_decode.h"
#include "store/blob.h"

#define MANIFEST "testcase.yaml"

static void move(struct testcase *ret, struct testcase *t)
{
    *ret = *t;
    *t = (struct testcase){ 0 };
}

/* The digest must be that of what was decoded, also while somebody edits the directory. */
static int check_same(const struct testcase *t, const char *path, const char *text, size_t len,
                      struct err **err)
{
    const struct bundle_file *f = bundle_find(&t->bundle, MANIFEST);
    char hex[DIGEST_HEX_SIZE];

    digest_mem(text, len, hex);
    if (!f || !str_eq(f->sha256, hex))
        return err_set(err, ERR_CONFLICT, "'%s' was changed while it was read", path);
    return 0;
}

int testcase_read(const char *dir, struct testcase *ret, struct err **err)
{
    AUTO_FREE char *path = path_join(dir, MANIFEST);
    AUTO_TESTCASE t = { 0 };
    size_t len;
    AUTO_FREE char *text = file_read(path, NODE_MAX_BYTES, &len, err);

    if (!text) {
        if ((*err)->code == ERR_NOT_FOUND)
            err_hint(err, "a testcase is a directory with a file " MANIFEST);
        return -1;
    }
    if (bundle_read(dir, &t.bundle, err) < 0)
        return err_wrap(err, "testcase '%s'", dir);
    if (check_same(&t, path, text, len, err) < 0 || testcase_decode(text, len, path, &t, err) < 0
        || testcase_check_files(dir, &t, err) < 0)
        return -1;
    t.dir = xstrdup(dir);
    move(ret, &t);
    return 0;
}

int testcase_keep(const struct testcase *t, struct blobs *blobs, struct err **err)
{
    if (!t->dir)
        return 0; /* it came from there */
    if (bundle_keep(&t->bundle, t->dir, blobs, err) < 0)
        return err_wrap(err, "keep testcase '%s'", t->name);
    return 0;
}

int testcase_load(const struct blobs *blobs, const char *digest, struct testcase *ret,
                  struct err **err)
{
    AUTO_TESTCASE t = { 0 };
    size_t len;

    if (bundle_load(blobs, digest, &t.bundle, err) < 0)
        return -1;
    const struct bundle_file *f = bundle_find(&t.bundle, MANIFEST);
    if (!f)
        return err_set(err, ERR_CORRUPT, "bundle %.12s has no " MANIFEST, digest);
    AUTO_FREE char *text = blob_get(blobs, f->sha256, NODE_MAX_BYTES, &len, err);
    if (!text || testcase_decode(text, len, MANIFEST, &t, err) < 0)
        return -1;
    move(ret, &t);
    return 0;
}

bool testcase_applies(const struct testcase *t, const char *image, const char *category)
{
    if (t->images.len == 0 && t->categories.len == 0)
        return true;
    return (image && strv_has(&t->images, image))
           || (category && strv_has(&t->categories, category));
}

static json_t *stages_json(unsigned stages)
{
    json_t *list = json_array();

    for (int i = 0; i < POINT_MAX_; i++) {
        if (stages >> i & 1)
            json_array_append_new(list, json_string(point_names[i]));
    }
    return list;
}

static json_t *check_json(const struct check *c)
{
    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:I, s:I, s:o, s:s, s:o}", "name", c->name, "title",
                     json_text(c->title), "run", json_text(c->run), "args", json_strv(&c->args),
                     "user", json_text(c->user), "timeout_ms", (json_int_t)c->timeout_ms,
                     "output_limit", (json_int_t)c->output_max, "stages", stages_json(c->stages),
                     "results", check_format_names[c->results], "report", json_text(c->report));
}

static json_t *params_json(const struct testcase *t)
{
    json_t *list = json_array();

    for (size_t i = 0; i < t->param_count; i++) {
        const struct param *p = &t->params[i];
        json_array_append_new(list,
                              json_pack("{s:s, s:o, s:o, s:b, s:b}", "name", p->name, "title",
                                        json_text(p->title), "default", json_text(p->fallback),
                                        "required", p->required, "secret", p->secret));
    }
    return list;
}

static json_t *manual_json(const struct testcase *t)
{
    json_t *list = json_array();

    for (size_t i = 0; i < t->manual_count; i++) {
        const struct manual *m = &t->manual[i];
        json_array_append_new(list, json_pack("{s:s, s:o, s:s, s:o}", "name", m->name, "title",
                                              json_text(m->title), "file", m->file, "stages",
                                              stages_json(m->stages)));
    }
    return list;
}

json_t *testcase_json(const struct testcase *t)
{
    json_t *checks = json_array();

    for (size_t i = 0; i < t->check_count; i++)
        json_array_append_new(checks, check_json(&t->checks[i]));
    return json_pack("{s:s, s:o, s:o, s:{s:o, s:o}, s:o, s:s, s:I, s:o, s:o, s:o, s:o}", "name",
                     t->name, "description", json_text(t->description), "owner",
                     json_text(t->owner), "applies_to", "categories", json_strv(&t->categories),
                     "images", json_strv(&t->images), "ready", command_json(&t->ready), "digest",
                     t->bundle.digest, "size", (json_int_t)bundle_size(&t->bundle), "dir",
                     json_text(t->dir), "checks", checks, "params", params_json(t), "manual",
                     manual_json(t));
}

static void free_texts(char *const *texts, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(texts[i]);
}

static void release_lists(struct testcase *t)
{
    for (size_t i = 0; i < t->check_count; i++) {
        struct check *c = &t->checks[i];
        free_texts((char *const[]){ c->name, c->title, c->run, c->user, c->report }, 5);
        strv_release(&c->args);
    }
    for (size_t i = 0; i < t->param_count; i++) {
        const struct param *p = &t->params[i];
        free_texts((char *const[]){ p->name, p->title, p->fallback }, 3);
    }
    for (size_t i = 0; i < t->manual_count; i++) {
        const struct manual *m = &t->manual[i];
        free_texts((char *const[]){ m->name, m->title, m->file }, 3);
    }
    free(t->checks);
    free(t->params);
    free(t->manual);
}

void testcase_release(struct testcase *t)
{
    release_lists(t);
    free(t->name);
    free(t->description);
    free(t->owner);
    free(t->dir);
    strv_release(&t->images);
    strv_release(&t->categories);
    command_release(&t->ready);
    bundle_release(&t->bundle);
    *t = (struct testcase){ 0 };
}
