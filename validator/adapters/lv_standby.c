/* The pool of standbys: filling, thinning out, taking one; see lv_standby.h. */
#include "adapters/lv_standby.h"

#include <stdlib.h>

#include "adapters/lab_permit.h"
#include "adapters/lv_clone.h"
#include "adapters/lv_warm.h"
#include "adapters/lv_xml.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/stop.h"
#include "base/str.h"

enum { LEFT_FREE = 2 }; /* so many more clones must find memory: the lanes of a run */

void lv_standbys_init(struct lv_standbys *s)
{
    *s = (struct lv_standbys){ 0 };
    pthread_mutex_init(&s->lock, NULL);
}

static void destroy(struct lv_clone *c)
{
    log_debug(LOG_LAB, "'%s' is destroyed", c->spec.label);
    c->base.ops->destroy(&c->base);
}

/* Keeps those of `of` (NULL: none), at most `keep`; returns how many stay. */
static int thin_out(struct lv_standbys *s, const char *of, int keep)
{
    pthread_mutex_lock(&s->lock);
    int stay = !of || !str_eq(of, s->of) ? 0 : s->len < keep ? s->len : keep;
    int n = s->len - stay;
    AUTO_FREE struct lv_clone **over = xcalloc((size_t)n + 1, sizeof(*over));

    for (int i = 0; i < n; i++)
        over[i] = s->ptr[stay + i];
    s->len = stay;
    pthread_mutex_unlock(&s->lock);
    for (int i = 0; i < n; i++)
        destroy(over[i]);
    return stay;
}

void lv_standbys_release(struct lv_standbys *s)
{
    thin_out(s, NULL, 0);
    free(s->ptr);
    free(s->of);
    pthread_mutex_destroy(&s->lock);
}

/* False when the pool is one of another image by now. */
static bool put(struct lv_standbys *s, struct lv_clone *c, const char *of)
{
    pthread_mutex_lock(&s->lock);
    bool fits = s->len == 0 || str_eq(of, s->of);
    if (fits) {
        free(s->of);
        s->of = xstrdup(of);
        s->ptr = xreallocarray(s->ptr, (size_t)s->len + 1, sizeof(*s->ptr));
        s->ptr[s->len++] = c;
    }
    pthread_mutex_unlock(&s->lock);
    return fits;
}

static struct lv_clone *get(struct lv_standbys *s, const char *of)
{
    pthread_mutex_lock(&s->lock);
    bool fits = s->len > 0 && str_eq(of, s->of);
    struct lv_clone *c = fits ? s->ptr[--s->len] : NULL;
    pthread_mutex_unlock(&s->lock);
    return c;
}

static bool is_empty(struct lv_standbys *s)
{
    pthread_mutex_lock(&s->lock);
    bool empty = s->len == 0;
    pthread_mutex_unlock(&s->lock);
    return empty;
}

/* A QEMU that ended by itself (the host may have killed it) is no standby any more. */
static void drop_dead(struct lv_standbys *s)
{
    struct lv_clone *dead = NULL;

    pthread_mutex_lock(&s->lock);
    for (int i = s->len - 1; i >= 0 && !dead; i--) {
        struct lv_clone *c = s->ptr[i];
        if (c->base.ops->state(&c->base) == CLONE_RUNNING)
            continue;
        dead = c;
        s->ptr[i] = s->ptr[--s->len];
    }
    pthread_mutex_unlock(&s->lock);
    if (dead)
        destroy(dead);
}

/* --- making them ---------------------------------------------------------------------------- */

/* 1: there is one more, 0: meanwhile the pool belongs to another image. */
static int make(struct lv_lab *l, const struct clone_spec *spec, struct err **err)
{
    AUTO_FREE char *label = xasprintf("standby-%d", ++l->standbys.made);
    struct clone_spec ours = *spec;
    AUTO_LV_SAVED of = { 0 };

    ours.label = label;
    ours.payload = NULL;
    struct lv_clone *c = lv_clone_alloc(l, &ours, err);
    if (!c)
        return -1;
    if (lv_restore_paused(c, &of, err) < 0) {
        c->base.ops->destroy(&c->base);
        return err_wrap(err, "make a standby");
    }
    lv_clone_keep_spec(c);
    log_debug(LOG_LAB, "'%s' is ready", label);
    if (put(&l->standbys, c, of.uuid))
        return 1;
    destroy(c);
    return 0;
}

/* What standbys of `spec` are copies of: 1 and it, 0 when there is no warm image. */
static int find_warm(struct lv_lab *l, const struct clone_spec *spec, struct lv_saved *ret,
                     struct err **err)
{
    AUTO_WARM_FACTS facts = { 0 };
    AUTO_LV_SAVED saved = { 0 };
    AUTO_ERR e = NULL;

    if (!spec || !spec->warm)
        return 0;
    if (lv_warm_read(l, spec, &facts, &saved, &e) < 0) {
        if (e->code == ERR_NOT_FOUND)
            return 0;
        *err = TAKE(e);
        return -1;
    }
    if (facts.unusable)
        return err_set(err, ERR_CONFLICT, "the warm image cannot be used: %s", facts.unusable);
    *ret = saved;
    saved = (struct lv_saved){ 0 };
    return 1;
}

int lv_standby(struct lab *lab, const struct clone_spec *spec, int count, struct err **err)
{
    struct lv_lab *l = (struct lv_lab *)lab;
    struct lv_standbys *s = &l->standbys;
    AUTO_LV_SAVED of = { 0 };
    int rc = count > 0 ? find_warm(l, spec, &of, err) : 0;

    if (rc <= 0 || lab_memory_wanted(l->lab_dir) || !lab_memory_for(LEFT_FREE, spec->memory)) {
        thin_out(s, NULL, 0);
        return rc < 0 ? -1 : 0;
    }
    int want = count < l->clones ? count : l->clones; /* no more can run */
    drop_dead(s);
    int there = thin_out(s, of.uuid, want);
    while (rc > 0 && there < want && lab_memory_for(LEFT_FREE + 1, spec->memory)) {
        rc = stop_check(spec->stop, err) < 0 ? -1 : make(l, spec, err);
        there += rc > 0;
    }
    return rc < 0 ? -1 : there;
}

/* --- taking one ----------------------------------------------------------------------------- */

static int insert_payload(struct lv_clone *c, const char *payload, struct err **err)
{
    AUTO_FREE char *xml = lv_drive_xml(payload);

    if (virDomainUpdateDeviceFlags(c->domain, xml, VIR_DOMAIN_DEVICE_MODIFY_LIVE) < 0)
        return lv_err_set(err, "cannot put the payload into the drive of '%s'", c->spec.label);
    c->has_payload = true;
    return 0;
}

/* The permit asks for no memory: it was set aside when the standby was made. */
static int wake(struct lv_clone *c, const struct clone_spec *spec, const struct qga_rest *rest,
                struct err **err)
{
    struct lv_lab *l = c->lab;

    lv_clone_new_guest(c, spec->stop);
    c->permit = lab_permit_take(l->lab_dir, l->clones, /* memory= */ 0, spec->stop, err);
    if (c->permit < 0 || (spec->payload && insert_payload(c, spec->payload, err) < 0)
        || lv_restore_wake(c, rest, err) < 0)
        return -1;
    c->base.how = "standby";
    return 0;
}

int lv_standby_take(struct lv_lab *l, const struct clone_spec *spec, struct lv_clone **ret,
                    struct err **err)
{
    AUTO_LV_SAVED of = { 0 };
    AUTO_ERR e = NULL;

    if (is_empty(&l->standbys))
        return 0;
    find_warm(l, spec, &of, &e); /* an error is seen again by who restores it */
    thin_out(&l->standbys, of.uuid, l->clones);
    struct lv_clone *c = of.uuid ? get(&l->standbys, of.uuid) : NULL;
    if (!c)
        return 0;
    log_debug(LOG_LAB, "'%s' becomes '%s'", c->spec.label, spec->label);
    err_clear(&e);
    if (wake(c, spec, &of.rest, &e) == 0) {
        *ret = c;
        return 1;
    }
    log_debug(LOG_LAB, "'%s' is of no use: %s", c->spec.label, e->msg);
    destroy(c);
    if (e->code != ERR_CANCELLED)
        return 0;
    *err = TAKE(e);
    return -1;
}
