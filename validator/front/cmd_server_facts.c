/* server facts, standard, deviations: what servers have, and what they should. */
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "core/server.h"
#include "core/server_facts.h"
#include "core/server_standard.h"
#include "front/commands.h"
#include "front/servers.h"
#include "front/status.h"
#include "front/table.h"
#include "front/text.h"
#include "front/wire.h"

enum { LIST_MAX = 64 << 20 };

static int read_packages(const struct cli *c, const struct site *site, struct package_list *ret,
                         struct err **err)
{
    const char *path = cli_opt(c, "packages");
    const char *kind = cli_opt(c, "kind") ? cli_opt(c, "kind") : "deb";
    size_t len = 0;
    AUTO_FREE char *text = file_read(path, LIST_MAX, &len, err);

    return text ? server_packages_parse(site, kind, text, len, path, ret, err) : -1;
}

static int facts(struct cli *c, struct err **err)
{
    struct wire *w = cli_wire(c, err);
    AUTO_PACKAGE_LIST packages = { 0 };
    AUTO_JSON *others = NULL;
    const char *list = cli_opt(c, "packages"), *file = cli_opt(c, "file");

    if (!w)
        return -1;
    if (!list && !file)
        return err_set(err, ERR_INVALID, "'server facts' needs --packages or --file");
    if (list && read_packages(c, wire_site(w), &packages, err) < 0)
        return -1;
    if (file) {
        others = server_facts_read(file, err);
        if (!others)
            return -1;
    }
    if (server_facts_set(wire_site(w), c->args[0], list ? &packages : NULL, others, err) < 0)
        return -1;
    AUTO_JSON *told = json_pack("{s:s, s:o, s:O?}", "server", c->args[0], "packages",
                                list ? json_integer((json_int_t)packages.len) : json_null(),
                                "facts", others);
    if (cli_json(c, told))
        return STATUS_DONE;
    if (list)
        printf("server %s: %zu packages\n", c->args[0], packages.len);
    if (others)
        printf("server %s: facts taken\n", c->args[0]);
    return STATUS_DONE;
}

/* --- standards ------------------------------------------------------------------------------- */

static struct standards *read_standards(const struct cli *c, const struct site *site,
                                        struct err **err)
{
    AUTO_FREE char *own = path_join(site->dir, "standards.yaml");
    struct standards *s = standards_read(cli_opt(c, "file") ? cli_opt(c, "file") : own, err);

    if (!s) {
        err_wrap(err, "the build standards");
        if ((*err)->code == ERR_NOT_FOUND)
            err_hint(err, "write them as docs/formats.md tells, or name a file with --file");
    }
    return s;
}

static int standard(struct cli *c, struct err **err)
{
    struct wire *w = cli_wire(c, err);
    AUTO_STANDARDS s = w ? read_standards(c, wire_site(w), err) : NULL;
    AUTO_JSON *all = s ? standards_json(s) : NULL;

    if (!all)
        return -1;
    if (cli_json(c, all))
        return STATUS_DONE;
    AUTO_TABLE t = table_new("CATEGORY", "FACT", "WANTED", NULL);
    const char *category, *group, *name;
    json_t *of, *members, *wish;
    json_object_foreach(all, category, of)
    {
        json_object_foreach(of, group, members)
        {
            json_object_foreach(members, name, wish)
            {
                AUTO_FREE char *fact = xasprintf("%s.%s", group, name);
                table_add(&t, category, fact, json_string_value(wish), NULL);
            }
        }
    }
    table_print(&t, stdout);
    return STATUS_DONE;
}

static void show_deviations(const json_t *list)
{
    AUTO_TABLE t = table_new("SERVER", "CATEGORY", "FACT", "WANTED", "FOUND", "FROM", NULL);
    size_t i, k, deviate = 0, unknown = 0;
    json_t *s, *d;

    json_array_foreach((json_t *)list, i, s)
    {
        AUTO_FREE char *name = text_at(s, "server"), *category = text_at(s, "category");
        AUTO_FREE char *from = text_at(s, "from");
        json_array_foreach(json_object_get(s, "deviations"), k, d)
        {
            AUTO_FREE char *fact = text_at(d, "fact"), *wanted = text_at(d, "wanted");
            AUTO_FREE char *found = text_at(d, "found");
            table_add(&t, name, category, fact, wanted, found, from, NULL);
        }
        deviate += str_eq(json_str_at(s, "state"), "deviates");
        unknown += str_eq(json_str_at(s, "state"), "unknown");
    }
    if (deviate > 0) {
        table_print(&t, stdout);
        puts("");
    }
    printf("of %zu servers %zu deviate, %zu have not told enough to say\n", json_array_size(list),
           deviate, unknown);
}

static int deviations(struct cli *c, struct err **err)
{
    struct wire *w = cli_wire(c, err);
    AUTO_SERVER_ROW checked = { 0 };

    if (!w || servers_category(c, &checked, err) < 0)
        return -1;
    struct server_filter f = { .category = checked.value[SERVER_CATEGORY] };
    AUTO_STANDARDS s = read_standards(c, wire_site(w), err);
    if (!s)
        return -1;
    AUTO_JSON *list = standards_deviations(wire_site(w), s, &f, err);
    if (!list)
        return -1;
    if (!cli_json(c, list))
        show_deviations(list);
    return STATUS_DONE;
}

static const struct option facts_options[] = {
    { "packages", "FILE", "what dpkg-query -W prints there" },
    { "kind", "NAME", "of the packages: deb" },
    { "file", "FILE", "units and sysctl values, as YAML" },
    { 0 },
};

static const struct option standard_options[] = {
    { "file", "FILE", "instead of standards.yaml in the state directory" },
    { 0 },
};

static const struct option deviations_options[] = {
    { "category", "NAME", "only these servers" },
    { "file", "FILE", "instead of standards.yaml in the state directory" },
    { 0 },
};

const struct cli_command server_facts_commands[] = {
    { "server facts", "NAME", 1, 1, "Take down what a server has",
      "Its own list of packages then counts instead of that of the image that stands for it: for\n"
      "emergencies, news and the build standard.",
      facts_options, facts },
    { "server standard", "", 0, 0, "Show what servers of each category must show", NULL,
      standard_options, standard },
    { "server deviations", "", 0, 0, "List the servers that deviate from the build standard", NULL,
      deviations_options, deviations },
    { 0 },
};
