/* image: sealed disks that stand for servers. */
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/unit.h"
#include "core/category.h"
#include "core/emergency.h"
#include "core/image.h"
#include "core/image_warm.h"
#include "core/server.h"
#include "front/commands.h"
#include "front/progress.h"
#include "front/status.h"
#include "front/table.h"
#include "front/text.h"
#include "front/wire.h"

enum { VCPUS_MAX = 64 };

/* What a new image is, as 'image build' and 'image import' end. */
static int tell_new(struct cli *c, const struct site *site, const char *digest, const char *how,
                    struct err **err)
{
    AUTO_IMAGE i = { 0 };

    if (image_find(site, digest, /* removed_too= */ false, &i, err) < 0)
        return -1;
    AUTO_JSON *facts = image_json(&i);
    if (!cli_json(c, facts))
        printf("image %s (%.12s): %s\n", i.name, i.digest, how);
    return STATUS_DONE;
}

static int build(struct cli *c, struct err **err)
{
    struct wire *w = cli_wire(c, err);
    AUTO_PROGRESS p = progress_new(c, err);
    struct image_progress progress = { .step = progress_step, .arg = p };
    char digest[DIGEST_HEX_SIZE];
    bool cached;

    if (!w || !p
        || image_build(wire_site(w), c->args[0], cli_flag(c, "fresh"), &progress, digest, &cached,
                       err)
               < 0)
        return -1;
    progress_free(TAKE(p));
    return tell_new(c, wire_site(w), digest,
                    cached ? "taken from the cache, the recipe is the same" : "built", err);
}

static int size_option(const struct cli *c, const char *option, int64_t *ret, struct err **err)
{
    const char *text = cli_opt(c, option);

    if (text && unit_parse_size(text, ret, err) < 0)
        return err_wrap(err, "option '--%s'", option);
    return 0;
}

static void text_option(const struct cli *c, const char *option, char **target)
{
    if (!cli_opt(c, option))
        return;
    free(*target);
    *target = xstrdup(cli_opt(c, option));
}

/* --spec is read first; the other options say it otherwise. */
static int import_spec(const struct cli *c, struct image_spec *s, struct err **err)
{
    int category = -1;

    if (cli_opt(c, "spec") && image_spec_read(cli_opt(c, "spec"), s, err) < 0)
        return -1;
    text_option(c, "name", &s->name);
    text_option(c, "description", &s->description);
    text_option(c, "packages", &s->packages);
    cli_opts(c, "server", &s->servers);
    if (cli_opt_name(c, "firmware", firmware_names, &s->firmware, err) < 0
        || cli_opt_name(c, "category", category_names, &category, err) < 0
        || size_option(c, "memory", &s->memory, err) < 0
        || cli_opt_int(c, "vcpus", s->vcpus, 1, VCPUS_MAX, &s->vcpus, err) < 0)
        return -1;
    if (category >= 0)
        text_option(c, "category", &s->category);
    if (!s->name)
        return err_set(err, ERR_INVALID, "the image needs a name: give --name or --spec");
    return 0;
}

static int import(struct cli *c, struct err **err)
{
    struct wire *w = cli_wire(c, err);
    AUTO_PROGRESS p = progress_new(c, err);
    struct image_progress progress = { .step = progress_step, .arg = p };
    AUTO_IMAGE_SPEC spec;
    char digest[DIGEST_HEX_SIZE];

    image_spec_init(&spec);
    if (!w || !p || import_spec(c, &spec, err) < 0
        || image_import(wire_site(w), c->args[0], cli_opt(c, "format"), &spec, &progress, digest,
                        err)
               < 0)
        return -1;
    progress_free(TAKE(p));
    return tell_new(c, wire_site(w), digest, "imported", err);
}

static int list(struct cli *c, struct err **err)
{
    struct wire *w = cli_wire(c, err);
    AUTO_JSON *images = w ? image_list(wire_site(w), err) : NULL;

    if (!images)
        return -1;
    if (cli_json(c, images))
        return STATUS_DONE;
    AUTO_TABLE t = table_new("IMAGE", "DIGEST", "CATEGORY", "SERVERS", "SIZE", "CREATED", "STATE",
                             NULL);
    size_t i;
    json_t *j;
    json_array_foreach(images, i, j)
    {
        const json_t *represents = json_object_get(j, "represents");
        AUTO_FREE char *name = text_at(j, "name"), *category = text_at(represents, "category");
        AUTO_FREE char *digest = text_digest(json_str_at(j, "digest"));
        AUTO_FREE char *servers = text_strings(json_object_get(j, "servers"), ",", "-");
        AUTO_FREE char *size = unit_size(json_int_at(j, "virtual_size"));
        AUTO_FREE char *when = text_time(json_int_at(j, "created"));
        bool removed = json_is_true(json_object_get(j, "removed"));
        table_add(&t, name, digest, category, servers, size, when, removed ? "removed" : "here",
                  NULL);
    }
    table_print(&t, stdout);
    return STATUS_DONE;
}

/* "warm" of the facts: an object, or null for a cold image. */
static int add_warm(struct wire *w, const struct image *i, json_t *facts, struct err **err)
{
    AUTO_WARM_FACTS f = { 0 };
    AUTO_ERR e = NULL;
    struct lab *lab = i->warm ? wire_lab(w, err) : NULL;

    if (i->warm && !lab)
        return -1;
    bool warm = lab && image_warm_facts(lab, i, &f, &e) == 0;
    json_object_set_new(facts, "warm", warm ? image_warm_json(&f) : json_null());
    return 0;
}

static void show_warm(const json_t *warm)
{
    if (!json_is_object(warm)) {
        puts("warm:        no; 'patchlab image warm' makes clones start in a second");
        return;
    }
    AUTO_FREE char *when = text_time(json_int_at(warm, "made")), *host = text_at(warm, "host");
    AUTO_FREE char *versions = text_at(warm, "versions"), *machine = text_at(warm, "machine");
    AUTO_FREE char *memory = unit_size(json_int_at(warm, "memory_size"));
    AUTO_FREE char *disk = unit_size(json_int_at(warm, "disk_size"));
    AUTO_FREE char *accel = text_at(warm, "accel"), *why = text_at(warm, "why_not");
    bool usable = json_is_true(json_object_get(warm, "usable"));

    printf("warm:        made %s on %s with %s, %s, %s\n"
           "             memory %s, disk %s\n"
           "             %s%s\n",
           when, host, versions, machine, accel, memory, disk,
           usable ? "usable here" : "of no use here: ", usable ? "" : why);
}

static int warm(struct cli *c, struct err **err)
{
    struct wire *w = cli_wire(c, err);
    AUTO_PROGRESS p = progress_new(c, err);
    struct image_progress progress = { .step = progress_step, .arg = p };
    AUTO_IMAGE i = { 0 }, made = { 0 };

    if (!w || !p || image_find(wire_site(w), c->args[0], /* removed_too= */ false, &i, err) < 0)
        return -1;
    struct lab *lab = wire_lab(w, err);
    if (!lab || image_warm(wire_site(w), lab, &i, &progress, err) < 0
        || image_by_id(wire_site(w), i.id, &made, err) < 0)
        return -1;
    progress_free(TAKE(p));
    AUTO_JSON *facts = image_json(&made);
    if (add_warm(w, &made, facts, err) < 0)
        return -1;
    if (!cli_json(c, facts)) {
        printf("image %s (%.12s) is warm\n", made.name, made.digest);
        show_warm(json_object_get(facts, "warm"));
    }
    return STATUS_DONE;
}

static int show(struct cli *c, struct err **err)
{
    struct wire *w = cli_wire(c, err);
    AUTO_IMAGE i = { 0 };

    if (!w || image_find(wire_site(w), c->args[0], /* removed_too= */ true, &i, err) < 0)
        return -1;
    AUTO_JSON *facts = image_json(&i);
    AUTO_JSON *all = server_list_of_image(wire_site(w), i.id, err);
    if (!all || add_warm(w, &i, facts, err) < 0)
        return -1;
    json_object_set_new(facts, "servers", names_of_servers(all));
    if (cli_json(c, facts))
        return STATUS_DONE;
    const json_t *represents = json_object_get(facts, "represents");
    AUTO_FREE char *description = text_at(facts, "description");
    AUTO_FREE char *category = text_at(represents, "category");
    AUTO_FREE char *servers = text_strings(json_object_get(facts, "servers"), ", ", "-");
    AUTO_FREE char *virtual = unit_size(json_int_at(facts, "virtual_size"));
    AUTO_FREE char *memory = unit_size(i.memory), *when = text_time(i.created);
    AUTO_FREE char *ready = strv_join(&i.ready.argv, " ");
    AUTO_FREE char *origin = json_canonical(json_object_get(facts, "origin"));
    printf("image:       %s\ndescription: %s\nstands for:  %s: %s\ndigest:      %s\n"
           "disk:        %s%s\nsize:        %s\nguest:       %s, %s, %d CPU, packages: %s\n"
           "ready:       %s\ncreated:     %s\norigin:      %s\n",
           i.name, description, category, servers, i.digest, i.disk, i.removed ? " (removed)" : "",
           virtual, firmware_names[i.firmware], memory, i.vcpus, i.packages ? i.packages : "-",
           ready && *ready ? ready : "the agent answers", when, origin);
    show_warm(json_object_get(facts, "warm"));
    return STATUS_DONE;
}

static int rm(struct cli *c, struct err **err)
{
    struct wire *w = cli_wire(c, err);
    AUTO_IMAGE i = { 0 };

    if (!w || image_find(wire_site(w), c->args[0], /* removed_too= */ false, &i, err) < 0
        || image_remove(wire_site(w), &i, err) < 0)
        return -1;
    AUTO_JSON *facts = json_pack("{s:s, s:s, s:b}", "name", i.name, "digest", i.digest, "removed",
                                 true);
    if (!cli_json(c, facts))
        printf("image %s (%.12s): disk removed\n", i.name, i.digest);
    return STATUS_DONE;
}

static const struct option build_options[] = {
    { "fresh", NULL, "build even when the cache has a disk of the same recipe" },
    { 0 },
};
static const struct option import_options[] = {
    { "name", "NAME", "its name; needed without --spec" },
    { "spec", "FILE", "an image.yaml that describes it" },
    { "format", "FORMAT", "qcow2, raw or vmdk (found out)" },
    { "firmware", "KIND", "bios or uefi (bios)" },
    { "memory", "SIZE", "of a clone (512MiB)" },
    { "vcpus", "N", "of a clone (1)" },
    { "packages", "KIND", "package manager of the guest: deb or rpm" },
    { "category", "NAME", "of the servers: core, web, ...; else --spec or the inventory says it" },
    { "server", "NAME", "a server it stands for (again for more)" },
    { "description", "TEXT", "one line" },
    { 0 },
};

const struct cli_command image_commands[] = {
    { "image build", "DIR", 1, 1, "Build an image from a recipe and seal it",
      "DIR holds image.yaml and the build command it names; see images/README.md. A disk of the\n"
      "same recipe is built once and then taken from the cache.",
      build_options, build },
    { "image import", "FILE", 1, 1, "Seal a disk that boots by itself and has the guest agent",
      NULL, import_options, import },
    { "image warm", "IMAGE", 1, 1, "Save an image with its memory: clones start in a second",
      "Boots the image once, waits for its ready command and until it is at rest. Validating uses\n"
      "a warm image by itself; one that does not fit this machine any more is not used, and the\n"
      "reason is told: then warm it again.",
      NULL, warm },
    { "image list", "", 0, 0, "List the images", NULL, NULL, list },
    { "image show", "IMAGE", 1, 1, "Show an image: NAME (the newest) or the head of its digest",
      NULL, NULL, show },
    { "image rm", "IMAGE", 1, 1, "Remove the disk of an image; its record stays", NULL, NULL, rm },
    { 0 },
};
