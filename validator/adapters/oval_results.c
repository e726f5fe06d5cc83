/* oval_results - see oval_results.h.  The definitions stand in the document before the results. */
#include "adapters/oval_results.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/feed_text.h"
#include "adapters/oval_source.h"
#include "adapters/xml_walk.h"
#include "base/err.h"
#include "base/mem.h"
#include "ports/pkgmgr.h"

#define RESULTS_SPACE "http://oval.mitre.org/XMLSchema/oval-results-5"

enum { ROOT = 1, PART = 2, DEFINITION = 5, FINDINGS_MAX = 1000000, TESTS_MAX = 100000 };
static const struct xml_limits limits = { .bytes = OVAL_RESULTS_MAX,
                                          .depth = 100,
                                          .elements = 50000000 };

struct results {
    const struct oval_reading *in;
    struct oval_source source;
    struct finding_list *ret;
    enum { BETWEEN, IN_SOURCE, IN_RESULTS } where;
    bool seen_source, seen_results, in_definition;
    char *definition, *result; /* that is being read */
    struct strv tests;         /* of it, those that are true */
};

static void results_release(struct results *r)
{
    oval_source_release(&r->source);
    free(r->definition);
    free(r->result);
    strv_release(&r->tests);
}

/* --- a finding ------------------------------------------------------------------------------ */

static int by_name(const void *key, const void *item)
{
    return strcmp(key, ((const struct package *)item)->name);
}

static int by_beginning(const void *key, const void *item)
{
    return strncmp(key, ((const struct package *)item)->name, strlen(key));
}

/* "NAME", else "NAME:ARCH".  Two searches, because the list is sorted by all of that: there
 * "libc6-dev:amd64" stands before "libc6:amd64". */
static const struct package *find_package(const struct package_list *l, const char *name)
{
    AUTO_FREE char *prefix = xasprintf("%s:", name);
    const struct package *p = NULL;

    if (l->len > 0)
        p = bsearch(name, l->ptr, l->len, sizeof(*l->ptr), by_name);
    if (!p && l->len > 0)
        p = bsearch(prefix, l->ptr, l->len, sizeof(*l->ptr), by_beginning);
    return p;
}

static void add(struct results *r, const struct oval_definition *d, const char *id,
                const char *package, const char *fixed)
{
    const struct package *p = find_package(r->in->packages, package);
    AUTO_FREE char *installed = p ? xstrndup(p->source_version, strcspn(p->source_version, " "))
                                  : xstrdup("");
    struct finding f = {
        .id = (char *)(uintptr_t)id,
        .package = p ? p->source : (char *)(uintptr_t)package,
        .installed = installed,
        .fixed_in = (char *)(uintptr_t)fixed,
        .binaries = (char *)(uintptr_t)package,
        .advisory = d->id,
        .source = (char *)(uintptr_t)r->in->source,
        .severity = d->severity,
    };

    finding_list_add(r->ret, &f);
}

static void add_all(struct results *r, const struct oval_definition *d, const char *package,
                    const char *fixed)
{
    for (size_t i = 0; i < d->cves.len; i++)
        add(r, d, d->cves.ptr[i], package, fixed);
    if (d->cves.len == 0)
        add(r, d, d->id, package, fixed);
}

static void take_true(struct results *r, const struct oval_definition *d)
{
    bool any = false;

    for (size_t i = 0; i < r->tests.len; i++) {
        const char *package, *fixed;

        oval_source_test(&r->source, r->tests.ptr[i], &package, &fixed);
        if (!package)
            continue;
        add_all(r, d, package, fixed);
        any = true;
    }
    if (!any)
        add_all(r, d, d->product ? d->product : "unknown", NULL);
}

static int take_definition(struct results *r, struct err **err)
{
    const struct oval_definition *d = oval_source_definition(&r->source, r->definition);

    if (!d)
        return err_set(err, ERR_INVALID, "the result of '%s' is there, but not its definition",
                       r->definition);
    if (!d->counts || str_eq(r->result, "false") || str_eq(r->result, "not applicable"))
        return 0;
    if (!str_eq(r->result, "true"))
        return err_set(err, ERR_IO, "definition '%s' could not be evaluated: '%s'", d->id,
                       r->result);
    if (r->ret->len >= FINDINGS_MAX)
        return err_set(err, ERR_INVALID, "it has more than %d findings", FINDINGS_MAX);
    take_true(r, d);
    return 0;
}

/* --- the document --------------------------------------------------------------------------- */

static int open_part(struct results *r, const struct xml_element *e, struct err **err)
{
    bool source = str_eq(e->name, "oval_definitions") && str_eq(e->space, OVAL_DEFINITIONS_SPACE);
    bool results = str_eq(e->name, "results") && str_eq(e->space, RESULTS_SPACE);

    if ((source && (r->seen_source || r->seen_results)) || (results && r->seen_results))
        return err_set(err, ERR_INVALID, "line %zu: '%s' is not expected here", e->line, e->name);
    r->where = source ? IN_SOURCE : results ? IN_RESULTS : BETWEEN;
    r->seen_source |= source;
    r->seen_results |= results;
    if (results)
        oval_source_sort(&r->source);
    return 0;
}

static int open_definition(struct results *r, const struct xml_element *e, struct err **err)
{
    const char *id = xml_attr(e, "definition_id"), *result = xml_attr(e, "result");

    if (!id || !result || !feed_text_is_valid(id) || !feed_text_is_valid(result))
        return err_set(err, ERR_INVALID, "line %zu: a definition without id or result", e->line);
    r->in_definition = true;
    free(r->definition);
    free(r->result);
    r->definition = xstrdup(id);
    r->result = xstrdup(result);
    strv_release(&r->tests);
    return 0;
}

static int open_criterion(struct results *r, const struct xml_element *e, struct err **err)
{
    const char *test = xml_attr(e, "test_ref");

    if (!str_eq(e->name, "criterion") || !str_eq(xml_attr(e, "result"), "true") || !test)
        return 0;
    if (r->tests.len >= TESTS_MAX)
        return err_set(err, ERR_INVALID, "line %zu: a definition has too many tests", e->line);
    strv_add(&r->tests, test);
    return 0;
}

static int on_open(void *arg, const struct xml_element *e, struct err **err)
{
    struct results *r = arg;

    if (e->depth == ROOT)
        return str_eq(e->name, "oval_results") && str_eq(e->space, RESULTS_SPACE)
                   ? 0
                   : err_set(err, ERR_INVALID, "it is no OVAL results document");
    if (e->depth == PART)
        return open_part(r, e, err);
    if (r->where == IN_SOURCE)
        return oval_source_open(&r->source, e, PART, err);
    if (r->where != IN_RESULTS)
        return 0;
    if (e->depth == DEFINITION && str_eq(e->name, "definition") && str_eq(e->space, RESULTS_SPACE))
        return open_definition(r, e, err);
    return r->in_definition ? open_criterion(r, e, err) : 0;
}

static int on_text(void *arg, const char *text, size_t len, struct err **err)
{
    struct results *r = arg;

    return r->where == IN_SOURCE ? oval_source_text(&r->source, text, len, err) : 0;
}

static int on_close(void *arg, const struct xml_element *e, struct err **err)
{
    struct results *r = arg;

    if (e->depth > PART && r->where == IN_SOURCE)
        return oval_source_close(&r->source, e, PART, err);
    if (e->depth != DEFINITION || !r->in_definition)
        return 0;
    r->in_definition = false;
    return take_definition(r, err);
}

int oval_results_parse(const char *text, size_t len, const struct oval_reading *in,
                       struct finding_list *ret, struct err **err)
{
    __attribute__((cleanup(results_release))) struct results r = { .in = in, .ret = ret };
    const struct xml_sink sink = { on_open, on_text, on_close };

    if (xml_walk(text, len, "OVAL results", &limits, &sink, &r, in->stop, err) < 0)
        return -1;
    if (!r.seen_source || !r.seen_results)
        return err_set(err, ERR_INVALID, "OVAL results: the %s are missing",
                       r.seen_source ? "results" : "definitions");
    return 0;
}
