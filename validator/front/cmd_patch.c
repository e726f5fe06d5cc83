/* patch: taking candidates in, and looking at them. */
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/unit.h"
#include "core/patch.h"
#include "front/commands.h"
#include "front/status.h"
#include "front/table.h"
#include "front/text.h"
#include "front/wire.h"

static int add(struct cli *c, struct err **err)
{
    struct wire *w = cli_wire(c, err);
    AUTO_STRV paths = { 0 }, undo = { 0 };
    AUTO_PATCH p = { 0 };
    int64_t id;
    bool is_new;

    if (!w)
        return -1;
    for (int i = 0; i < c->arg_count; i++)
        strv_add(&paths, c->args[i]);
    cli_opts(c, "undo", &undo);
    if (patch_add_undo(wire_site(w), &paths, &undo, cli_opt(c, "name"), &id, &is_new, err) < 0
        || patch_by_id(wire_site(w), id, &p, err) < 0)
        return -1;
    AUTO_JSON *facts = patch_json(&p);
    json_object_set_new(facts, "new", json_boolean(is_new));
    if (!cli_json(c, facts))
        printf("patch %s %s (%.12s): %s\n", p.name, p.version, p.digest,
               is_new ? "added" : "known already, nothing changed");
    return STATUS_DONE;
}

static int list(struct cli *c, struct err **err)
{
    struct wire *w = cli_wire(c, err);
    AUTO_JSON *patches = w ? patch_list(wire_site(w), err) : NULL;

    if (!patches)
        return -1;
    if (cli_json(c, patches))
        return STATUS_DONE;
    AUTO_TABLE t = table_new("PATCH", "VERSION", "KIND", "DIGEST", "ADDED", "TITLE", NULL);
    size_t i;
    json_t *p;
    json_array_foreach(patches, i, p)
    {
        AUTO_FREE char *name = text_at(p, "name"), *version = text_at(p, "version");
        AUTO_FREE char *kind = text_at(p, "kind"), *title = text_at(p, "title");
        AUTO_FREE char *digest = text_digest(json_str_at(p, "digest"));
        AUTO_FREE char *when = text_time(json_int_at(p, "created"));
        table_add(&t, name, version, kind, digest, when, title, NULL);
    }
    table_print(&t, stdout);
    return STATUS_DONE;
}

static void show_files(const struct patch *p)
{
    AUTO_TABLE t = table_new("FILE", "SIZE", "SHA-256", NULL);

    for (size_t i = 0; i < p->bundle.len; i++) {
        const struct bundle_file *f = &p->bundle.ptr[i];
        AUTO_FREE char *size = unit_size(f->size);
        table_add(&t, f->path, size, f->sha256, NULL);
    }
    putchar('\n');
    table_print(&t, stdout);
}

/* What takes it back. */
static char *undo_of(const json_t *patch)
{
    const json_t *undo = json_object_get(patch, "undo");
    const json_t *missing = json_object_get(undo, "missing");
    const char *program = json_str_at(json_object_get(patch, "script"), "undo");
    AUTO_FREE char *names = text_strings(missing, " ", "");

    if (json_is_array(json_object_get(patch, "install")))
        return program ? xasprintf("%s, and what was there is put back", program)
                       : xstrdup("what was there is put back");
    if (!json_is_object(undo))
        return xstrdup(program);
    if (json_array_size(missing) == 0)
        return xstrdup("downgrade");
    return xasprintf("only by restoring a VM that has an older %s", names);
}

static int show(struct cli *c, struct err **err)
{
    struct wire *w = cli_wire(c, err);
    AUTO_PATCH p = { 0 };

    if (!w || patch_find(wire_site(w), c->args[0], &p, err) < 0)
        return -1;
    AUTO_JSON *facts = patch_json(&p);
    if (cli_json(c, facts))
        return STATUS_DONE;
    AUTO_FREE char *title = text_at(facts, "title"), *source = text_at(facts, "source");
    AUTO_FREE char *cves = text_strings(json_object_get(facts, "cves"), " ", "-");
    AUTO_FREE char *advisories = text_strings(json_object_get(facts, "advisories"), " ", "-");
    AUTO_FREE char *changes = text_strings(json_object_get(facts, "changes"), ", ", "-");
    AUTO_FREE char *when = text_time(p.created);
    AUTO_FREE char *undo = undo_of(facts);
    printf("patch:      %s %s\ntitle:      %s\nkind:       %s\nsource:     %s\n"
           "advisories: %s\ncves:       %s\nchanges:    %s\n"
           "claims:     %zu CVEs by changelogs\n"
           "undo:       %s\ndigest:     %s\nadded:      %s\n",
           p.name, p.version, title, p.kind, source, advisories, cves, changes,
           json_array_size(json_object_get(facts, "claims")), undo ? undo : "-", p.digest, when);
    show_files(&p);
    return STATUS_DONE;
}

static const struct option add_options[] = {
    { "name", "NAME", "its name, when neither patch.yaml nor the packages give one" },
    { "undo", "PACKAGE", "an older package that takes one of these back (again for more)" },
    { 0 },
};

const struct cli_command patch_commands[] = {
    { "patch add", "PATH...", 1, -1, "Take a patch in: a directory, an archive, or packages",
      "A directory or archive (tar, zip) holds patch.yaml and its files; without patch.yaml, and\n"
      "for .deb or .rpm files, the manifest is derived from them. Every digest is checked. From\n"
      "then on the patch is these very bytes.",
      add_options, add },
    { "patch list", "", 0, 0, "List the patches", NULL, NULL, list },
    { "patch show", "PATCH", 1, 1, "Show a patch: NAME, NAME@VERSION or the head of its digest",
      NULL, NULL, show },
    { 0 },
};
