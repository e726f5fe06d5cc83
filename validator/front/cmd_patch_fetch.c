/* patch fetch: one patch out of a patch source. */
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "core/image.h"
#include "core/image_packages.h"
#include "core/patch.h"
#include "core/patch_fetch.h"
#include "front/commands.h"
#include "front/progress.h"
#include "front/status.h"
#include "front/table.h"
#include "front/text.h"
#include "front/wire.h"

enum { LIST_MAX = 16 << 20 };

/* What the patch is for; *ret_target NULL: nobody in particular.  The caller frees it. */
static int read_installed(const struct cli *c, const struct site *site, struct package_list *ret,
                          char **ret_target, struct err **err)
{
    const char *image = cli_opt(c, "for"), *file = cli_opt(c, "installed");
    AUTO_IMAGE i = { 0 };

    if (image && file)
        return err_set(err, ERR_INVALID, "give either --for or --installed");
    if (file) {
        size_t len;
        AUTO_FREE char *text = file_read(file, LIST_MAX, &len, err);
        if (!text || image_packages_parse(text, len, file, ret, err) < 0)
            return -1;
        *ret_target = xstrdup(path_base(file));
        return 0;
    }
    if (!image)
        return 0;
    if (image_find(site, image, /* removed_too= */ false, &i, err) < 0
        || image_packages(site, &i, ret, NULL, err) < 0)
        return -1;
    *ret_target = xasprintf("image %s", i.name);
    return 0;
}

static void show_changes(const struct patch_fetched *f)
{
    AUTO_TABLE t = table_new("PACKAGE", "FROM", "TO", "SOURCE", NULL);
    AUTO_FREE char *kept = text_strings(f->kept_back, " ", "");
    size_t i;
    json_t *p;

    json_array_foreach(f->changes, i, p)
    {
        AUTO_FREE char *from = text_at(p, "from");
        table_add(&t, json_str_at(p, "name"), from, json_str_at(p, "to"), json_str_at(p, "source"),
                  NULL);
    }
    if (json_array_size(f->changes))
        table_print(&t, stdout);
    if (*kept)
        printf("kept back: %s\n", kept);
}

static void show_undo(const struct patch_fetched *f)
{
    size_t i;
    json_t *p;

    json_array_foreach(f->undo_missing, i, p)
    {
        AUTO_FREE char *version = text_at(p, "version");
        printf("undo: %s %s is not to be had, so only restoring the VM takes the patch back\n",
               json_str_at(p, "name"), version);
    }
}

static int show(struct cli *c, const struct site *site, const struct patch_fetched *f,
                struct err **err)
{
    AUTO_PATCH p = { 0 };

    if (f->patch && patch_by_id(site, f->patch, &p, err) < 0)
        return -1;
    AUTO_JSON *facts = json_pack("{s:o, s:b, s:O, s:O, s:O}", "patch",
                                 f->patch ? patch_json(&p) : json_null(), "new", f->is_new,
                                 "changes", f->changes, "kept_back", f->kept_back, "undo_missing",
                                 f->undo_missing);
    if (cli_json(c, facts))
        return STATUS_DONE;
    if (f->patch)
        printf("patch %s %s (%.12s): %s\n", p.name, p.version, p.digest,
               f->is_new ? "added" : "known already, nothing changed");
    else
        puts("nothing to fetch: no update is lacking");
    show_changes(f);
    show_undo(f);
    return STATUS_DONE;
}

static int fetch(struct cli *c, struct err **err)
{
    struct wire *w = cli_wire(c, err);
    AUTO_PROGRESS p = progress_new(c, err);
    const struct patch_source_progress progress = { .step = progress_step, .arg = p };
    AUTO_STRV packages = { 0 }, with = { 0 };
    AUTO_PACKAGE_LIST installed = { 0 };
    AUTO_PATCH_FETCHED fetched = { 0 };
    AUTO_FREE char *target = NULL;

    if (!w || !p || read_installed(c, wire_site(w), &installed, &target, err) < 0)
        return -1;
    for (int i = 1; i < c->arg_count; i++)
        strv_add(&packages, c->args[i]);
    cli_opts(c, "with", &with);
    const struct patch_fetch f = {
        .source = c->args[0],
        .with = &with,
        .packages = &packages,
        .installed = target ? &installed : NULL,
        .target = target,
        .security = cli_flag(c, "security"),
        .name = cli_opt(c, "name"),
        .progress = &progress,
    };
    if (patch_fetch(wire_site(w), &f, &fetched, err) < 0)
        return -1;
    progress_free(TAKE(p));
    return show(c, wire_site(w), &fetched, err);
}

static const struct option fetch_options[] = {
    { "for", "IMAGE", "the updates this image lacks, and what they depend on" },
    { "installed", "FILE", "the same of a list as 'dpkg-query -W' prints it" },
    { "security", NULL, "refuse a source that is no security archive" },
    { "with", "SOURCE", "may have what the updates depend on (again for more)" },
    { "name", "NAME", "of the patch (the source package, or SOURCE-updates)" },
    { 0 },
};

const struct cli_command patch_fetch_commands[] = {
    { "patch fetch", "SOURCE [NAME...]", 1, -1, "Make one patch of updates from a patch source",
      "With --for, apt's own solver computes what the updates depend on, from verified indexes;\n"
      "what cannot be installed together is refused with its reason. Without, the packages that\n"
      "are named are taken as they are. Every file is compared with its digest.",
      fetch_options, fetch },
    { 0 },
};
