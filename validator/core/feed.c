/* Feeds: the list of them; see feed_poll.c for their data. */
#include "core/feed.h"

#include <string.h>

#include "base/clock.h"
#include "base/decode.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/feed_work.h"
#include "core/site.h"
#include "core/version.h"
#include "ports/feed.h"
#include "store/store.h"

const struct feed_format *feed_format_of(const struct site *site, const char *kind)
{
    for (size_t i = 0; site->feeds && site->feeds[i]; i++) {
        if (str_eq(site->feeds[i]->kind, kind))
            return site->feeds[i];
    }
    return NULL;
}

int feed_unknown_kind(const struct site *site, const char *kind, struct err **err)
{
    AUTO_STRV kinds = { 0 };

    for (size_t i = 0; site->feeds && site->feeds[i]; i++)
        strv_add(&kinds, site->feeds[i]->kind);
    AUTO_FREE char *known = strv_join(&kinds, ", ");
    AUTO_FREE char *shown = str_printable(kind, strlen(kind), false);
    err_set(err, ERR_INVALID, "'%s' is no kind of feed", shown);
    return err_hint(err, "these are known: %s", known);
}

static int check_spec(const struct site *site, const struct feed_spec *spec, struct err **err)
{
    const struct feed_format *format = feed_format_of(site, spec->kind);

    if (!name_is_valid(spec->name)) {
        AUTO_FREE char *shown = str_printable(spec->name, strlen(spec->name), false);
        return err_set(err, ERR_INVALID, "'%s' is no name for a feed", shown);
    }
    if (!format)
        return feed_unknown_kind(site, spec->kind, err);
    if (format->needs_release && !spec->release) {
        err_set(err, ERR_INVALID, "data of kind '%s' does not say which release it is for",
                spec->kind);
        return err_hint(err, "give it with --release, as in 'Debian:12'");
    }
    if (spec->release && !version_order_of(spec->release)) {
        AUTO_FREE char *shown = str_printable(spec->release, strlen(spec->release), false);
        err_set(err, ERR_INVALID, "'%s' is no release that is known", shown);
        return err_hint(err, "it is written as OSV does: 'Debian:12', 'Ubuntu:24.04:LTS'");
    }
    return 0;
}

int feed_add(const struct site *site, const struct feed_spec *spec, int64_t *ret_id,
             struct err **err)
{
    bool remote = strstr(spec->source, "://");
    AUTO_FREE char *source = NULL;
    AUTO_ERR e = NULL;

    if (check_spec(site, spec, err) < 0)
        return -1;
    source = remote ? xstrdup(spec->source) : path_absolute(spec->source, err);
    if (!source)
        return -1;
    if (store_exec(site->store,
                   "INSERT INTO feed (name, kind, source, release, created) VALUES (?, ?, ?, ?, ?)",
                   ARGS(A_TEXT(spec->name), A_TEXT(spec->kind), A_TEXT(source),
                        A_TEXT(spec->release), A_INT(clock_wall_ms())),
                   &e)
        >= 0) {
        *ret_id = store_last_id(site->store);
        return 0;
    }
    if (e->code == ERR_CONFLICT)
        return err_set(err, ERR_CONFLICT, "there is a feed '%s' already", spec->name);
    *err = TAKE(e);
    return -1;
}

int feed_find(const struct site *site, const char *name, int64_t *ret, struct err **err)
{
    if (store_int(site->store, "SELECT id FROM feed WHERE name = ?", ARGS(A_TEXT(name)), 0, ret,
                  err)
        < 0)
        return -1;
    if (*ret == 0) {
        AUTO_FREE char *shown = str_printable(name, strlen(name), false);
        return err_set(err, ERR_NOT_FOUND, "there is no feed '%s'", shown);
    }
    return 0;
}

int feed_remove(const struct site *site, const char *name, struct err **err)
{
    static const char *const statements[] = {
        "DELETE FROM affected WHERE feed = ?",  "DELETE FROM advisory WHERE feed = ?",
        "DELETE FROM exploited WHERE feed = ?", "DELETE FROM likelihood WHERE feed = ?",
        "DELETE FROM feed WHERE id = ?",
    };
    AUTO_TX tx = tx_begin(site->store, err);
    int64_t id;

    if (!tx || feed_find(site, name, &id, err) < 0)
        return -1;
    for (size_t i = 0; i < ARRAY_LEN(statements); i++) {
        if (store_exec(tx, statements[i], ARGS(A_INT(id)), err) < 0)
            return -1;
    }
    return tx_commit(&tx, err);
}

static json_t *int_or_null(struct query *q, int column)
{
    return query_is_null(q, column) ? json_null() : json_integer((json_int_t)query_int(q, column));
}

json_t *feed_list(const struct site *site, struct err **err)
{
    AUTO_JSON *list = json_array();
    AUTO_QUERY q = store_query(
        site->store,
        "SELECT name, kind, source, release, digest, dated, imported, polled,"
        " records FROM feed ORDER BY name",
        NO_ARGS, err);
    int rc = q ? query_step(q, err) : -1;

    for (; rc > 0; rc = query_step(q, err))
        json_array_append_new(
            list,
            json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:I}", "name", query_text(q, 0),
                      "kind", query_text(q, 1), "source", json_text(query_text(q, 2)), "release",
                      json_text(query_text(q, 3)), "digest", json_text(query_text(q, 4)), "dated",
                      json_text(query_text(q, 5)), "imported", int_or_null(q, 6), "polled",
                      int_or_null(q, 7), "records", (json_int_t)query_int(q, 8)));
    return rc < 0 ? NULL : json_incref(list);
}
