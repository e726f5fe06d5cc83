/* patch.yaml, `install`: which files of the patch are put where; and the same in its record. */
#include <stdlib.h>
#include <string.h>

#include "base/decode.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/node.h"
#include "base/str.h"
#include "core/patch_intake.h"
#include "core/patch_places.h"
#include "core/patch_spec_lists.h"

enum { MODE_MAX = 07777, OWNER_MAX = 65 };

/* Not files, or ours. */
static const char *const forbidden[] = {
    "dev", "proc", "run", "sys", "var/lib/patchlab", "var/run"
};

static bool is_below(const char *path, const char *dir)
{
    size_t len = strlen(dir);

    return strncmp(path, dir, len) == 0 && (path[len] == '\0' || path[len] == '/');
}

static int check_target(const struct decoder *d, const struct node *n, const char *path,
                        const char *to, struct err **err)
{
    const char *relative = to[0] == '/' ? to + 1 : "";

    if (!path_is_safe(relative))
        return decode_error(d, n, path, err, "expected an absolute path without '.' and '..'");
    for (size_t i = 0; i < ARRAY_LEN(forbidden); i++) {
        if (is_below(relative, forbidden[i]))
            return decode_error(d, n, path, err, "nothing may be put below '/%s'", forbidden[i]);
    }
    return 0;
}

static bool user_is_valid(const char *s, size_t len)
{
    static const char rest[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.";

    return len > 0 && len <= OWNER_MAX / 2 && strspn(s, rest) >= len && !strchr("-.", s[0]);
}

static bool owner_is_valid(const char *s)
{
    size_t user = strcspn(s, ":");

    return s[user] && user_is_valid(s, user) && user_is_valid(s + user + 1, strlen(s + user + 1));
}

static int decode_mode(const struct decoder *d, const struct node *n, const char *path,
                       void *target, struct err **err)
{
    int mode = 0;

    if (n->kind != NODE_SCALAR || strspn(n->text, "01234567") != strlen(n->text)
        || strlen(n->text) < 3 || strlen(n->text) > 5)
        return decode_error(d, n, path, err, "expected a mode of 3 or 4 octal digits");
    for (const char *c = n->text; *c; c++)
        mode = mode * 8 + (*c - '0');
    if (mode > MODE_MAX)
        return decode_error(d, n, path, err, "expected a mode of 3 or 4 octal digits");
    *(int *)target = mode;
    return 0;
}

static void place_release(struct patch_place *p)
{
    free(p->from);
    free(p->to);
    free(p->owner);
}

static int decode_place(const struct decoder *d, const struct node *n, const char *path, void *arg,
                        struct err **err)
{
    static const struct field fields[] = {
        { "from", FIELD_PATH, offsetof(struct patch_place, from), .required = true },
        { "to", FIELD_TEXT, offsetof(struct patch_place, to), .required = true },
        { "mode", FIELD_CUSTOM, offsetof(struct patch_place, mode), .decode = decode_mode },
        { "owner", FIELD_TEXT, offsetof(struct patch_place, owner) },
        { 0 },
    };
    __attribute__((cleanup(place_release))) struct patch_place p = { .mode = -1 };
    struct patch_places *places = arg;

    if (decode_map(d, n, path, fields, &p, err) < 0)
        return -1;
    AUTO_FREE char *to = xasprintf("%s.to", path);
    AUTO_FREE char *owner = xasprintf("%s.owner", path);
    if (str_eq(p.from, PATCH_FILE))
        return decode_error(d, n, path, err, PATCH_FILE " itself cannot be put anywhere");
    if (check_target(d, node_get(n, "to"), to, p.to, err) < 0)
        return -1;
    if (p.owner && !owner_is_valid(p.owner))
        return decode_error(d, node_get(n, "owner"), owner, err, "expected USER:GROUP");
    places->ptr[places->len++] = p;
    p = (struct patch_place){ 0 };
    return 0;
}

static int by_target(const void *a, const void *b)
{
    return strcmp(((const struct patch_place *)a)->to, ((const struct patch_place *)b)->to);
}

/* "/a", "/a.b", "/a/c": what lies below another one need not follow it. */
static const struct patch_place *place_above(const struct patch_places *p, const char *to)
{
    for (size_t i = 0; i < p->len; i++) {
        if (is_below(to, p->ptr[i].to) && !str_eq(to, p->ptr[i].to))
            return &p->ptr[i];
    }
    return NULL;
}

int patch_spec_install(const struct decoder *d, const struct node *n, const char *path,
                       void *target, struct err **err)
{
    struct patch_places *places = target;

    if (n->kind == NODE_LIST && n->len == 0)
        return decode_error(d, n, path, err, "expected at least one file, found an empty list");
    if (n->kind == NODE_LIST && n->len > PATCH_PLACES_MAX)
        return decode_error(d, n, path, err, "expected at most %d files", PATCH_PLACES_MAX);
    places->ptr = xcalloc(n->len + 1, sizeof(*places->ptr));
    if (decode_list(d, n, path, decode_place, places, err) < 0)
        return -1;
    qsort(places->ptr, places->len, sizeof(*places->ptr), by_target);
    for (size_t i = 0; i < places->len; i++) {
        const char *to = places->ptr[i].to;

        if (i > 0 && str_eq(places->ptr[i - 1].to, to))
            return decode_error(d, n, path, err, "'%s' stands there twice", to);
        if (place_above(places, to))
            return decode_error(d, n, path, err, "'%s' cannot be a file and a directory",
                                place_above(places, to)->to);
    }
    return 0;
}

/* --- in the record of the patch ------------------------------------------------------------- */

json_t *patch_places_json(const struct patch_places *p)
{
    json_t *list = json_array();

    for (size_t i = 0; i < p->len; i++) {
        const struct patch_place *at = &p->ptr[i];
        AUTO_FREE char *mode = at->mode < 0 ? NULL : xasprintf("%04o", (unsigned)at->mode);
        json_array_append_new(list, json_pack("{s:s, s:o, s:o, s:s}", "from", at->from, "mode",
                                              json_text(mode), "owner", json_text(at->owner), "to",
                                              at->to));
    }
    return list;
}

void patch_places_load(const json_t *list, struct patch_places *ret)
{
    const json_t *j;
    size_t i;

    *ret = (struct patch_places){ .ptr = xcalloc(json_array_size(list) + 1, sizeof(*ret->ptr)) };
    json_array_foreach((json_t *)list, i, j)
    {
        const char *mode = json_str_at(j, "mode"), *owner = json_str_at(j, "owner");
        ret->ptr[ret->len++] = (struct patch_place){
            .from = xstrdup(json_str_at(j, "from")),
            .to = xstrdup(json_str_at(j, "to")),
            .owner = xstrdup(owner),
            .mode = mode ? (int)strtoul(mode, NULL, 8) : -1,
        };
    }
}
