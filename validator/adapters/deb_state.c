/* deb_state - asks for, and reads, the state of a guest's packages; see deb_state.h. */
#include "adapters/deb_state.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/deb_name.h"
#include "adapters/deb_script_parts.h"
#include "adapters/deb_status.h"
#include "adapters/pkg_lines.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

enum { LINE_MAX_BYTES = 8192 };

/*
 * A kernel counts that is newer than the one that runs, and of its flavour; or the same one from
 * another version of its package, which Debian's kernels name when they are asked.
 */
/* clang-format off */
const char *const deb_state_script[] = {
    DEB_PART_BEGIN,
    DEB_PART_QUESTIONS,

    "dpkg-query -W -f 'package\\t${db:Status-Abbrev}\\t${binary:Package}\\t${Version}\\n' \\\n"
    "    2>/dev/null | grep -v \"^package$T[uirp][inc] $T\"\n"
    "[ ! -e \"$notes/skipped\" ] || sort -u \"$notes/skipped\"\n"
    "questions\n",

    "for dir in /run /var/run; do\n"
    "    [ -e $dir/reboot-required ] || continue\n"
    "    [ -s $dir/reboot-required.pkgs ] || printf 'reboot\\tunknown\\n'\n"
    "    sort -u $dir/reboot-required.pkgs 2>/dev/null | head -n 100 |\n"
    "        sed \"s/^/reboot${T}package${T}/\"\n"
    "    break\n"
    "done\n"
    "running=$(uname -r) build=$(uname -v)\n"
    "flavour=${running#*-*-}\n"
    "newest=$(ls /boot 2>/dev/null |\n"
    "    sed -n \"s/^vmlinuz-\\([^-]*-[^-]*-${flavour}\\)$/\\1/p\" | sort -V | tail -n 1)\n"
    "last=$(printf '%s\\n%s\\n' \"$newest\" \"$running\" | sort -V | tail -n 1)\n"
    "if [ -n \"$newest\" ] && [ \"$last\" != \"$running\" ]; then\n"
    "    printf 'reboot\\tkernel\\t%s\\t%s\\n' \"$newest\" \"$running\"\n"
    "elif [ \"$build\" != \"${build#*Debian }\" ]; then\n"
    "    build=${build#*Debian } && build=${build%% *}\n"
    "    here=$(dpkg-query -W -f '${Version}' \"linux-image-$running\" 2>/dev/null)\n"
    "    [ -z \"$here\" ] || [ \"$here\" = \"$build\" ] ||\n"
    "        printf 'reboot\\tkernel\\t%s\\t%s\\n' \"$here\" \"$build\"\n"
    "fi\n"
    "echo end\n",
    NULL,
};
/* clang-format on */

/* --- lines ---------------------------------------------------------------------------------- */

static bool is_version(const char *s)
{
    return deb_dpkg_version_is_valid(s);
}

static bool take_package(char *const *c, struct pkg_state *ret)
{
    struct deb_status s;

    if (!deb_status_read(c[0], &s) || !deb_dpkg_name_is_valid(c[1]))
        return false;
    if (!s.there)
        return true;
    if (!is_version(c[2]))
        return false;
    if (s.held)
        pkg_state_add_held(ret, c[1], c[2], NULL);
    if (!s.state && !s.reinstall)
        return true;
    AUTO_FREE char *state = s.reinstall && s.state
                                ? xasprintf("%s, reinstall required", s.state)
                                : xstrdup(s.state ? s.state : "reinstall required");
    pkg_state_add_broken(ret, c[1], c[2], state);
    return true;
}

static bool take_skipped(char *const *c, struct pkg_state *ret)
{
    if (!deb_dpkg_name_is_valid(c[0]) || !is_version(c[1]) || !is_version(c[2]))
        return false;
    pkg_state_add_held(ret, c[0], c[1], c[2]);
    return true;
}

static bool take_conffile(char *const *c, struct pkg_state *ret)
{
    const struct conffile f = {
        .package = str_eq(c[0], "-") ? NULL : c[0],
        .path = c[1],
        .replaced = str_eq(c[2], "replaced"),
        .other = str_eq(c[3], "-") ? NULL : c[3],
        .asker = c[4],
    };

    if ((f.package && !deb_dpkg_name_is_valid(f.package)) || !pkg_path_is_valid(f.path)
        || (!f.replaced && !str_eq(c[2], "kept")) || (f.other && !pkg_path_is_valid(f.other))
        || (!str_eq(f.asker, "dpkg") && !str_eq(f.asker, "ucf")))
        return false;
    pkg_state_add_conffile(ret, &f);
    return true;
}

static bool take_reboot_package(char *const *c, struct pkg_state *ret)
{
    if (!pkg_word_is_valid(c[1]))
        return false;
    strv_addf(&ret->reboot, "package '%s' asks for it", c[1]);
    return true;
}

static bool take_reboot_kernel(char *const *c, struct pkg_state *ret)
{
    if (!pkg_word_is_valid(c[1]) || !pkg_word_is_valid(c[2]))
        return false;
    strv_addf(&ret->reboot, "kernel '%s' is installed, '%s' runs", c[1], c[2]);
    return true;
}

static bool take_reboot(char *const *c, struct pkg_state *ret)
{
    (void)c;
    strv_add(&ret->reboot, "nobody says what for");
    return true;
}

static const struct pkg_state_line lines[] = {
    { "package", NULL, 3, take_package },          { "skipped", NULL, 3, take_skipped },
    { "conffile", NULL, 5, take_conffile },        { "reboot", "package", 2, take_reboot_package },
    { "reboot", "kernel", 3, take_reboot_kernel }, { "reboot", "unknown", 1, take_reboot },
};

/* --- all ------------------------------------------------------------------------------------ */

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct held_package *)a)->name, ((const struct held_package *)b)->name);
}

/* One that was left out stands there as on hold too: the one entry with all of it stays. */
static void merge_held(struct pkg_state *s)
{
    size_t n = 0;

    if (s->held_count)
        qsort(s->held, s->held_count, sizeof(*s->held), by_name);
    for (size_t i = 0; i < s->held_count; i++) {
        struct held_package *h = &s->held[i], *last = n ? &s->held[n - 1] : NULL;

        if (!last || !str_eq(last->name, h->name)) {
            s->held[n++] = *h;
            continue;
        }
        if (!last->offered)
            last->offered = TAKE(h->offered);
        free(h->name);
        free(h->version);
        free(h->offered);
    }
    s->held_count = n;
}

int deb_state_parse(const char *text, size_t len, struct pkg_state *ret, struct err **err)
{
    static const struct pkg_state_format format = { lines, ARRAY_LEN(lines), LINE_MAX_BYTES,
                                                    DEB_STATE_LINES_MAX };

    if (pkg_state_read(text, len, &format, ret, err) < 0)
        return -1;
    merge_held(ret);
    return 0;
}
