/*
 * What the patch is meant to change: its packages, what they own, and what package tools write down
 * or rebuild.
 *
 * Not explained by ownership are setuid bits, listening sockets, accounts, settings and effective
 * configuration: that a package brought them is no reason for an owner not to know.
 */
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/observe.h"

/* What happens by itself, or is written by package tools.  A key, or what it begins with when it
 * ends with '/' or '*'.  `package`: only when one has changed whose name begins so; NULL: each
 * time. */
static const struct rule {
    const char *kind, *key;
    const char *package;
    const char *why;
} rules[] = {
    { "file", "/var/lib/dpkg/", "", "dpkg keeps its records there" },
    { "file", "/var/lib/apt/", "", "apt keeps its records there" },
    { "file", "/var/lib/ucf/", "", "ucf keeps its records there" },
    { "file", "/var/lib/rpm/", "", "rpm keeps its records there" },
    { "file", "/usr/lib/sysimage/rpm/", "", "rpm keeps its records there" },
    { "file", "/var/lib/dnf/", "", "dnf keeps its records there" },
    { "file", "/var/lib/systemd/deb-systemd-helper-*", "", "dpkg's helper notes units there" },
    { "file", "/etc/ld.so.cache", "", "ldconfig rebuilds it" },
    { "file", "/usr/share/info/dir", "", "install-info rebuilds it" },
    { "file", "/usr/share/info/dir.old", "", "install-info rebuilds it" },
    { "file", "/usr/share/mime/", "", "update-mime-database rebuilds it" },
    { "file", "/var/lib/systemd/catalog/database", "systemd", "journalctl rebuilds it" },
    { "file", "/usr/lib/udev/hwdb.bin", "", "systemd-hwdb rebuilds it" },
    { "file", "/etc/udev/hwdb.bin", "", "systemd-hwdb rebuilds it" },
    { "file", "/usr/lib/locale/locale-archive", "", "localedef rebuilds it" },
    { "file", "/usr/lib/x86_64-linux-gnu/gconv/gconv-modules.cache", "",
      "iconvconfig rebuilds it" },
    { "file", "/etc/ssl/certs/", "ca-certificates", "update-ca-certificates rebuilds it" },
    { "file", "/boot/initrd.img-*", "", "update-initramfs rebuilds it" },
    { "file", "/boot/initramfs-*", "", "dracut rebuilds it" },
    { "file", "/var/lib/initramfs-tools/", "", "update-initramfs keeps its records there" },
    { "file", "/boot/grub/grub.cfg", "linux-", "update-grub rebuilds it" },
    { "file", "/boot/grub/grub.cfg", "grub", "update-grub rebuilds it" },
    { "file", "/vmlinuz*", "linux-", "the kernel's package sets the link" },
    { "file", "/initrd.img*", "linux-", "the kernel's package sets the link" },
    { "file", "/var/lib/patchlab/", NULL, "patchlab notes there how to take the patch back" },
    { "file", "/var/lib/systemd/random-seed", NULL, "systemd saves a new seed each time" },
    { "file", "/var/lib/systemd/timers/*", NULL, "systemd notes when timers ran" },
    { "file", "/var/lib/systemd/timesync/clock", NULL, "the clock's last time is kept there" },
    { "unit", "systemd-fsckd.*", NULL, "it ends when it has had nothing to do for a while" },
    { "socket", "unix /run/systemd/fsck.progress", NULL, "it comes and goes with systemd-fsckd" },
};

/* depmod writes them into directories named after kernels. */
static const char modules_dir[] = "/usr/lib/modules/";

/* Beside a file that was kept, the packaged one. */
static const char *const kept_suffixes[] = { ".dpkg-dist", ".dpkg-old", ".dpkg-new", ".ucf-dist",
                                             ".ucf-old",   ".rpmnew",   ".rpmsave" };

struct ground {
    const struct observation *before, *after;
    const struct stated *stated;
    struct strv changed; /* as the guest names them, sorted as the changes are */
    bool applies[ARRAY_LEN(rules)];
};

static bool covers(const struct rule *r, const struct change *c)
{
    size_t len = strlen(r->key);
    char last = r->key[len - 1];

    if (!str_eq(r->kind, c->kind))
        return false;
    if (last == '*')
        return strncmp(c->key, r->key, len - 1) == 0;
    if (last == '/') /* the directory, too */
        return strncmp(c->key, r->key, len - 1) == 0
               && (c->key[len - 1] == '/' || c->key[len - 1] == '\0');
    return str_eq(c->key, r->key);
}

static bool any_changed(const struct ground *g, const char *prefix)
{
    for (size_t i = 0; i < g->changed.len; i++) {
        if (str_starts(g->changed.ptr[i], prefix))
            return true;
    }
    return false;
}

static const char *rule_for(const struct ground *g, const struct change *c)
{
    for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
        if (g->applies[i] && covers(&rules[i], c))
            return rules[i].why;
    }
    if (str_starts(c->key, modules_dir) && str_starts(path_base(c->key), "modules.")
        && g->changed.len > 0)
        return "depmod rebuilds it";
    return NULL;
}

/* A changed package that owns the path in this observation, or NULL. */
static const char *owner_in(const struct ground *g, const struct observation *o, const char *path)
{
    size_t lo = 0, hi = o->owned_len;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (strcmp(o->owned[mid].path, path) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    for (; lo < o->owned_len && str_eq(o->owned[lo].path, path); lo++) {
        if (strv_has_sorted(&g->changed, o->owned[lo].package))
            return o->owned[lo].package;
    }
    return NULL;
}

static const char *owner_of(const struct ground *g, const char *path)
{
    const char *owner = owner_in(g, g->after, path);

    return owner ? owner : owner_in(g, g->before, path);
}

static char *kept_name(const char *path)
{
    for (size_t i = 0; i < ARRAY_LEN(kept_suffixes); i++) {
        if (str_ends(path, kept_suffixes[i]))
            return xstrndup(path, strlen(path) - strlen(kept_suffixes[i]));
    }
    return NULL;
}

static char *explain_file(const struct ground *g, const struct change *c)
{
    AUTO_FREE char *kept = kept_name(c->key);
    const char *owner = owner_of(g, kept ? kept : c->key);

    if (owner)
        return xasprintf("it belongs to package '%s', which the patch changed", owner);
    return NULL;
}

/* A state that is another one is not explained by a new unit file. */
static char *explain_unit(const struct ground *g, const struct change *c)
{
    static const char *const dirs[] = { "/usr/lib/systemd/system", "/lib/systemd/system" };

    for (size_t i = 0; i < ARRAY_LEN(dirs) && !(c->before && c->after); i++) {
        AUTO_FREE char *path = xasprintf("%s/%s", dirs[i], c->key);
        const char *owner = owner_of(g, path);
        if (owner)
            return xasprintf("it belongs to package '%s', which the patch changed", owner);
    }
    return NULL;
}

/* "libssl3:amd64", "openssl.x86_64" of a patch that brings "libssl3", "openssl". */
static char *explain_package(const struct ground *g, const struct change *c)
{
    for (size_t i = 0; i < g->stated->packages.len; i++) {
        size_t len = strlen(g->stated->packages.ptr[i]);
        const char *rest = c->key + len;
        if (strncmp(c->key, g->stated->packages.ptr[i], len) != 0)
            continue;
        if (*rest == '\0' || *rest == ':' || (*rest == '.' && !strchr(rest + 1, '.')))
            return xstrdup("the patch brings it");
    }
    return NULL;
}

/* A directory counts only when it is new: of one that was there nothing is to change. */
static char *explain_place(const struct ground *g, const struct change *c)
{
    size_t len = strlen(c->key);

    for (size_t i = 0; str_eq(c->kind, "file") && i < g->stated->places.len; i++) {
        const char *place = g->stated->places.ptr[i];
        bool above = !c->before && str_starts(place, c->key) && place[len] == '/';

        if (above || str_eq(place, c->key))
            return xasprintf("the patch puts '%s' in place", place);
    }
    return NULL;
}

/* The patch says that it changes just this. */
static char *explain_stated(const struct ground *g, const struct change *c)
{
    for (size_t i = 0; i < g->stated->changes.len; i++) {
        const char *text = g->stated->changes.ptr[i];
        size_t kind = strlen(c->kind), len = strlen(text);
        if (!str_starts(text, c->kind) || text[kind] != ' ')
            continue;
        const char *key = text + kind + 1;
        if (str_eq(key, c->key)
            || (text[len - 1] == '*' && strncmp(key, c->key, len - kind - 2) == 0))
            return xasprintf("the patch says that it changes '%s'", text);
    }
    return NULL;
}

static char *explain(const struct ground *g, const struct change *c)
{
    static const struct {
        const char *kind;
        char *(*explain)(const struct ground *g, const struct change *c);
    } ways[] = {
        { "package", explain_package }, { "file", explain_file },  { "cron", explain_file },
        { "unit", explain_unit },       { "timer", explain_unit },
    };
    char *why = explain_stated(g, c);

    if (!why)
        why = explain_place(g, c);
    for (size_t i = 0; i < ARRAY_LEN(ways) && !why; i++)
        why = str_eq(ways[i].kind, c->kind) ? ways[i].explain(g, c) : NULL;
    return why ? why : xstrdup(rule_for(g, c));
}

void observe_explain(struct change_list *l, const struct observation *before,
                     const struct observation *after, const struct stated *stated)
{
    struct ground g = { .before = before, .after = after, .stated = stated };

    for (size_t i = 0; i < l->len; i++) {
        if (str_eq(l->ptr[i].kind, "package"))
            strv_add(&g.changed, l->ptr[i].key);
    }
    for (size_t i = 0; i < ARRAY_LEN(rules); i++)
        g.applies[i] = !rules[i].package || any_changed(&g, rules[i].package);
    for (size_t i = 0; i < l->len; i++) {
        struct change *c = &l->ptr[i];
        if (c->state != CHANGE_OPEN)
            continue;
        c->why = explain(&g, c);
        if (c->why)
            c->state = CHANGE_EXPLAINED;
    }
    strv_release(&g.changed);
}
