/*
 * The inventory as Ansible has it: the JSON of `ansible-inventory --list`, which is also what a
 * dynamic inventory prints.
 *
 * Hosts are those of all groups and of _meta.hostvars.  A variable patchlab_owner is the field
 * owner.  The category is patchlab_category, else the category after which a group is named that
 * the host is in, be it through the group's children ('file_print' is file-print: Ansible wants no
 * dash in the name of a group).
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/category.h"
#include "core/server_rows.h"

#define PREFIX "patchlab_"
#define META "_meta"

struct ansible {
    const json_t *root;
    const char *file;
    json_t *hosts;   /* name as written -> category or null */
    json_t *visited; /* groups of the category that is spread just now */
};

static int complain(const struct ansible *a, const char *group, const char *what, struct err **err)
{
    AUTO_FREE char *shown = str_printable(group, strnlen(group, SERVER_TEXT_MAX), false);

    return err_set(err, ERR_INVALID, "%s: group '%s': %s", a->file, shown, what);
}

static const char *category_of(const char *group)
{
    AUTO_FREE char *name = xstrdup(group);

    str_swap(name, '_', '-');
    for (size_t i = 0; category_names[i]; i++) {
        if (str_eq(category_names[i], name))
            return category_names[i];
    }
    return NULL;
}

/* The other way; the caller frees. */
static char *group_of(const char *category)
{
    char *group = xstrdup(category);

    str_swap(group, '-', '_');
    return group;
}

/* category NULL: the host is only there. */
static int take_host(struct ansible *a, const char *host, const char *category, struct err **err)
{
    const json_t *before = json_object_get(a->hosts, host);

    if (!before || (category && json_is_null(before))) {
        json_object_set_new(a->hosts, host, json_text(category));
        return 0;
    }
    if (!category || str_eq(json_string_value(before), category))
        return 0;
    AUTO_FREE char *shown = str_printable(host, strnlen(host, SERVER_TEXT_MAX), false);
    err_set(err, ERR_INVALID, "%s: host '%s' is in the groups of two categories: %s and %s",
            a->file, shown, json_string_value(before), category);
    return err_hint(err, "say which it is with the variable " PREFIX "category");
}

static int take_hosts(struct ansible *a, const char *group, const json_t *g, const char *category,
                      struct err **err)
{
    const json_t *hosts = json_object_get(g, "hosts"), *host;
    size_t i;

    if (hosts && !json_is_array(hosts))
        return complain(a, group, "'hosts' is no list", err);
    json_array_foreach((json_t *)hosts, i, host)
    {
        if (!json_is_string(host))
            return complain(a, group, "a host is no text", err);
        /* Who says it himself is not asked for his groups. */
        const json_t *vars = json_object_get(
            json_object_get(json_object_get(a->root, META), "hostvars"), json_string_value(host));
        bool own = json_object_get(vars, PREFIX "category");
        if (take_host(a, json_string_value(host), own ? NULL : category, err) < 0)
            return -1;
    }
    return 0;
}

/* The hosts of a group, and of those below it: each group once, whatever circle they make. */
static int spread(struct ansible *a, const char *from, const char *category, struct err **err)
{
    AUTO_STRV todo = { 0 };

    json_object_clear(a->visited);
    strv_add(&todo, from);
    for (size_t i = 0; i < todo.len; i++) {
        const char *group = todo.ptr[i];
        const json_t *g = json_object_get(a->root, group), *child;
        const json_t *children = json_object_get(g, "children");
        size_t k;

        if (json_object_get(a->visited, group))
            continue;
        json_object_set_new(a->visited, group, json_true());
        if (g && !json_is_object(g))
            return complain(a, group, "it is no object", err);
        if (children && !json_is_array(children))
            return complain(a, group, "'children' is no list", err);
        if (take_hosts(a, group, g, category, err) < 0)
            return -1;
        json_array_foreach((json_t *)children, k, child)
        {
            if (!json_is_string(child))
                return complain(a, group, "a child is no text", err);
            if (!json_object_get(a->visited, json_string_value(child)))
                strv_add(&todo, json_string_value(child));
        }
    }
    return 0;
}

static int take_groups(struct ansible *a, struct err **err)
{
    const char *group;
    json_t *g;

    json_object_foreach((json_t *)a->root, group, g)
    {
        const char *category = category_of(group);

        if (str_eq(group, META))
            continue;
        if (!json_is_object(g))
            return complain(a, group, "it is no object", err);
        /* What is in no group of a category is found group by group. */
        if (category ? spread(a, group, category, err) < 0 : take_hosts(a, group, g, NULL, err) < 0)
            return -1;
    }
    return 0;
}

static int take_var(struct server_row *r, const char *key, const json_t *value, struct err **err)
{
    if (!str_starts(key, PREFIX))
        return 0;
    int f = server_field_of(key + strlen(PREFIX));
    if (f < 0)
        return server_field_unknown(key, "variable", err);
    return server_row_set_json(r, (enum server_field)f, value, err);
}

static int take_row(struct ansible *a, struct row_collector *c, const char *host,
                    const json_t *category, const json_t *vars, struct err **err)
{
    AUTO_FREE char *shown = str_printable(host, strnlen(host, SERVER_TEXT_MAX), false);
    AUTO_SERVER_ROW r = { .where = xasprintf("%s: host '%s'", a->file, shown) };
    const char *key;
    json_t *value;

    if (vars && !json_is_object(vars))
        return err_set(err, ERR_INVALID, "%s: its variables are no object", r.where);
    int rc = server_row_name(&r, host, err);
    if (rc == 0 && json_is_string(category))
        rc = server_row_set(&r, SERVER_CATEGORY, json_string_value(category), err);
    json_object_foreach((json_t *)vars, key, value)
    {
        if (rc == 0)
            rc = take_var(&r, key, value, err);
    }
    if (rc == 0)
        rc = row_collector_add(c, &r, err);
    return rc < 0 ? err_wrap(err, "%s: host '%s'", a->file, shown) : 0;
}

static int take_all(struct ansible *a, struct row_collector *c, struct err **err)
{
    const json_t *meta = json_object_get(a->root, META);
    const json_t *vars = json_object_get(meta, "hostvars");
    const char *host;
    json_t *v;

    if ((meta && !json_is_object(meta)) || (vars && !json_is_object(vars)))
        return complain(a, META, "it is no object of host variables", err);
    if (take_groups(a, err) < 0)
        return -1;
    json_object_foreach((json_t *)vars, host, v)
    {
        if (take_host(a, host, NULL, err) < 0)
            return -1;
    }
    json_object_foreach(a->hosts, host, v)
    {
        if (take_row(a, c, host, v, json_object_get(vars, host), err) < 0)
            return -1;
    }
    return 0;
}

int server_rows_from_ansible(const char *text, size_t len, const char *name,
                             struct server_rows *ret, struct err **err)
{
    AUTO_ROW_COLLECTOR c = { 0 };
    AUTO_JSON *root = json_parse(text, len, SERVER_IMPORT_MAX, name, err);
    AUTO_JSON *hosts = json_object(), *visited = json_object();
    struct ansible a = { .root = root, .file = name, .hosts = hosts, .visited = visited };

    if (!root)
        return -1;
    if (!json_is_object(root))
        return err_set(err, ERR_INVALID, "%s: an object of groups expected", name);
    if (take_all(&a, &c, err) < 0)
        return -1;
    row_collector_finish(&c, ret);
    return 0;
}

/* --- export ---------------------------------------------------------------------------------- */

struct ansible_export {
    json_t *hostvars, *groups;
};

static int add_host(void *arg, const struct server *s, struct err **err)
{
    struct ansible_export *out = arg;
    json_t *vars = json_object();
    AUTO_FREE char *group = group_of(s->value[SERVER_CATEGORY]);

    (void)err;
    json_t *hosts = json_object_get(json_object_get(out->groups, group), "hosts");
    json_array_append_new(hosts, json_text(s->name));
    for (size_t i = 0; i < SERVER_FIELDS; i++) {
        AUTO_FREE char *key = xasprintf(PREFIX "%s", server_fields[i].name);
        if (s->value[i] && i != SERVER_CATEGORY)
            json_object_set_new(vars, key, json_text(s->value[i]));
    }
    json_object_set_new(out->hostvars, s->name, vars);
    return 0;
}

json_t *server_export_ansible(const struct site *site, struct err **err)
{
    AUTO_JSON *groups = json_object(), *hostvars = json_object();
    struct ansible_export out = { .hostvars = hostvars, .groups = groups };
    json_t *children = json_array();

    json_object_set_new(groups, META, json_pack("{s:O}", "hostvars", hostvars));
    json_object_set_new(groups, "all", json_pack("{s:o}", "children", children));
    for (size_t i = 0; category_names[i]; i++) {
        AUTO_FREE char *group = group_of(category_names[i]);
        json_array_append_new(children, json_text(group));
        json_object_set_new(groups, group, json_pack("{s:[]}", "hosts"));
    }
    if (server_each(site, &(struct server_filter){ 0 }, add_host, &out, err) < 0)
        return NULL;
    return json_incref(groups);
}
