/* From a list of packages to what is known to be wrong with them. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "core/version.h"
#include "core/vulns_set.h"
#include "ports/feed.h"
#include "ports/pkgmgr.h"

struct match {
    const struct vulns *v;
    const char *release;
    version_order *order;
    struct finding_list *ret;
};

/* One version of a package, and what is installed of it. */
struct subject {
    const char *name, *version;
    enum feed_names names;
    const char *binary;
};

static const struct vuln_group *find_group(const struct match *m, const char *package)
{
    size_t low = 0, high = m->v->group_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct vuln_group *g = &m->v->groups[middle];
        int order = strcmp(text_pool_get(&m->v->texts, g->ecosystem), m->release);

        if (order == 0)
            order = strcmp(text_pool_get(&m->v->texts, g->package), package);
        if (order == 0)
            return g;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* Is it one of these words?  `ret_newer`: the least of them that is newer, an offset in `spared`
 * and its length; unchanged when there is none. */
static bool is_spared(const struct match *m, const char *spared, const char *version,
                      char **ret_newer)
{
    AUTO_FREE char *words = xstrdup(spared);
    char *save = NULL;

    for (char *w = strtok_r(words, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
        int order = m->order(w, version);
        if (order == 0)
            return true;
        if (order > 0 && (!*ret_newer || m->order(w, *ret_newer) < 0)) {
            free(*ret_newer);
            *ret_newer = xstrdup(w);
        }
    }
    return false;
}

/* `ret_fixed` (the caller frees): the version that ends it, NULL when none is known. */
static bool is_affected(const struct match *m, const struct vuln_row *row, const char *version,
                        char **ret_fixed)
{
    const struct text_pool *t = &m->v->texts;
    const char *introduced = text_pool_get(t, row->introduced);
    const char *fixed = text_pool_get(t, row->fixed), *last = text_pool_get(t, row->last);
    const char *spared = text_pool_get(t, row->spared);
    AUTO_FREE char *newer = NULL;

    if ((fixed && m->order(version, fixed) >= 0)
        || (introduced && m->order(version, introduced) < 0)
        || (last && m->order(version, last) > 0))
        return false;
    if (spared && is_spared(m, spared, version, &newer))
        return false;
    *ret_fixed = newer ? TAKE(newer) : xstrdup(fixed);
    return true;
}

static void add(const struct match *m, const struct vuln_row *row, const struct subject *s,
                const char *fixed)
{
    const struct text_pool *t = &m->v->texts;
    struct finding f = {
        .id = (char *)text_pool_get(t, row->id),
        .package = (char *)s->name,
        .installed = (char *)s->version,
        .fixed_in = (char *)fixed,
        .binaries = (char *)s->binary,
        .advisory = (char *)text_pool_get(t, row->advisory),
        .source = (char *)text_pool_get(t, row->feed),
        .severity = (enum severity)row->severity,
    };

    finding_list_add(m->ret, &f);
}

static void match_subject(const struct match *m, const struct subject *s)
{
    const struct vuln_group *g = find_group(m, s->name);

    for (size_t i = 0; g && i < g->count; i++) {
        const struct vuln_row *row = &m->v->rows[g->first + i];
        AUTO_FREE char *fixed = NULL;

        if ((row->names == s->names || row->names == FEED_NAMES_EITHER)
            && is_affected(m, row, s->version, &fixed))
            add(m, row, s, fixed);
    }
}

static void match_package(const struct match *m, const struct package *p)
{
    /* Without the architecture, and without what the list says of its state: "1.2 (unpacked)". */
    AUTO_FREE char *name = xstrndup(p->name, strcspn(p->name, ":"));
    AUTO_FREE char *version = xstrndup(p->version, strcspn(p->version, " "));
    struct subject source = { p->source, p->source_version, FEED_NAMES_SOURCE, name };
    struct subject binary = { name, version, FEED_NAMES_BINARY, name };

    match_subject(m, &source);
    match_subject(m, &binary);
}

void vulns_match(const struct vulns *v, const struct package_list *packages, const char *release,
                 struct finding_list *ret)
{
    struct match m = { v, release, version_order_of(release), ret };

    *ret = (struct finding_list){ 0 };
    if (!m.order)
        return;
    for (size_t i = 0; i < packages->len; i++)
        match_package(&m, &packages->ptr[i]);
    finding_list_merge(ret, m.order);
}

/* Who tells the release by its version; the first row that fits counts. */
static const struct {
    const char *package, *version; /* a prefix, or "" */
    const char *release;           /* with %s: the version's digits before the first '.' or end */
} carriers[] = {
    { "base-files", "11ubuntu", "Ubuntu:20.04:LTS" },
    { "base-files", "12ubuntu", "Ubuntu:22.04:LTS" },
    { "base-files", "13ubuntu10", "Ubuntu:24.04:LTS" },
    { "base-files", "", "Debian:%s" },
    { "rocky-release", "", "Rocky Linux:%s" },
    { "almalinux-release", "", "AlmaLinux:%s" },
};

static char *release_by(const char *format, const char *version)
{
    size_t digits = strspn(version, "0123456789");

    if (!strchr(format, '%'))
        return xstrdup(format);
    /* "12.4+deb12u11"; anything else is another distribution's. */
    if (digits == 0 || (version[digits] && !strchr(".-+~", version[digits])))
        return NULL;
    return xasprintf("%.*s%.*s", (int)strcspn(format, "%"), format, (int)digits, version);
}

char *release_of(const struct package_list *packages)
{
    for (size_t i = 0; i < packages->len; i++) {
        const struct package *p = &packages->ptr[i];
        size_t len = strcspn(p->name, ":");

        for (size_t k = 0; k < ARRAY_LEN(carriers); k++) {
            if (strlen(carriers[k].package) == len && str_starts(p->name, carriers[k].package)
                && str_starts(p->version, carriers[k].version))
                return release_by(carriers[k].release, p->version);
        }
    }
    return NULL;
}
