/* The sink of all formats: their statements become rows. */
#include "core/feed_import.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "core/site.h"
#include "core/vuln_span.h"
#include "ports/feed.h"
#include "store/store.h"

enum { RECORDS_MAX = 20000000 };

struct import {
    struct store *tx;
    int64_t feed;
    int64_t seq;
    struct query *affected, *advisory, *exploited, *likelihood;
    struct feed_imported *ret;
    /* The advisory that the last row was about: the next is often about it, too. */
    char *last_name, *last_cve;
    int64_t last_advisory;
};

static void import_release(struct import *im)
{
    query_free(im->affected);
    query_free(im->advisory);
    query_free(im->exploited);
    query_free(im->likelihood);
    free(im->last_name);
    free(im->last_cve);
}
#define AUTO_IMPORT __attribute__((cleanup(import_release))) struct import

/* Runs a statement that is prepared once. */
static int insert(struct import *im, struct query **q, const char *sql, const struct arg *args,
                  struct err **err)
{
    if (im->ret->records >= RECORDS_MAX)
        return err_set(err, ERR_INVALID, "more than %d statements", RECORDS_MAX);
    if (!*q)
        *q = store_query(im->tx, sql, args, err);
    else if (query_again(*q, args, err) < 0)
        return -1;
    return *q && query_step(*q, err) >= 0 ? 0 : -1;
}

static int advisory_for(struct import *im, const char *name, const char *cve, struct err **err)
{
    if (im->last_name && str_eq(im->last_name, name) && str_eq(im->last_cve, cve))
        return 0;
    if (insert(im, &im->advisory, "INSERT INTO advisory (feed, name, cve) VALUES (?, ?, ?)",
               ARGS(A_INT(im->feed), A_TEXT(name), A_TEXT(cve)), err)
        < 0)
        return -1;
    free(im->last_name);
    free(im->last_cve);
    im->last_name = xstrdup(name);
    im->last_cve = xstrdup(cve);
    im->last_advisory = store_last_id(im->tx);
    return 0;
}

static int add_span(struct import *im, const struct feed_affected *a, const struct vuln_span *s,
                    const char *spared, struct err **err)
{
    im->ret->records++;
    return insert(im, &im->affected,
                  "INSERT INTO affected (ecosystem, package, feed, seq, advisory, names, severity,"
                  " introduced, fixed, last, spared) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                  ARGS(A_TEXT(a->ecosystem), A_TEXT(a->package), A_INT(im->feed), A_INT(im->seq++),
                       A_INT(im->last_advisory), A_INT(a->names), A_INT(a->severity),
                       A_TEXT(s->introduced), A_TEXT(s->fixed), A_TEXT(s->last), A_TEXT(spared)),
                  err);
}

static int add_cve(struct import *im, const struct feed_affected *a, const char *cve,
                   const struct vuln_spans *spans, const char *spared, struct err **err)
{
    if (advisory_for(im, a->advisory, cve, err) < 0)
        return -1;
    for (size_t i = 0; i < spans->len; i++) {
        if (add_span(im, a, &spans->ptr[i], spared, err) < 0)
            return -1;
    }
    return 0;
}

static int on_affected(void *arg, const struct feed_affected *a, struct err **err)
{
    struct import *im = arg;
    version_order *order = version_order_of(a->ecosystem);
    AUTO_FREE char *spared = a->spared && a->spared->len ? strv_join(a->spared, " ") : NULL;
    AUTO_VULN_SPANS spans = { 0 };

    if (!order) {
        im->ret->skipped++;
        return 0;
    }
    vuln_spans(a, order, &spans);
    if (a->cves->len == 0)
        return add_cve(im, a, a->advisory, &spans, spared, err);
    for (size_t i = 0; i < a->cves->len; i++) {
        if (add_cve(im, a, a->cves->ptr[i], &spans, spared, err) < 0)
            return -1;
    }
    return 0;
}

static int on_exploited(void *arg, const struct feed_exploited *x, struct err **err)
{
    struct import *im = arg;

    im->ret->records++;
    return insert(im, &im->exploited,
                  "INSERT OR REPLACE INTO exploited (cve, feed, name, added, due, ransomware)"
                  " VALUES (?, ?, ?, ?, ?, ?)",
                  ARGS(A_TEXT(x->cve), A_INT(im->feed), A_TEXT(x->name), A_TEXT(x->added),
                       A_TEXT(x->due), A_INT(x->ransomware)),
                  err);
}

static int on_likelihood(void *arg, const struct feed_likelihood *l, struct err **err)
{
    struct import *im = arg;

    im->ret->records++;
    return insert(im, &im->likelihood,
                  "INSERT OR REPLACE INTO likelihood (cve, feed, score) VALUES (?, ?, ?)",
                  ARGS(A_TEXT(l->cve), A_INT(im->feed), A_INT(l->score)), err);
}

/* Dates of one form sort as text; one that is too long is no date. */
static void on_dated(void *arg, const char *when)
{
    struct import *im = arg;
    size_t len = strlen(when);

    if (len < sizeof(im->ret->dated) && strcmp(when, im->ret->dated) > 0)
        memcpy(im->ret->dated, when, len + 1);
}

static int clear(struct store *tx, int64_t feed, struct err **err)
{
    static const char *const statements[] = {
        "DELETE FROM affected WHERE feed = ?",
        "DELETE FROM advisory WHERE feed = ?",
        "DELETE FROM exploited WHERE feed = ?",
        "DELETE FROM likelihood WHERE feed = ?",
    };

    for (size_t i = 0; i < ARRAY_LEN(statements); i++) {
        if (store_exec(tx, statements[i], ARGS(A_INT(feed)), err) < 0)
            return -1;
    }
    return 0;
}

static int read_all(const struct site *site, const struct feed_import *in, struct store *tx,
                    struct feed_imported *ret, struct err **err)
{
    AUTO_IMPORT im = { .tx = tx, .feed = in->id, .ret = ret };
    struct feed_sink sink = { on_affected, on_exploited, on_likelihood, on_dated, &im };
    struct feed_input input = { in->path, in->release, site->stop };

    return in->format->read(&input, &sink, err);
}

int feed_import(const struct site *site, const struct feed_import *in, struct feed_imported *ret,
                struct err **err)
{
    struct feed_imported done = { 0 };
    int64_t now = clock_wall_ms();
    AUTO_TX tx = tx_begin(site->store, err);

    if (!tx || clear(tx, in->id, err) < 0 || read_all(site, in, tx, &done, err) < 0)
        return -1;
    const char *dated = done.dated[0] ? done.dated : NULL;
    if (store_exec(
            tx, "UPDATE feed SET digest = ?, dated = ?, imported = ?, records = ? WHERE id = ?",
            ARGS(A_TEXT(in->digest), A_TEXT(dated), A_INT(now), A_INT(done.records), A_INT(in->id)),
            err)
            < 0
        || tx_commit(&tx, err) < 0)
        return -1;
    *ret = done;
    return 0;
}
