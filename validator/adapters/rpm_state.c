/* rpm_state - reads the state of a guest's packages; see rpm_state.h. */
#include "adapters/rpm_state.h"

#include <stdbool.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

enum { LINE_MAX_BYTES = 8192 + 64, COLUMNS_MAX = 4, WORD_MAX = 200, SHOWN_MAX = 100 };

static bool is_path(const char *s)
{
    return s[0] == '/' && s[1];
}

/* Of a kernel, for a sentence. */
static bool is_word(const char *s)
{
    size_t len = strlen(s);

    for (size_t i = 0; i < len; i++)
        if (s[i] <= ' ' || s[i] > '~')
            return false;
    return len > 0 && len <= WORD_MAX;
}

static int take_conffile(char *const *c, size_t n, struct pkg_state *ret)
{
    if (n != 4 || !is_path(c[2]) || !is_path(c[3])
        || (!str_eq(c[1], "kept") && !str_eq(c[1], "replaced")))
        return -1;
    struct conffile f = {
        .path = c[2],
        .other = c[3],
        .asker = (char[]){ "rpm" },
        .replaced = str_eq(c[1], "replaced"),
    };
    pkg_state_add_conffile(ret, &f);
    return 0;
}

static int take_reboot(char *const *c, size_t n, struct pkg_state *ret)
{
    if (n == 2 && str_eq(c[1], "needs-restarting")) {
        strv_add(&ret->reboot, "needs-restarting says so");
        return 0;
    }
    if (n != 4 || !str_eq(c[1], "kernel") || !is_word(c[2]) || !is_word(c[3]))
        return -1;
    strv_addf(&ret->reboot, "kernel %s is installed, %s runs", c[2], c[3]);
    return 0;
}

static int take_line(char *line, struct pkg_state *ret)
{
    char *c[COLUMNS_MAX];
    size_t n = 0;

    for (char *next = line; next; n++) {
        if (n == COLUMNS_MAX)
            return -1;
        c[n] = next;
        next = strchr(next, '\t');
        if (next)
            *next++ = '\0';
    }
    if (str_eq(c[0], "conffile"))
        return take_conffile(c, n, ret);
    return str_eq(c[0], "reboot") ? take_reboot(c, n, ret) : -1;
}

static int parse(const char *text, size_t len, struct pkg_state *ret, struct err **err)
{
    size_t lines = 0;

    for (const char *end = text + len; text < end;) {
        const char *nl = memchr(text, '\n', (size_t)(end - text));
        size_t n = nl ? (size_t)(nl - text) : (size_t)(end - text);

        if (nl && n == 3 && memcmp(text, "end", 3) == 0)
            return nl + 1 == end ? 0 : err_set(err, ERR_GUEST, "something follows its end");
        if (++lines > RPM_STATE_LINES_MAX)
            return err_set(err, ERR_GUEST, "it has more than %d lines", RPM_STATE_LINES_MAX);
        AUTO_FREE char *line = xstrndup(text, n < LINE_MAX_BYTES ? n : LINE_MAX_BYTES);
        if (!nl || n > LINE_MAX_BYTES || strlen(line) != n || take_line(line, ret) < 0) {
            AUTO_FREE char *shown = str_printable(text, n < SHOWN_MAX ? n : SHOWN_MAX, false);
            return err_set(err, ERR_GUEST, "line '%s' is not understood", shown);
        }
        text = nl + 1;
    }
    return err_set(err, ERR_GUEST, "it is not complete");
}

int rpm_state_parse(const char *text, size_t len, struct pkg_state *ret, struct err **err)
{
    AUTO_PKG_STATE s = { 0 };

    if (parse(text, len, &s, err) < 0)
        return err_wrap(err, "the guest's state of packages");
    *ret = s;
    s = (struct pkg_state){ 0 };
    return 0;
}
