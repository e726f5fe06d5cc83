/* server: the inventory, one server at a time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "core/image.h"
#include "core/server.h"
#include "core/server_facts.h"
#include "front/commands.h"
#include "front/servers.h"
#include "front/status.h"
#include "front/table.h"
#include "front/text.h"
#include "front/wire.h"

/* "data_value" is the option --data-value. */
static char *option_of(size_t field)
{
    char *name = xstrdup(server_fields[field].name);

    str_swap(name, '_', '-');
    return name;
}

static int read_row(const struct cli *c, struct server_row *r, struct err **err)
{
    if (server_row_name(r, c->args[0], err) < 0)
        return -1;
    for (size_t i = 0; i < SERVER_FIELDS; i++) {
        AUTO_FREE char *option = option_of(i);
        const char *text = cli_opt(c, option);

        if (text && server_row_set(r, (enum server_field)i, text, err) < 0)
            return err_wrap(err, "option '--%s'", option);
    }
    return 0;
}

/* The server as it is now, behind what was done. */
static int tell(struct cli *c, const char *name, const char *done, struct err **err)
{
    AUTO_SERVER s = { 0 };

    if (server_find(wire_site(c->wire), name, &s, err) < 0)
        return -1;
    AUTO_JSON *facts = server_json(&s);
    if (!cli_json(c, facts))
        printf("server %s: %s\n", s.name, done);
    return STATUS_DONE;
}

static int add(struct cli *c, struct err **err)
{
    struct wire *w = cli_wire(c, err);
    AUTO_SERVER_ROW r = { 0 };

    if (!w || read_row(c, &r, err) < 0 || server_add(wire_site(w), &r, err) < 0)
        return -1;
    return tell(c, r.name, "added", err);
}

static int set(struct cli *c, struct err **err)
{
    struct wire *w = cli_wire(c, err);
    AUTO_SERVER_ROW r = { 0 };
    bool changed;

    if (!w || read_row(c, &r, err) < 0 || server_set(wire_site(w), &r, &changed, err) < 0)
        return -1;
    return tell(c, r.name, changed ? "changed" : "nothing to change", err);
}

static int retire(struct cli *c, struct err **err)
{
    struct wire *w = cli_wire(c, err);
    const struct site *site = w ? wire_site(w) : NULL;
    bool undo = cli_flag(c, "undo");

    if (!w)
        return -1;
    if (undo && cli_opt(c, "reason"))
        return err_set(err, ERR_INVALID, "--reason is for a server that is retired");
    int rc = undo ? server_return(site, c->args[0], err)
                  : server_retire(site, c->args[0], cli_opt(c, "reason"), err);
    return rc < 0 ? -1 : tell(c, c->args[0], undo ? "in service again" : "retired", err);
}

/* --- list ------------------------------------------------------------------------------------ */

int servers_category(const struct cli *c, struct server_row *ret, struct err **err)
{
    const char *text = cli_opt(c, "category");

    if (text && server_row_set(ret, SERVER_CATEGORY, text, err) < 0)
        return err_wrap(err, "option '--category'");
    if (text && !*ret->value[SERVER_CATEGORY])
        return err_set(err, ERR_INVALID, "option '--category': it is empty");
    return 0;
}

static int list(struct cli *c, struct err **err)
{
    struct wire *w = cli_wire(c, err);
    AUTO_SERVER_ROW checked = { 0 };

    if (!w || servers_category(c, &checked, err) < 0)
        return -1;
    struct server_filter f = {
        .category = checked.value[SERVER_CATEGORY],
        .image = cli_opt(c, "image"),
        .retired_too = cli_flag(c, "all"),
    };
    AUTO_JSON *servers = server_list(wire_site(w), &f, err);
    if (!servers)
        return -1;
    if (cli_json(c, servers))
        return STATUS_DONE;
    AUTO_TABLE t = table_new("SERVER", "CATEGORY", "IMAGE", "OWNER", "EXPOSURE", "WINDOW",
                             "LAST PATCHED", "STATE", NULL);
    size_t i;
    json_t *s;
    json_array_foreach(servers, i, s)
    {
        AUTO_FREE char *name = text_at(s, "name"), *category = text_at(s, "category");
        AUTO_FREE char *image = text_at(s, "image"), *owner = text_at(s, "owner");
        AUTO_FREE char *exposure = text_at(s, "exposure"), *window = text_at(s, "window");
        AUTO_FREE char *patched = text_at(s, "last_patched");
        table_add(&t, name, category, image, owner, exposure, window, patched,
                  json_int_at(s, "retired") ? "retired" : "in service", NULL);
    }
    table_print(&t, stdout);
    return STATUS_DONE;
}

/* --- show ------------------------------------------------------------------------------------ */

/* "owner: ann -> bob; ticket: - -> CHG-1" */
static char *changes_text(const json_t *changes)
{
    AUTO_STRV parts = { 0 };
    const char *field;
    json_t *pair;

    json_object_foreach((json_t *)changes, field, pair)
    {
        const char *before = json_string_value(json_array_get(pair, 0));
        const char *after = json_string_value(json_array_get(pair, 1));
        bool digest = str_eq(field, "packages") || str_eq(field, "facts");
        if (digest)
            strv_add(&parts, field);
        else
            strv_addf(&parts, "%s: %s -> %s", field, before ? before : "-", after ? after : "-");
    }
    return strv_join(&parts, "; ");
}

static void show_history(const json_t *history)
{
    AUTO_TABLE t = table_new("WHEN", "WHO", "ACTION", "FROM", "CHANGES", NULL);
    size_t i;
    json_t *h;

    json_array_foreach((json_t *)history, i, h)
    {
        AUTO_FREE char *when = text_time(json_int_at(h, "at")), *by = text_at(h, "by");
        AUTO_FREE char *action = text_at(h, "action"), *origin = text_at(h, "origin");
        AUTO_FREE char *changes = changes_text(json_object_get(h, "changes"));
        table_add(&t, when, by, action, origin, changes && *changes ? changes : "-", NULL);
    }
    puts("");
    table_print(&t, stdout);
}

/* The image that stands for it now, or null. */
static int add_image(const struct site *site, const char *name, json_t *facts, struct err **err)
{
    AUTO_IMAGE i = { 0 };
    AUTO_ERR e = NULL;

    if (image_of_server(site, name, &i, &e) < 0) {
        if (e->code != ERR_NOT_FOUND) {
            *err = TAKE(e);
            return -1;
        }
        json_object_set_new(facts, "stands_for_it", json_null());
        return 0;
    }
    json_object_set_new(facts, "stands_for_it",
                        json_pack("{s:s, s:s}", "name", i.name, "digest", i.digest));
    return 0;
}

static void show_server(const struct server *s, const json_t *facts)
{
    const json_t *image = json_object_get(facts, "stands_for_it");
    AUTO_FREE char *image_name = text_at(image, "name");
    AUTO_FREE char *digest = text_digest(json_str_at(image, "digest"));
    AUTO_FREE char *retired = text_time(s->retired), *told = text_time(s->facts_at);

    printf("%-14s %s%s%s\n", "server:", s->name, s->retired ? ", retired " : "",
           s->retired ? retired : "");
    for (size_t i = 0; i < SERVER_FIELDS; i++) {
        AUTO_FREE char *label = xasprintf("%s:", server_fields[i].name);
        AUTO_FREE char *value = text_at(facts, server_fields[i].name);
        str_swap(label, '_', ' ');
        printf("%-14s %s\n", label, value);
    }
    printf("%-14s %s (%s)\n", "stands for it:", image_name, digest);
    printf("%-14s %s%s\n", "packages:", s->package_list ? "its own list, told " : "as its image",
           s->package_list ? told : "");
    show_history(json_object_get(facts, "history"));
}

static int show(struct cli *c, struct err **err)
{
    struct wire *w = cli_wire(c, err);
    AUTO_SERVER s = { 0 };

    if (!w || server_find(wire_site(w), c->args[0], &s, err) < 0)
        return -1;
    AUTO_JSON *facts = server_json(&s);
    AUTO_JSON *history = server_history(wire_site(w), s.id, err);
    AUTO_JSON *told = history ? server_facts(&s, err) : NULL;
    if (!told || add_image(wire_site(w), s.name, facts, err) < 0)
        return -1;
    json_object_set(facts, "facts", told);
    json_object_set(facts, "history", history);
    if (!cli_json(c, facts))
        show_server(&s, facts);
    return STATUS_DONE;
}

static const struct option field_options[] = {
    { "category", "NAME", "core, security, file-print, mail, application, database or web" },
    { "image", "NAME", "the image that stands for it" },
    { "owner", "PERSON", "who decides, as in sign-offs" },
    { "support", "TEXT", "whom its users call" },
    { "users", "TEXT", "the group that uses it" },
    { "location", "TEXT", "where it is" },
    { "purpose", "TEXT", "what it is for" },
    { "exposure", "WORD", "who can reach it: internet, partner, internal or isolated" },
    { "data-value", "WORD", "of the data on it: low, moderate or high" },
    { "redundancy", "WORD", "what takes over: none, standby or cluster" },
    { "window", "TIMES", "when it may be changed, UTC: 'sat,sun 22:00-04:00'" },
    { "last-patched", "DAY", "2026-11-24" },
    { "ticket", "TEXT", "the ticket that is open for it" },
    { 0 },
};

static const struct option retire_options[] = {
    { "reason", "TEXT", "why, for its history" },
    { "undo", NULL, "take it back into service" },
    { 0 },
};

static const struct option list_options[] = {
    { "category", "NAME", "only these" },
    { "image", "NAME", "only those that this image stands for" },
    { "all", NULL, "those that are retired, too" },
    { 0 },
};

const struct cli_command server_commands[] = {
    { "server add", "NAME", 1, 1, "Add a server to the inventory", NULL, field_options, add },
    { "server set", "NAME", 1, 1, "Change what the inventory says of a server",
      "An empty value ('') clears a field. When the image changes, what waits for the server on\n"
      "the queue is held: it was tested for another one.",
      field_options, set },
    { "server list", "", 0, 0, "List the servers", NULL, list_options, list },
    { "server show", "NAME", 1, 1, "Show a server and who changed what when", NULL, NULL, show },
    { "server retire", "NAME", 1, 1, "Take a server out of service; its records stay",
      "What waits for it on the queue is held.", retire_options, retire },
    { 0 },
};
