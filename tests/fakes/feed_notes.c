#include "fakes/feed_notes.h"

#include "base/mem.h"

enum { NOTES_MAX = 1 << 20 };

static void add_events(struct str *s, const struct feed_affected *a)
{
    static const char signs[] = { '>', '<', '=', '!' };

    for (size_t i = 0; i < a->range_count; i++) {
        str_add(s, " [");
        for (size_t k = 0; k < a->ranges[i].len; k++)
            str_addf(s, "%s%c%s", k ? " " : "", signs[a->ranges[i].ptr[k].type],
                     a->ranges[i].ptr[k].version);
        str_add(s, "]");
    }
}

static int on_affected(void *arg, const struct feed_affected *a, struct err **err)
{
    static const char *const names[] = { "src", "bin", "any" };
    struct str *s = &((struct feed_notes *)arg)->text;
    AUTO_FREE char *cves = strv_join(a->cves, "+");

    (void)err;
    str_addf(s, "%s (%s) %s %s/%s %s", a->advisory, cves ? cves : "", a->ecosystem, a->package,
             names[a->names], severity_names[a->severity]);
    add_events(s, a);
    for (size_t i = 0; a->versions && i < a->versions->len; i++)
        str_addf(s, " @%s", a->versions->ptr[i]);
    for (size_t i = 0; a->spared && i < a->spared->len; i++)
        str_addf(s, " -%s", a->spared->ptr[i]);
    str_add(s, "\n");
    return 0;
}

static int on_exploited(void *arg, const struct feed_exploited *x, struct err **err)
{
    (void)err;
    str_addf(&((struct feed_notes *)arg)->text, "%s '%s' %s..%s%s\n", x->cve, x->name, x->added,
             x->due ? x->due : "", x->ransomware ? " ransom" : "");
    return 0;
}

static int on_likelihood(void *arg, const struct feed_likelihood *l, struct err **err)
{
    (void)err;
    str_addf(&((struct feed_notes *)arg)->text, "%s %d\n", l->cve, l->score);
    return 0;
}

static void on_dated(void *arg, const char *when)
{
    str_addf(&((struct feed_notes *)arg)->text, "dated %s\n", when);
}

void feed_notes_init(struct feed_notes *n)
{
    n->text = (struct str)STR_INIT(NOTES_MAX);
    n->sink = (struct feed_sink){ on_affected, on_exploited, on_likelihood, on_dated, n };
}

void feed_notes_release(struct feed_notes *n)
{
    str_release(&n->text);
}
