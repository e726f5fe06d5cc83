/* patch source: the repositories that patches come from. */
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/unit.h"
#include "core/patch_source.h"
#include "front/commands.h"
#include "front/progress.h"
#include "front/status.h"
#include "front/table.h"
#include "front/text.h"
#include "front/wire.h"

static int add_spec(const struct cli *c, struct patch_source_spec *s, struct err **err)
{
    const char *uri, *suite;

    if (cli_opt_need(c, "uri", &uri, err) < 0 || cli_opt_need(c, "suite", &suite, err) < 0
        || cli_opt_duration(c, "future", PATCH_SOURCE_FUTURE_MS, &s->future_ms, err) < 0)
        return -1;
    s->name = xstrdup(c->args[0]);
    s->uri = xstrdup(uri);
    s->suite = xstrdup(suite);
    s->arch = xstrdup(cli_opt(c, "arch") ? cli_opt(c, "arch") : "amd64");
    s->ignore_valid_until = cli_flag(c, "ignore-valid-until");
    cli_opts(c, "component", &s->components);
    cli_opts(c, "fingerprint", &s->fingerprints);
    if (s->components.len == 0)
        strv_add(&s->components, "main");
    return 0;
}

static int add(struct cli *c, struct err **err)
{
    struct wire *w = cli_wire(c, err);
    AUTO_PATCH_SOURCE_SPEC spec = { 0 };
    AUTO_PATCH_SOURCE s = { 0 };
    const char *keyring;

    if (!w || add_spec(c, &spec, err) < 0 || cli_opt_need(c, "keyring", &keyring, err) < 0
        || patch_source_add(wire_site(w), &spec, keyring, err) < 0
        || patch_source_find(wire_site(w), spec.name, &s, err) < 0)
        return -1;
    AUTO_JSON *facts = patch_source_json(&s);
    if (!cli_json(c, facts))
        printf("patch source %s added: 'patchlab patch source poll %s' asks what it has\n",
               s.spec.name, s.spec.name);
    return STATUS_DONE;
}

static int list(struct cli *c, struct err **err)
{
    struct wire *w = cli_wire(c, err);
    AUTO_JSON *sources = w ? patch_source_list(wire_site(w), err) : NULL;

    if (!sources)
        return -1;
    if (cli_json(c, sources))
        return STATUS_DONE;
    AUTO_TABLE t = table_new("SOURCE", "SUITE", "COMPONENTS", "ARCH", "RELEASE OF", "POLLED",
                             "PACKAGES", "URI", NULL);
    size_t i;
    json_t *s;
    json_array_foreach(sources, i, s)
    {
        const json_t *release = json_object_get(s, "release");
        AUTO_FREE char *components = text_strings(json_object_get(s, "components"), " ", "-");
        AUTO_FREE char *date = text_time(json_int_at(release, "date"));
        AUTO_FREE char *polled = text_time(json_int_at(s, "polled"));
        AUTO_FREE char *packages = xasprintf("%lld", (long long)json_int_at(release, "packages"));
        table_add(&t, json_str_at(s, "name"), json_str_at(s, "suite"), components,
                  json_str_at(s, "arch"), date, polled, packages, json_str_at(s, "uri"), NULL);
    }
    table_print(&t, stdout);
    return STATUS_DONE;
}

static int rm(struct cli *c, struct err **err)
{
    struct wire *w = cli_wire(c, err);
    AUTO_PATCH_SOURCE s = { 0 };

    if (!w || patch_source_find(wire_site(w), c->args[0], &s, err) < 0
        || patch_source_remove(wire_site(w), &s, err) < 0)
        return -1;
    AUTO_JSON *facts = json_pack("{s:s, s:b}", "name", s.spec.name, "removed", true);
    if (!cli_json(c, facts))
        printf("patch source %s removed; patches that came from it stay\n", s.spec.name);
    return STATUS_DONE;
}

/* --- poll ----------------------------------------------------------------------------------- */

/* "image web (web-01, web-02; internet)", "servers web-03" */
static char *whose(const json_t *entry)
{
    bool told = json_is_null(json_object_get(entry, "image"));
    AUTO_FREE char *name = text_at(entry, "image"), *exposure = text_at(entry, "exposure");
    AUTO_FREE char *servers = text_strings(json_object_get(entry, "servers"), ", ", "no server");
    bool known = json_is_string(json_object_get(entry, "exposure"));

    return xasprintf("%s %s%s%s%s%s%s", told ? "servers" : "image", told ? "" : name,
                     told ? "(" : " (", servers, known ? "; " : "", known ? exposure : "", ")");
}

static void show_image(const json_t *image)
{
    const json_t *packages = json_object_get(image, "packages");
    AUTO_FREE char *who = whose(image), *why = text_at(image, "why");

    if (!json_is_array(packages)) {
        printf("%s: %s\n", who, why);
        return;
    }
    size_t n = json_array_size(packages), i;
    bool several = json_is_null(json_object_get(image, "image"));
    printf("%s lack%s %zu update%s%s\n", who, several ? "" : "s", n, n == 1 ? "" : "s",
           n ? ":" : "");
    if (n == 0)
        return;
    AUTO_TABLE t = table_new("  PACKAGE", "FROM", "TO", "SOURCE", NULL);
    json_t *p;
    json_array_foreach(packages, i, p)
    {
        AUTO_FREE char *shown = xasprintf("  %s", json_str_at(p, "name"));
        table_add(&t, shown, json_str_at(p, "from"), json_str_at(p, "to"), json_str_at(p, "source"),
                  NULL);
    }
    table_print(&t, stdout);
}

static void show_poll(const json_t *facts)
{
    const json_t *release = json_object_get(facts, "release"),
                 *news = json_object_get(facts, "news");
    AUTO_FREE char *date = text_time(json_int_at(release, "date"));
    AUTO_FREE char *signers = text_strings(json_object_get(release, "signers"), " ", "-");
    size_t i;
    json_t *image;

    printf("%s: %s; release of %s, %lld packages, signed by %s\n", json_str_at(facts, "name"),
           json_is_true(json_object_get(facts, "changed")) ? "new release" : "nothing new", date,
           (long long)json_int_at(release, "packages"), signers);
    json_array_foreach(news, i, image) show_image(image);
}

static json_t *poll_one(struct cli *c, const struct site *site, const char *name, struct err **err)
{
    AUTO_PROGRESS p = progress_new(c, err);
    const struct patch_source_progress progress = { .step = progress_step, .arg = p };
    AUTO_PATCH_SOURCE s = { 0 };
    bool changed;

    if (!p || patch_source_poll(site, name, &progress, &changed, err) < 0
        || patch_source_find(site, name, &s, err) < 0)
        return NULL;
    json_t *news = patch_source_news(site, &s, err);
    if (!news)
        return NULL;
    json_t *facts = patch_source_json(&s);
    json_object_set_new(facts, "changed", json_boolean(changed));
    json_object_set_new(facts, "news", news);
    return facts;
}

/* Without a name all of them; one that fails does not keep the others back. */
static int poll_names(struct cli *c, const struct site *site, struct strv *ret, struct err **err)
{
    for (int i = 0; i < c->arg_count; i++)
        strv_add(ret, c->args[i]);
    if (ret->len)
        return 0;
    AUTO_JSON *sources = patch_source_list(site, err);
    size_t i;
    json_t *s;
    if (!sources)
        return -1;
    json_array_foreach(sources, i, s) strv_add(ret, json_str_at(s, "name"));
    if (ret->len)
        return 0;
    err_set(err, ERR_NOT_FOUND, "there is no patch source");
    return err_hint(err, "'patchlab patch source add --help' says how to add one");
}

static int poll(struct cli *c, struct err **err)
{
    struct wire *w = cli_wire(c, err);
    AUTO_STRV names = { 0 };
    AUTO_JSON *all = json_array();
    AUTO_ERR first = NULL;

    if (!w || poll_names(c, wire_site(w), &names, err) < 0)
        return -1;
    for (size_t i = 0; i < names.len; i++) {
        AUTO_ERR e = NULL;
        AUTO_JSON *facts = poll_one(c, wire_site(w), names.ptr[i], &e);
        if (facts && !cli_flag(c, "json"))
            show_poll(facts);
        if (facts)
            json_array_append(all, facts);
        else if (!first)
            first = TAKE(e);
        else
            fprintf(stderr, "patchlab: %s\n", e->msg);
    }
    if (first) {
        *err = TAKE(first);
        return -1;
    }
    cli_json(c, all);
    return STATUS_DONE;
}

static const struct option add_options[] = {
    { "uri", "URI", "address of the repository: http://, https:// or file:///" },
    { "suite", "SUITE", "below dists/: bookworm-security" },
    { "component", "NAME", "main (again for more)" },
    { "arch", "ARCH", "architecture of the guests (amd64)" },
    { "keyring", "FILE", "binary OpenPGP keyring that the release must be signed with" },
    { "fingerprint", "HEX", "accept this primary key of the keyring only (again for more)" },
    { "future", "TIME", "how far ahead of this clock a release may be dated (10s)" },
    { "ignore-valid-until", NULL, "take an expired release, too: for a mirror frozen on purpose" },
    { 0 },
};

const struct cli_command patch_source_commands[] = {
    { "patch source add", "NAME", 1, 1, "Add an APT repository that patches come from",
      "The keyring is taken in as it is now. Credentials for the server belong in the netrc file\n"
      "(config.yaml, 'http'), never in the URI.",
      add_options, add },
    { "patch source list", "", 0, 0, "List the patch sources", NULL, NULL, list },
    { "patch source rm", "NAME", 1, 1, "Remove a patch source; patches from it stay", NULL, NULL,
      rm },
    { "patch source poll", "[NAME...]", 0, -1, "Ask what is new, and which image lacks it",
      "Signature, dates and digests are checked before anything is believed; after an error the\n"
      "source knows what it knew. A download that was cut off goes on where it ended.",
      NULL, poll },
    { 0 },
};
