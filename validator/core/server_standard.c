/* Build standards and who deviates; see server_standard.h. */
#include "core/server_standard.h"

#include <stdlib.h>
#include <string.h>

#include "base/decode.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/node.h"
#include "base/str.h"
#include "core/category.h"
#include "core/server.h"
#include "core/server_facts.h"
#include "core/site.h"
#include "core/version.h"
#include "core/vulns.h"

#define AT_LEAST ">= "

enum { TEXT_MAX = 512 };

struct standards {
    json_t *of; /* category -> group -> name -> wish */
};

void standards_free(struct standards *s)
{
    if (!s)
        return;
    json_decref(s->of);
    free(s);
}

json_t *standards_json(const struct standards *s)
{
    return json_incref(s->of);
}

/* --- reading --------------------------------------------------------------------------------- */

static bool is_wish(const char *text)
{
    return str_eq(text, "present") || str_eq(text, "absent")
           || (str_starts(text, AT_LEAST) && text[strlen(AT_LEAST)] > ' '
               && !strchr(text + strlen(AT_LEAST), ' '));
}

static int check_entry(const struct decoder *d, const struct node *n, const char *path,
                       const char *key, bool packages, struct err **err)
{
    if (n->kind != NODE_SCALAR)
        return decode_error(d, n, path, err, "expected a text");
    if (strlen(key) > TEXT_MAX || strlen(n->text) > TEXT_MAX)
        return decode_error(d, n, path, err, "it is longer than %d bytes", TEXT_MAX);
    if (packages && !is_wish(n->text))
        return decode_error(d, n, path, err,
                            "expected 'present', 'absent' or '>= VERSION', found '%s'", n->text);
    return 0;
}

static int take_group(const struct decoder *d, const struct node *n, const char *path, void *target,
                      struct err **err)
{
    const char *dot = strrchr(path, '.'), *name = dot ? dot + 1 : path;
    json_t *group = json_object();

    json_object_set_new(*(json_t **)target, name, group);
    if (n->kind != NODE_MAP)
        return decode_error(d, n, path, err, "expected names and what is wanted of each");
    for (size_t i = 0; i < n->len; i++) {
        AUTO_FREE char *at = xasprintf("%s.%s", path, n->keys[i]);

        if (check_entry(d, n->items[i], at, n->keys[i], str_eq(name, "packages"), err) < 0)
            return -1;
        json_object_set_new(group, n->keys[i], json_text(n->items[i]->text));
    }
    return 0;
}

static int take_category(const struct decoder *d, const struct node *n, const char *path,
                         void *target, struct err **err)
{
    static const struct field fields[] = {
        { "packages", FIELD_CUSTOM, 0, .decode = take_group },
        { "units", FIELD_CUSTOM, 0, .decode = take_group },
        { "sysctl", FIELD_CUSTOM, 0, .decode = take_group },
        { 0 },
    };
    json_t *standard = json_object();

    json_object_set_new(*(json_t **)target, path, standard);
    return decode_map(d, n, path, fields, &standard, err);
}

struct standards *standards_read(const char *path, struct err **err)
{
    enum { CATEGORIES_MAX = 16 };
    struct field fields[CATEGORIES_MAX] = { 0 };
    const struct decoder d = { .file = path };
    AUTO_NODE n = node_read(path, err);
    AUTO_STANDARDS s = xcalloc(1, sizeof(*s));

    s->of = json_object();
    for (size_t i = 0; category_names[i]; i++)
        fields[i] = (struct field){ category_names[i], FIELD_CUSTOM, .decode = take_category };
    if (!n || decode_map(&d, n, "", fields, &s->of, err) < 0)
        return NULL;
    return TAKE(s);
}

/* --- comparing ------------------------------------------------------------------------------- */

static bool is_named(const char *full, const char *name)
{
    size_t len = strlen(name);

    return strncmp(full, name, len) == 0
           && (full[len] == '\0' || (full[len] == ':' && !strchr(name, ':')));
}

static version_order *order_of(const struct package_list *l)
{
    AUTO_FREE char *release = release_of(l);
    version_order *order = release ? version_order_of(release) : NULL;

    return order ? order : version_deb_compare;
}

/* One that is not quite installed has its state behind the version: it is as good as absent. */
static bool is_whole(const char *version)
{
    return !strchr(version, ' ');
}

bool standard_holds(const struct package_list *l, const char *name, const char *wish,
                    char **ret_found)
{
    const char *least = str_starts(wish, AT_LEAST) ? wish + strlen(AT_LEAST) : NULL;
    bool absent = str_eq(wish, "absent"), holds = true;
    const struct package *found = NULL;

    for (size_t i = 0; i < l->len; i++) {
        const struct package *p = &l->ptr[i];
        if (!is_named(p->name, name))
            continue;
        bool good = !absent && is_whole(p->version)
                    && (!least || order_of(l)(p->version, least) >= 0);
        if (!found || (holds && !good))
            found = p;
        holds = holds && good;
    }
    *ret_found = xstrdup(found ? found->version : NULL);
    return found ? holds : absent;
}

/* Lists of packages by where they are from: thousands of servers share an image. */
struct list_cache {
    const struct site *site;
    json_t *index; /* image name or blob -> place in `ptr` */
    struct known_list {
        struct package_list list;
        char *from; /* or why there is none */
        bool known;
    } * ptr;
    size_t len;
};

static void list_cache_release(struct list_cache *c)
{
    for (size_t i = 0; i < c->len; i++) {
        package_list_release(&c->ptr[i].list);
        free(c->ptr[i].from);
    }
    free(c->ptr);
    json_decref(c->index);
}

static int load(struct list_cache *c, const struct server *s, const char *key, struct err **err)
{
    AUTO_ERR e = NULL;
    struct known_list k = { 0 };

    k.known = server_packages(c->site, s, &k.list, &k.from, &e) == 0;
    if (!k.known) {
        if (e->code != ERR_NOT_FOUND) {
            *err = TAKE(e);
            return -1;
        }
        k.from = xstrdup(e->msg);
    }
    c->ptr = xreallocarray(c->ptr, c->len + 1, sizeof(*c->ptr));
    c->ptr[c->len] = k;
    if (key)
        json_object_set_new(c->index, key, json_integer((json_int_t)c->len));
    c->len++;
    return 0;
}

static const struct known_list *list_of(struct list_cache *c, const struct server *s,
                                        struct err **err)
{
    const char *key = s->package_list ? s->package_list : s->value[SERVER_IMAGE];
    const json_t *place = key ? json_object_get(c->index, key) : NULL;

    if (place)
        return &c->ptr[json_integer_value(place)];
    return load(c, s, key, err) < 0 ? NULL : &c->ptr[c->len - 1];
}

struct judge {
    const struct standards *standards;
    struct list_cache lists;
    json_t *ret;
};

static void deviate(json_t *list, const char *group, const char *name, const char *wanted,
                    const char *found)
{
    AUTO_FREE char *fact = xasprintf("%s.%s", group, name);

    json_array_append_new(list, json_pack("{s:o, s:o, s:o}", "fact", json_text(fact), "wanted",
                                          json_text(wanted), "found", json_text(found)));
}

static void not_told(json_t *list, const char *group, const char *name)
{
    AUTO_FREE char *fact = xasprintf("%s.%s", group, name);

    json_array_append_new(list, json_text(fact));
}

static void judge_packages(const json_t *wishes, const struct known_list *k, json_t *deviations,
                           json_t *unknown)
{
    const char *name;
    json_t *wish;

    json_object_foreach((json_t *)wishes, name, wish)
    {
        AUTO_FREE char *found = NULL;

        if (!k->known)
            not_told(unknown, "packages", name);
        else if (!standard_holds(&k->list, name, json_string_value(wish), &found))
            deviate(deviations, "packages", name, json_string_value(wish), found);
    }
}

static void judge_group(const char *group, const json_t *wishes, const json_t *told,
                        json_t *deviations, json_t *unknown)
{
    const char *name;
    json_t *wish;

    json_object_foreach((json_t *)wishes, name, wish)
    {
        const char *wanted = json_string_value(wish), *found = json_str_at(told, name);

        if (!told)
            not_told(unknown, group, name);
        else if (!str_eq(wanted, found ? found : "absent"))
            deviate(deviations, group, name, wanted, found);
    }
}

static const char *state_of(const json_t *standard, const json_t *deviations, const json_t *unknown)
{
    if (!standard)
        return "no standard";
    if (json_array_size(deviations) > 0)
        return "deviates";
    return json_array_size(unknown) > 0 ? "unknown" : "conforms";
}

static int judge_server(void *arg, const struct server *s, struct err **err)
{
    struct judge *j = arg;
    const json_t *standard = json_object_get(j->standards->of, s->value[SERVER_CATEGORY]);
    const struct known_list *k = list_of(&j->lists, s, err);
    AUTO_JSON *facts = k ? server_facts(s, err) : NULL;
    AUTO_JSON *deviations = json_array(), *unknown = json_array();

    if (!facts)
        return -1;
    judge_packages(json_object_get(standard, "packages"), k, deviations, unknown);
    for (size_t i = 0; fact_groups[i]; i++)
        judge_group(fact_groups[i], json_object_get(standard, fact_groups[i]),
                    json_object_get(facts, fact_groups[i]), deviations, unknown);
    json_array_append_new(j->ret, json_pack("{s:s, s:s, s:s, s:o, s:O, s:O}", "server", s->name,
                                            "category", s->value[SERVER_CATEGORY], "state",
                                            state_of(standard, deviations, unknown), "from",
                                            json_text(k->from), "deviations", deviations, "unknown",
                                            unknown));
    return 0;
}

json_t *standards_deviations(const struct site *site, const struct standards *s,
                             const struct server_filter *f, struct err **err)
{
    AUTO_JSON *ret = json_array(), *index = json_object();
    struct judge j = { .standards = s,
                       .lists = { .site = site, .index = json_incref(index) },
                       .ret = ret };
    int rc = server_each(site, f, judge_server, &j, err);

    list_cache_release(&j.lists);
    return rc < 0 ? NULL : json_incref(ret);
}
