/* What images and servers lack of that which a patch source has. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "core/emergency.h"
#include "core/image.h"
#include "core/image_packages.h"
#include "core/packages.h"
#include "core/patch_source.h"
#include "core/server.h"
#include "core/site.h"
#include "core/version.h"
#include "core/vulns.h"
#include "store/store.h"

struct news {
    const struct site *site;
    const struct patch_source *source;
    struct query *find; /* versions of one package */
};

static void news_release(struct news *n)
{
    query_free(n->find);
}

/* "libc6:amd64" is of one architecture; "openssl" of the guest's own or of all. */
static int find(struct news *n, const char *name, struct err **err)
{
    size_t len = strcspn(name, ":");
    AUTO_FREE char *plain = xstrndup(name, len);
    const char *arch = name[len] ? name + len + 1 : n->source->spec.arch;
    const struct arg *args = ARGS(A_INT(n->source->id), A_TEXT(plain), A_TEXT(arch));

    if (n->find)
        return query_again(n->find, args, err);
    n->find = store_query(n->site->store,
                          "SELECT version, origin FROM patch_source_package"
                          " WHERE source = ? AND name = ? AND (arch = ? OR arch = 'all')",
                          args, err);
    return n->find ? 0 : -1;
}

static int add_package(struct news *n, const struct package *p, json_t *list, struct err **err)
{
    AUTO_FREE char *best = xstrdup(p->version);
    AUTO_FREE char *origin = NULL;
    int rc;

    if (find(n, p->name, err) < 0)
        return -1;
    while ((rc = query_step(n->find, err)) > 0) {
        if (version_deb_compare(query_text(n->find, 0), best) <= 0)
            continue;
        free(best);
        free(origin);
        best = xstrdup(query_text(n->find, 0));
        origin = xstrdup(query_text(n->find, 1));
    }
    if (rc == 0 && origin)
        json_array_append_new(list, json_pack("{s:o, s:o, s:o, s:o}", "name", json_text(p->name),
                                              "from", json_text(p->version), "to", json_text(best),
                                              "source", json_text(origin)));
    return rc;
}

static int add_packages(struct news *n, const struct package_list *l, json_t *list,
                        struct err **err)
{
    for (size_t i = 0; i < l->len; i++) {
        if (add_package(n, &l->ptr[i], list, err) < 0)
            return -1;
    }
    return 0;
}

/* `why` NULL: `list` is what they lack. */
static json_t *entry(const struct image *i, const json_t *servers, json_t *list, const char *why)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "image", json_text(i ? i->name : NULL),
                     "digest", json_text(i ? i->digest : NULL), "servers",
                     names_of_servers(servers), "exposure", json_text(exposure_widest(servers)),
                     "packages", why ? json_null() : json_incref(list), "why", json_text(why));
}

static int add_image(struct news *n, const char *name, json_t *ret, struct err **err)
{
    AUTO_IMAGE image = { 0 };
    AUTO_PACKAGE_LIST installed = { 0 };
    AUTO_JSON *list = json_array();
    AUTO_ERR e = NULL;

    if (image_find(n->site, name, /* removed_too= */ false, &image, err) < 0)
        return -1;
    if (!str_eq(image.packages, "deb"))
        return 0;
    bool known = image_packages(n->site, &image, &installed, NULL, &e) == 0;
    if (!known && e->code != ERR_NOT_FOUND) {
        *err = TAKE(e);
        return -1;
    }
    AUTO_JSON *all = server_list_of_image(n->site, image.id, err);
    if (!all || (known && add_packages(n, &installed, list, err) < 0))
        return -1;
    AUTO_JSON *servers = servers_without_list(all);
    json_array_append_new(ret, entry(&image, servers, list, known ? NULL : e->msg));
    return 0;
}

/* What servers lack that told their packages themselves. */
static int add_told(struct news *n, const char *digest, const json_t *servers, json_t *ret,
                    struct err **err)
{
    AUTO_PACKAGE_LIST installed = { 0 };
    AUTO_JSON *list = json_array();

    if (package_list_get(n->site, digest, &installed, err) < 0)
        return err_wrap(err, "the packages of server '%s'",
                        json_str_at(json_array_get(servers, 0), "name"));
    AUTO_FREE char *release = release_of(&installed);
    if (release && version_order_of(release) != version_deb_compare)
        return 0;
    if (add_packages(n, &installed, list, err) < 0)
        return -1;
    json_array_append_new(ret, entry(NULL, servers, list, NULL));
    return 0;
}

json_t *patch_source_news(const struct site *site, const struct patch_source *s, struct err **err)
{
    __attribute__((cleanup(news_release))) struct news n = { .site = site, .source = s };
    AUTO_JSON *list = json_array();
    AUTO_JSON *told = server_lists(site, err);
    const char *digest;
    json_t *servers;
    AUTO_QUERY q = !told ? NULL
                         : store_query(site->store,
                                       "SELECT DISTINCT name FROM image WHERE removed IS NULL"
                                       " ORDER BY name",
                                       NO_ARGS, err);
    int rc = q ? query_step(q, err) : -1;

    for (; rc > 0; rc = query_step(q, err)) {
        if (add_image(&n, query_text(q, 0), list, err) < 0)
            return NULL;
    }
    json_object_foreach(told, digest, servers)
    {
        if (rc == 0)
            rc = add_told(&n, digest, servers, list, err);
    }
    return rc < 0 ? NULL : json_incref(list);
}
