/* What a server has; see server_facts.h. */
#include "core/server_facts.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/decode.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/node.h"
#include "base/str.h"
#include "core/image.h"
#include "core/image_packages.h"
#include "core/packages.h"
#include "core/server.h"
#include "core/server_work.h"
#include "core/site.h"
#include "store/store.h"

const char *const fact_groups[] = { "units", "sysctl", NULL };

enum { OWN_TABS = 4 };

/* --- reading --------------------------------------------------------------------------------- */

static int tabs_of_first_line(const char *text, size_t len)
{
    int n = 0;

    for (size_t i = 0; i < len && text[i] != '\n'; i++)
        n += text[i] == '\t';
    return n;
}

int server_packages_parse(const struct site *site, const char *kind, const char *text, size_t len,
                          const char *name, struct package_list *ret, struct err **err)
{
    const struct pkgmgr *p = site_pkgmgr(site, kind);
    AUTO_PACKAGE_LIST l = { 0 };

    if (!p || !p->parse)
        return err_set(err, ERR_INVALID, "there are no lists of packages of the kind '%s'", kind);
    if (tabs_of_first_line(text, len) != OWN_TABS) {
        if (image_packages_parse(text, len, name, &l, err) < 0)
            return -1;
    } else if (p->parse(text, len, &l, err) < 0) {
        return err_wrap(err, "%s", name);
    }
    if (l.len == 0)
        return err_set(err, ERR_INVALID, "%s: there is no package in it", name);
    *ret = l;
    l = (struct package_list){ 0 };
    return 0;
}

static int take_group(const struct decoder *d, const struct node *n, const char *path, void *target,
                      struct err **err)
{
    json_t *group = json_object();

    json_object_set_new(*(json_t **)target, path, group);
    if (n->kind != NODE_MAP)
        return decode_error(d, n, path, err, "expected names and values");
    for (size_t i = 0; i < n->len; i++) {
        const struct node *value = n->items[i];
        AUTO_FREE char *at = xasprintf("%s.%s", path, n->keys[i]);

        if (value->kind != NODE_SCALAR)
            return decode_error(d, value, at, err, "expected a text");
        if (strlen(n->keys[i]) > SERVER_FACT_MAX || strlen(value->text) > SERVER_FACT_MAX)
            return decode_error(d, value, path, err, "a name or value is longer than %d bytes",
                                SERVER_FACT_MAX);
        json_object_set_new(group, n->keys[i], json_text(value->text));
    }
    return 0;
}

json_t *server_facts_read(const char *path, struct err **err)
{
    static const struct field fields[] = {
        { "units", FIELD_CUSTOM, 0, .decode = take_group },
        { "sysctl", FIELD_CUSTOM, 0, .decode = take_group },
        { 0 },
    };
    const struct decoder d = { .file = path };
    AUTO_NODE n = node_read(path, err);
    AUTO_JSON *facts = json_object();
    json_t *target = facts;

    if (!n || decode_map(&d, n, "", fields, &target, err) < 0)
        return NULL;
    return json_incref(facts);
}

/* --- keeping --------------------------------------------------------------------------------- */

static int store_facts(const struct site *site, const struct server *s, const char *list,
                       const char *facts, struct err **err)
{
    AUTO_TX tx = tx_begin(site->store, err);
    AUTO_SERVER_WRITER w = { .tx = tx, .by = site->user };
    AUTO_JSON *changes = json_object();
    int64_t in_service;

    if (!tx
        || store_int(tx, "SELECT retired IS NULL FROM server WHERE id = ?", ARGS(A_INT(s->id)), 0,
                     &in_service, err)
               < 0)
        return -1;
    if (!in_service)
        return err_set(err, ERR_CONFLICT, "server '%s' is retired", s->name);
    if (list)
        json_object_set_new(changes, "packages", server_change(s->package_list, list));
    if (facts)
        json_object_set_new(changes, "facts", server_change(s->facts, facts));
    if (store_exec(tx,
                   "UPDATE server SET package_list = ifnull(?, package_list),"
                   " facts = ifnull(?, facts), facts_at = ? WHERE id = ?",
                   ARGS(A_TEXT(list), A_TEXT(facts), A_INT(clock_wall_ms()), A_INT(s->id)), err)
            < 0
        || server_record(&w, s->id, "facts", /* origin= */ NULL, changes, err) < 0)
        return -1;
    return tx_commit(&tx, err);
}

int server_facts_set(const struct site *site, const char *name, const struct package_list *packages,
                     const json_t *facts, struct err **err)
{
    AUTO_SERVER s = { 0 };
    AUTO_FREE char *text = facts ? json_canonical(facts) : NULL;
    char list[DIGEST_HEX_SIZE];

    if (server_find(site, name, &s, err) < 0
        || (packages && package_list_put(site, packages, list, err) < 0))
        return -1;
    return store_facts(site, &s, packages ? list : NULL, text, err);
}

json_t *server_facts(const struct server *s, struct err **err)
{
    json_t *j = s->facts ? json_parse(s->facts, strlen(s->facts), NODE_MAX_BYTES, "facts", err)
                         : json_object();

    if (!j) {
        (*err)->code = ERR_CORRUPT;
        err_wrap(err, "server '%s'", s->name);
    }
    return j;
}

int server_packages(const struct site *site, const struct server *s, struct package_list *ret,
                    char **ret_from, struct err **err)
{
    AUTO_IMAGE i = { 0 };

    if (s->package_list) {
        if (package_list_get(site, s->package_list, ret, err) < 0)
            return err_wrap(err, "the packages of server '%s'", s->name);
        *ret_from = xstrdup("told");
        return 0;
    }
    if (image_of_server(site, s->name, &i, err) < 0
        || image_packages(site, &i, ret, /* ret_run= */ NULL, err) < 0)
        return -1;
    *ret_from = xasprintf("image '%s'", i.name);
    return 0;
}
