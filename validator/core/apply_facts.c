/* What the package manager said before and after a patch, in sentences and as JSON. */
#include "core/apply_facts.h"

#include <stdlib.h>

#include "base/mem.h"

enum { SENTENCES_MAX = 10 };

/* In the same state of mind: another version that is broken is another matter. */
static const struct broken_package *find_broken(const struct pkg_state *s,
                                                const struct broken_package *p)
{
    for (size_t i = 0; i < s->broken_count; i++) {
        if (str_eq(s->broken[i].name, p->name) && str_eq(s->broken[i].version, p->version))
            return &s->broken[i];
    }
    return NULL;
}

/* --- sentences ------------------------------------------------------------------------------ */

static void cap(struct strv *sentences, const char *what)
{
    size_t more = sentences->len > SENTENCES_MAX ? sentences->len - SENTENCES_MAX : 0;

    while (sentences->len > SENTENCES_MAX)
        free(sentences->ptr[--sentences->len]);
    if (more)
        strv_addf(sentences, "and %zu more %s", more, what);
}

static void judge_broken(const struct apply_facts *f, struct apply_reasons *ret)
{
    for (size_t i = 0; i < f->after.broken_count; i++) {
        const struct broken_package *p = &f->after.broken[i];

        if (find_broken(&f->before, p))
            strv_addf(&ret->reviews, "package '%s %s' is not in order (%s), and was not before",
                      p->name, p->version, p->state);
        else
            strv_addf(&ret->broken, "the patch left package '%s %s' %s", p->name, p->version,
                      p->state);
    }
    for (size_t i = 0; i < f->before.broken_count; i++) {
        const struct broken_package *p = &f->before.broken[i];

        if (!find_broken(&f->after, p))
            strv_addf(&ret->notes, "package '%s %s' was %s before the patch", p->name, p->version,
                      p->state);
    }
}

static void judge_held(const struct pkg_state *s, struct strv *ret)
{
    for (size_t i = 0; i < s->held_count; i++) {
        const struct held_package *h = &s->held[i];

        if (h->offered)
            strv_addf(ret, "package '%s' is on hold at '%s', so '%s' was left out", h->name,
                      h->version, h->offered);
    }
}

static void judge_conffiles(const struct pkg_state *s, struct strv *ret)
{
    for (size_t i = 0; i < s->conffile_count; i++) {
        const struct conffile *c = &s->conffiles[i];
        AUTO_FREE char *of = c->package ? xasprintf(" of '%s'", c->package) : xstrdup("");
        AUTO_FREE char *other = c->other ? xasprintf(", the other one is '%s'", c->other)
                                         : xstrdup("");

        strv_addf(ret, "configuration file '%s'%s was changed here and in its package: the %s%s",
                  c->path, of, c->replaced ? "package's replaced it" : "old one was kept", other);
    }
}

void apply_judge(const struct apply_facts *f, struct apply_reasons *ret)
{
    *ret = (struct apply_reasons){ 0 };
    if (!f->known)
        return;
    judge_broken(f, ret);
    judge_held(&f->after, &ret->reviews);
    judge_conffiles(&f->after, &ret->notes);
    cap(&ret->broken, "packages that are not in order");
    cap(&ret->reviews, "packages on hold or not in order");
    cap(&ret->notes, "configuration files or packages");
}

/* --- JSON ----------------------------------------------------------------------------------- */

static json_t *broken_json(const struct pkg_state *s, const struct pkg_state *before)
{
    json_t *list = json_array();

    for (size_t i = 0; i < s->broken_count; i++) {
        const struct broken_package *p = &s->broken[i];
        json_t *j = json_pack("{s:o, s:o, s:o}", "name", json_text(p->name), "version",
                              json_text(p->version), "state", json_text(p->state));
        if (before)
            json_object_set_new(j, "before", json_boolean(find_broken(before, p)));
        json_array_append_new(list, j);
    }
    return list;
}

static json_t *held_json(const struct pkg_state *s)
{
    json_t *list = json_array();

    for (size_t i = 0; i < s->held_count; i++) {
        const struct held_package *h = &s->held[i];
        json_array_append_new(list,
                              json_pack("{s:o, s:o, s:o}", "name", json_text(h->name), "version",
                                        json_text(h->version), "offered", json_text(h->offered)));
    }
    return list;
}

static json_t *conffiles_json(const struct pkg_state *s)
{
    json_t *list = json_array();

    for (size_t i = 0; i < s->conffile_count; i++) {
        const struct conffile *c = &s->conffiles[i];
        json_array_append_new(list, json_pack("{s:o, s:o, s:s, s:o, s:o}", "path",
                                              json_text(c->path), "package", json_text(c->package),
                                              "did", c->replaced ? "replaced" : "kept", "other",
                                              json_text(c->other), "asker", json_text(c->asker)));
    }
    return list;
}

json_t *pkg_state_json(const struct pkg_state *s)
{
    return json_pack("{s:o, s:o, s:o, s:o}", "broken", broken_json(s, NULL), "held", held_json(s),
                     "conffiles", conffiles_json(s), "reboot", json_strv(&s->reboot));
}

json_t *apply_facts_json(const struct apply_facts *f)
{
    if (!f->known)
        return json_null();
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "broken", broken_json(&f->after, &f->before),
                     "broken_before", broken_json(&f->before, NULL), "held", held_json(&f->after),
                     "conffiles", conffiles_json(&f->after), "reboot", json_strv(&f->after.reboot),
                     "reboot_before", json_strv(&f->before.reboot));
}

/* --- life cycle ----------------------------------------------------------------------------- */

void apply_facts_release(struct apply_facts *f)
{
    pkg_state_release(&f->before);
    pkg_state_release(&f->after);
    *f = (struct apply_facts){ 0 };
}

void apply_reasons_release(struct apply_reasons *r)
{
    strv_release(&r->broken);
    strv_release(&r->reviews);
    strv_release(&r->notes);
}
