/* feed: where vulnerability data comes from, taking it in, and what is urgent about it. */
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "core/feed.h"
#include "core/scan.h"
#include "core/site.h"
#include "front/commands.h"
#include "front/status.h"
#include "front/table.h"
#include "front/text.h"
#include "front/wire.h"

static int add(struct cli *c, struct err **err)
{
    struct wire *w = cli_wire(c, err);
    const char *path = cli_opt(c, "path"), *url = cli_opt(c, "url");
    struct feed_spec spec = { .name = c->args[0], .release = cli_opt(c, "release") };
    int64_t id;

    if (!w || cli_opt_need(c, "kind", &spec.kind, err) < 0)
        return -1;
    if (!path == !url)
        return err_set(err, ERR_INVALID, "a feed has either --path or --url");
    spec.source = path ? path : url;
    if (feed_add(wire_site(w), &spec, &id, err) < 0)
        return -1;
    AUTO_JSON *facts = json_pack("{s:s, s:s}", "name", spec.name, "kind", spec.kind);
    if (!cli_json(c, facts))
        printf("feed %s: added; 'patchlab feed poll %s' reads it\n", spec.name, spec.name);
    return STATUS_DONE;
}

static int rm(struct cli *c, struct err **err)
{
    struct wire *w = cli_wire(c, err);

    if (!w || feed_remove(wire_site(w), c->args[0], err) < 0)
        return -1;
    AUTO_JSON *facts = json_pack("{s:s, s:b}", "name", c->args[0], "removed", true);
    if (!cli_json(c, facts))
        printf("feed %s: removed, with its data\n", c->args[0]);
    return STATUS_DONE;
}

static char *number_at(const json_t *obj, const char *key)
{
    return xasprintf("%lld", (long long)json_int_at(obj, key));
}

static int list(struct cli *c, struct err **err)
{
    struct wire *w = cli_wire(c, err);
    AUTO_JSON *feeds = w ? feed_list(wire_site(w), err) : NULL;
    size_t i;
    json_t *f;

    if (!feeds)
        return -1;
    if (cli_json(c, feeds))
        return STATUS_DONE;
    AUTO_TABLE t = table_new("FEED", "KIND", "RECORDS", "DATED", "IMPORTED", "POLLED", "DIGEST",
                             "SOURCE", NULL);
    json_array_foreach(feeds, i, f)
    {
        AUTO_FREE char *name = text_at(f, "name"), *kind = text_at(f, "kind");
        AUTO_FREE char *records = number_at(f, "records"), *dated = text_at(f, "dated");
        AUTO_FREE char *imported = text_time(json_int_at(f, "imported"));
        AUTO_FREE char *polled = text_time(json_int_at(f, "polled"));
        AUTO_FREE char *digest = text_digest(json_str_at(f, "digest"));
        AUTO_FREE char *source = text_at(f, "source");
        table_add(&t, name, kind, records, dated, imported, polled, digest, source, NULL);
    }
    table_print(&t, stdout);
    return STATUS_DONE;
}

/* The number of feeds that could not be read. */
static size_t show_polled(const json_t *report, bool quiet)
{
    size_t failed = 0, i;
    const json_t *f;

    json_array_foreach((json_t *)report, i, f)
    {
        AUTO_FREE char *name = text_at(f, "feed"), *error = text_at(f, "error");
        bool bad = json_is_string(json_object_get(f, "error"));
        failed += bad;
        if (quiet)
            continue;
        if (bad)
            printf("feed %s: not read: %s\n", name, error);
        else if (json_is_true(json_object_get(f, "changed")))
            printf("feed %s: %lld statements\n", name, (long long)json_int_at(f, "records"));
        else
            printf("feed %s: nothing new\n", name);
    }
    return failed;
}

static void show_emergencies(const json_t *list)
{
    AUTO_TABLE t = table_new("DEADLINE", "CVE", "PACKAGE", "INSTALLED", "FIXED IN", "IMAGE",
                             "SERVERS", "EXPOSURE", "RULE", NULL);
    size_t i;
    const json_t *x;

    if (json_array_size(list) == 0)
        return;
    json_array_foreach((json_t *)list, i, x)
    {
        AUTO_FREE char *deadline = text_at(x, "deadline"), *cve = text_at(x, "cve");
        AUTO_FREE char *package = text_at(x, "package"), *installed = text_at(x, "installed");
        AUTO_FREE char *fixed = text_at(x, "fixed_in"), *image = text_at(x, "image");
        AUTO_FREE char *servers = text_strings(json_object_get(x, "servers"), " ", "-");
        AUTO_FREE char *rule = text_at(x, "rule"), *exposure = text_at(x, "exposure");
        bool late = json_is_true(json_object_get(x, "overdue"));
        AUTO_FREE char *when = xasprintf("%s%s", deadline, late ? " (over)" : "");
        table_add(&t, when, cve, package, installed, fixed, image, servers, exposure, rule, NULL);
    }
    puts("\nEMERGENCY: attackers are known to use what these images and servers have");
    table_print(&t, stdout);
}

static int poll_feeds(struct cli *c, struct err **err)
{
    struct wire *w = cli_wire(c, err);
    const char *only = c->arg_count ? c->args[0] : NULL;
    AUTO_JSON *report = w ? feed_poll(wire_site(w), only, err) : NULL;
    AUTO_JSON *urgent = report ? scan_emergencies(wire_site(w), err) : NULL;

    if (!urgent)
        return -1;
    AUTO_JSON *facts = json_pack("{s:O, s:O}", "feeds", report, "emergencies", urgent);
    bool quiet = cli_json(c, facts);
    size_t failed = show_polled(report, quiet);
    if (!quiet)
        show_emergencies(urgent);
    if (failed > 0)
        return err_set(err, ERR_IO, "%zu of %zu feeds could not be read", failed,
                       json_array_size(report));
    return STATUS_DONE;
}

static const struct option add_options[] = {
    { "kind", "KIND", "osv, debian-tracker, debsecan, kev, epss or json" },
    { "path", "FILE", "the file or directory that has the data" },
    { "url", "URL", "where the data is fetched from" },
    { "release", "NAME", "the release it is for, when it does not say so: Debian:12" },
    { 0 },
};

const struct cli_command feed_commands[] = {
    { "feed add", "NAME", 1, 1, "Name a source of vulnerability data",
      "Nothing is read yet: 'feed poll' does that. A directory or a zip of OSV records is read as\n"
      "a whole; the data of debsecan needs --release.",
      add_options, add },
    { "feed poll", "[NAME]", 0, 1, "Read the feeds that have changed, and say what is urgent",
      "What a feed said before is replaced as a whole, or not at all. Then the newest list of\n"
      "packages of each image is matched with what attackers are known to use.",
      NULL, poll_feeds },
    { "feed list", "", 0, 0, "List the feeds and how old their data is", NULL, NULL, list },
    { "feed rm", "NAME", 1, 1, "Forget a feed and its data", NULL, NULL, rm },
    { 0 },
};
