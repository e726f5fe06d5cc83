/* rpm_state - reads the state of a guest's packages; see rpm_state.h. */
#include "adapters/rpm_state.h"

#include "adapters/pkg_lines.h"
#include "base/mem.h"
#include "base/str.h"

enum { LINE_MAX_BYTES = 8192 + 64 };

static bool take_conffile(char *const *c, struct pkg_state *ret)
{
    const struct conffile f = {
        .path = c[1],
        .other = c[2],
        .asker = (char[]){ "rpm" },
        .replaced = str_eq(c[0], "replaced"),
    };

    if (!pkg_path_is_valid(f.path) || !pkg_path_is_valid(f.other)
        || (!f.replaced && !str_eq(c[0], "kept")))
        return false;
    pkg_state_add_conffile(ret, &f);
    return true;
}

static bool take_reboot_kernel(char *const *c, struct pkg_state *ret)
{
    if (!pkg_word_is_valid(c[1]) || !pkg_word_is_valid(c[2]))
        return false;
    strv_addf(&ret->reboot, "kernel %s is installed, %s runs", c[1], c[2]);
    return true;
}

static bool take_reboot(char *const *c, struct pkg_state *ret)
{
    (void)c;
    strv_add(&ret->reboot, "needs-restarting says so");
    return true;
}

int rpm_state_parse(const char *text, size_t len, struct pkg_state *ret, struct err **err)
{
    static const struct pkg_state_line lines[] = {
        { "conffile", NULL, 3, take_conffile },
        { "reboot", "kernel", 3, take_reboot_kernel },
        { "reboot", "needs-restarting", 1, take_reboot },
    };
    static const struct pkg_state_format format = { lines, ARRAY_LEN(lines), LINE_MAX_BYTES,
                                                    RPM_STATE_LINES_MAX };

    return pkg_state_read(text, len, &format, ret, err);
}
