/* server import, export: the inventory from and for other tools. */
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/file.h"
#include "base/json_walk.h"
#include "base/mem.h"
#include "core/server_import.h"
#include "front/commands.h"
#include "front/servers.h"
#include "front/status.h"
#include "front/wire.h"
#include "ports/domains.h"

enum format { FORMAT_CSV, FORMAT_ANSIBLE, FORMAT_JSON };
static const char *const formats[] = { "csv", "ansible", "json", NULL };

/* An object is Ansible's, a list is our own. */
static enum format guess(const char *text, size_t len)
{
    char first = json_first(text, len);

    return first == '{' ? FORMAT_ANSIBLE : first == '[' ? FORMAT_JSON : FORMAT_CSV;
}

static int read_file(const struct cli *c, const char *path, struct server_rows *ret,
                     struct err **err)
{
    size_t len = 0;
    AUTO_FREE char *text = file_read(path, SERVER_IMPORT_MAX, &len, err);
    int f = text ? (int)guess(text, len) : FORMAT_CSV;

    if (!text || cli_opt_name(c, "format", formats, &f, err) < 0)
        return -1;
    if (f == FORMAT_CSV)
        return server_rows_from_csv(text, len, path, ret, err);
    if (f == FORMAT_ANSIBLE)
        return server_rows_from_ansible(text, len, path, ret, err);
    return server_rows_from_json(text, len, path, ret, err);
}

static int read_host(const struct site *site, const char *uri, struct server_rows *ret,
                     struct err **err)
{
    AUTO_DOMAIN_LIST domains = { 0 };

    if (site->domains->list(uri, &domains, err) < 0)
        return -1;
    return server_rows_from_domains(&domains, uri, ret, err);
}

static int import(struct cli *c, struct err **err)
{
    struct wire *w = cli_wire(c, err);
    const char *file = c->arg_count ? c->args[0] : NULL, *uri = cli_opt(c, "libvirt");
    AUTO_SERVER_ROWS rows = { 0 };
    AUTO_SERVER_ROW checked = { 0 };
    struct server_import_report r;

    if (!w || servers_category(c, &checked, err) < 0)
        return -1;
    if (!file == !uri)
        return err_set(err, ERR_INVALID, "'server import' takes either a file or --libvirt");
    if ((file ? read_file(c, file, &rows, err) : read_host(wire_site(w), uri, &rows, err)) < 0)
        return -1;
    struct server_import_options o = { .category = checked.value[SERVER_CATEGORY],
                                       .dry_run = cli_flag(c, "dry-run") };
    if (server_import(wire_site(w), &rows, &o, &r, err) < 0)
        return -1;
    AUTO_JSON *facts = json_pack("{s:I, s:I, s:I, s:b}", "added", (json_int_t)r.added, "changed",
                                 (json_int_t)r.changed, "unchanged", (json_int_t)r.unchanged,
                                 "dry_run", o.dry_run);
    if (!cli_json(c, facts))
        printf("%s%zu added, %zu changed, %zu unchanged\n", o.dry_run ? "dry run: " : "", r.added,
               r.changed, r.unchanged);
    return STATUS_DONE;
}

static int print_json(json_t *j)
{
    AUTO_JSON *owned = j;
    AUTO_FREE char *text = owned ? json_pretty(owned) : NULL;

    if (!text)
        return -1;
    fputs(text, stdout);
    return STATUS_DONE;
}

static int export(struct cli *c, struct err **err)
{
    struct wire *w = cli_wire(c, err);
    int f = cli_flag(c, "json") ? FORMAT_JSON : FORMAT_CSV;

    if (!w || cli_opt_name(c, "format", formats, &f, err) < 0)
        return -1;
    if (f == FORMAT_ANSIBLE)
        return print_json(server_export_ansible(wire_site(w), err));
    if (f == FORMAT_JSON)
        return print_json(server_export_json(wire_site(w), err));
    AUTO_FREE char *text = server_export_csv(wire_site(w), err);
    if (!text)
        return -1;
    fputs(text, stdout);
    return STATUS_DONE;
}

static const struct option import_options[] = {
    { "format", "NAME", "csv, ansible or json; else what the file looks like" },
    { "libvirt", "URI", "the domains of this host instead of a file" },
    { "category", "NAME", "of new servers whose category is not said" },
    { "dry-run", NULL, "change nothing, only tell what would be" },
    { 0 },
};

static const struct option export_options[] = {
    { "format", "NAME", "csv (when it is not given), ansible or json" },
    { 0 },
};

const struct cli_command server_import_commands[] = {
    { "server import", "[FILE]", 0, 1, "Take servers from a file or a host, all or none",
      "Servers are known by their names: one that is there is changed. What is not said stays; an\n"
      "empty value clears a field. The output of 'ansible-inventory --list' names fields as\n"
      "variables (patchlab_owner) and categories as groups.",
      import_options, import },
    { "server export", "", 0, 0, "Print the servers in service for another tool", NULL,
      export_options, export },
    { 0 },
};
