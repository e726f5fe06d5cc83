/* What changed beyond the checks; the steps are in run_observe.h. */
#include "core/run_observe.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/err.h"
#include "base/mem.h"
#include "core/changes.h"
#include "core/observe_store.h"
#include "core/run_work.h"

enum { ENOUGH_BASELINES = 2, NAMED_MAX = 3 };

/* The first round's reports say why the lanes cannot be compared; NULL when they can. */
static char *why_not(const struct run_work *w)
{
    const struct lane_report *a = &w->rounds[0].reports[LANE_BASELINE];
    const struct lane_report *b = &w->rounds[0].reports[LANE_CANDIDATE];

    if (!w->options.observe)
        return xstrdup("the run was told not to (--no-observe)");
    if (a->observe_problem || b->observe_problem)
        return xstrdup(b->observe_problem ? b->observe_problem : a->observe_problem);
    if (!a->observed || !b->observed)
        return xstrdup("a lane ended before");
    if (a->cold != b->cold)
        return xstrdup("one lane was booted and the other one was not");
    return NULL;
}

/* Clones that were started otherwise touched other files by then. */
static char *scope_of(const struct run_work *w)
{
    json_t *testcases = json_array();

    for (size_t i = 0; i < w->testcases.len; i++)
        json_array_append_new(testcases, json_string(w->testcases.ptr[i].bundle.digest));
    AUTO_JSON *j = json_pack("{s:s, s:o, s:s, s:b}", "image", w->image.digest, "testcases",
                             testcases, "last", point_names[point_base(w->options.last)], "cold",
                             w->rounds[0].reports[LANE_BASELINE].cold);
    AUTO_FREE char *text = json_canonical(j);
    char hex[DIGEST_HEX_SIZE];

    digest_mem(text, strlen(text), hex);
    return xstrdup(hex);
}

static int learn(struct run_work *w, const char *scope, struct err **err)
{
    const struct lane_report *r = w->untouched ? &w->untouched->reports[LANE_BASELINE]
                                               : &w->rounds[0].reports[LANE_BASELINE];

    if (!r->observed || r->cold != w->rounds[0].reports[LANE_BASELINE].cold)
        return 0;
    return observe_learn(w->site, scope, w->id, r->seen_blob, &r->seen, err);
}

static void list_stated(const struct run_work *w, struct stated *ret)
{
    const json_t *packages = json_object_get(w->patch.manifest, "packages");
    const json_t *changes = json_object_get(w->patch.manifest, "changes"), *p;
    size_t i;

    json_array_foreach((json_t *)packages, i, p)
    {
        if (json_str_at(p, "name"))
            strv_add(&ret->packages, json_str_at(p, "name"));
    }
    json_array_foreach((json_t *)changes, i, p)
    {
        if (json_string_value(p))
            strv_add(&ret->changes, json_string_value(p));
    }
    for (i = 0; i < w->patch.install.len; i++)
        strv_add(&ret->places, w->patch.install.ptr[i].to);
}

static void stated_release(struct stated *s)
{
    strv_release(&s->packages);
    strv_release(&s->changes);
    strv_release(&s->places);
}
#define AUTO_STATED __attribute__((cleanup(stated_release))) struct stated

static int mark_acknowledged(struct run_work *w, struct err **err)
{
    /* Of more than this nobody can have acknowledged each. */
    bool too_many = change_count(&w->changes, CHANGE_OPEN) > CHANGES_KEPT;

    for (size_t i = 0; i < w->changes.len && !too_many; i++) {
        struct change *c = &w->changes.ptr[i];
        if (c->state != CHANGE_OPEN)
            continue;
        int rc = changes_find_acknowledged(w->site->store, w->image.id, w->patch.id, c->id, &c->why,
                                           err);
        if (rc < 0)
            return -1;
        if (rc > 0)
            c->state = CHANGE_ACKNOWLEDGED;
    }
    return 0;
}

int run_changes(struct run_work *w, struct err **err)
{
    const struct lane_report *reports = w->rounds[0].reports;
    AUTO_STRV noise = { 0 };
    AUTO_STATED stated = { 0 };
    AUTO_FREE char *scope = scope_of(w);

    w->wants_untouched = false;
    mem_freep(&w->observe_note);
    w->observe_note = why_not(w);
    if (w->observe_note)
        return 0;
    if (learn(w, scope, err) < 0
        || observe_noise_load(w->site, scope, &noise, &w->baselines, err) < 0)
        return -1;
    list_stated(w, &stated);
    change_list_release(&w->changes);
    observe_diff(&reports[LANE_BASELINE].seen, &reports[LANE_CANDIDATE].seen, &w->changes);
    observe_explain(&w->changes, &reports[LANE_BASELINE].seen, &reports[LANE_CANDIDATE].seen,
                    &stated);
    observe_noise_mark(&w->changes, &noise);
    if (mark_acknowledged(w, err) < 0)
        return -1;
    w->wants_untouched = w->baselines < ENOUGH_BASELINES && !w->untouched
                         && change_count(&w->changes, CHANGE_OPEN) > 0;
    return 0;
}

int run_look_again(struct run_work *w, struct err **err)
{
    AUTO_JSON *body = json_pack("{s:I, s:i}", "open",
                                (json_int_t)change_count(&w->changes, CHANGE_OPEN), "baselines",
                                w->baselines);

    w->untouched = xcalloc(1, sizeof(*w->untouched));
    w->untouched->testcases = xcalloc(w->testcases.len + 1, sizeof(*w->testcases.ptr));
    for (size_t i = 0; i < w->testcases.len; i++)
        w->untouched->testcases[w->untouched->testcase_count++] = w->testcases.ptr[i];
    w->untouched->points = points_until(w->options.last);
    if (run_record(w, "run.untouched", body, err) < 0)
        return -1;
    return run_baseline_lane(w, w->untouched, err);
}

/* "3 changes are not explained by the patch: user 'x' is new, ..." */
static char *open_sentence(const struct change_list *l, size_t open)
{
    AUTO_STRV named = { 0 };

    for (size_t i = 0; i < l->len && named.len < NAMED_MAX; i++) {
        if (l->ptr[i].state != CHANGE_OPEN)
            continue;
        AUTO_FREE char *text = change_sentence(&l->ptr[i]);
        strv_add(&named, text);
    }
    AUTO_FREE char *list = strv_join(&named, ", ");
    return xasprintf("%zu change%s not explained by the patch: %s%s", open,
                     open == 1 ? " is" : "s are", list, open > named.len ? ", ..." : "");
}

void run_changes_judge(const struct run_work *w, struct strv *ret_reviews, struct strv *ret_notes)
{
    size_t open = change_count(&w->changes, CHANGE_OPEN);
    size_t acknowledged = change_count(&w->changes, CHANGE_ACKNOWLEDGED);

    if (w->observe_note && w->options.observe)
        strv_addf(ret_reviews, "nobody looked what the patch changes beyond the checks: %s",
                  w->observe_note);
    else if (w->observe_note)
        strv_addf(ret_notes, "nobody looked what the patch changes beyond the checks: %s",
                  w->observe_note);
    AUTO_FREE char *sentence = open ? open_sentence(&w->changes, open) : NULL;
    if (open)
        strv_add(ret_reviews, sentence);
    if (acknowledged)
        strv_addf(ret_notes, "%zu change%s acknowledged in an earlier run", acknowledged,
                  acknowledged == 1 ? " was" : "s were");
    if (!w->observe_note && !open)
        strv_add(ret_notes, "nothing else changed that the patch does not explain");
}

/* How many changes each reason explains. */
static json_t *explained_json(const struct change_list *l)
{
    AUTO_JSON *counts = json_object();
    json_t *list = json_array(), *n;
    const char *why;

    for (size_t i = 0; i < l->len; i++) {
        const struct change *c = &l->ptr[i];
        if (c->state == CHANGE_EXPLAINED)
            json_object_set_new(counts, c->why, json_integer(json_int_at(counts, c->why) + 1));
    }
    json_object_foreach(counts, why, n)
    {
        json_array_append_new(list, json_pack("{s:s, s:O}", "why", why, "count", n));
    }
    return list;
}

json_t *run_changes_json(const struct run_work *w, bool only_reason)
{
    const struct change_list *l = &w->changes;
    size_t open = change_count(l, CHANGE_OPEN), more = 0;
    json_t *items = json_array();

    for (size_t i = 0; i < l->len; i++) {
        const struct change *c = &l->ptr[i];
        if (c->state != CHANGE_OPEN && c->state != CHANGE_ACKNOWLEDGED)
            continue;
        if (json_array_size(items) < CHANGES_KEPT)
            json_array_append_new(items, change_json(c));
        else
            more++;
    }
    return json_pack("{s:b, s:o, s:i, s:I, s:o, s:I, s:I, s:b, s:o}", "observed", !w->observe_note,
                     "note", json_text(w->observe_note), "baselines", w->baselines, "noise",
                     (json_int_t)change_count(l, CHANGE_NOISE), "explained", explained_json(l),
                     "open", (json_int_t)open, "more", (json_int_t)more, "only_reason", only_reason,
                     "items", items);
}
