/* pkg_deb - Debian packages in a guest; the work there is deb_script's and deb_list's. */
#include "adapters/pkgmgrs.h"

#include <stddef.h>
#include <stdlib.h>

#include "adapters/deb_list.h"
#include "adapters/deb_script.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "ports/guest.h"

enum { LIST_MS = 60000, ASK_MS = 30000, ASK_MAX = 4096 };

/* Nobody is there to answer, and services restart only as the packages themselves say. */
static const char *const apply_env[] = {
    "DEBIAN_FRONTEND=noninteractive", "DEBIAN_PRIORITY=critical", "UCF_FORCE_CONFFOLD=1",
    "APT_LISTCHANGES_FRONTEND=none",  "NEEDRESTART_MODE=l",       NULL,
};

static int packages_of(const struct patch_in_guest *p, struct strv *argv, struct err **err)
{
    size_t before = argv->len;

    for (size_t i = 0; i < p->files->len; i++) {
        const char *file = p->files->ptr[i];

        if (!path_is_safe(file))
            return err_set(err, ERR_INVALID, "cannot apply the patch: '%s' is no safe path", file);
        if (str_ends(file, ".deb"))
            strv_addf(argv, "%s/%s", p->dir, file);
    }
    if (argv->len == before)
        return err_set(err, ERR_INVALID, "cannot apply the patch: it holds no .deb file");
    return 0;
}

static int apply(struct guest *g, const struct patch_in_guest *p, struct guest_result *ret,
                 struct err **err)
{
    AUTO_STRV argv = { 0 };

    strv_add(&argv, "/bin/sh");
    strv_add(&argv, "-c");
    strv_add(&argv, deb_apply_script);
    strv_add(&argv, "patchlab-deb");
    if (packages_of(p, &argv, err) < 0)
        return -1;
    struct guest_exec x = {
        .argv = (const char *const *)argv.ptr,
        .env = apply_env,
        .timeout_ms = p->timeout_ms,
        .output_max = p->output_max,
    };
    return g->ops->exec(g, &x, ret, err);
}

/* A short question to the guest whose answer is needed; `what` stands in messages. */
static int ask(struct guest *g, const char *script, size_t output_max, int64_t timeout_ms,
               const char *what, struct guest_result *ret, struct err **err)
{
    const char *argv[] = { "/bin/sh", "-c", script, NULL };
    struct guest_exec x = { .argv = argv, .timeout_ms = timeout_ms, .output_max = output_max };

    if (g->ops->exec(g, &x, ret, err) < 0)
        return err_wrap(err, "%s", what);
    if (ret->timed_out)
        return err_set(err, ERR_GUEST, "%s: the guest did not finish in %lld s", what,
                       (long long)timeout_ms / 1000);
    return 0;
}

static int list(struct guest *g, struct package_list *ret, struct err **err)
{
    static const char what[] = "cannot list the packages";
    AUTO_GUEST_RESULT r = { 0 };

    /* Warnings would stand in the middle of the list. */
    if (ask(g, "exec dpkg-query -W -f '" DEB_LIST_FORMAT "' 2>/dev/null", DEB_LIST_MAX, LIST_MS,
            what, &r, err)
        < 0)
        return -1;
    if (r.exit_code != 0)
        return err_set(err, ERR_GUEST, "%s: dpkg-query ended with status %d", what, r.exit_code);
    if (r.output_total != (int64_t)r.output.len)
        return err_set(err, ERR_GUEST, "%s: the list is longer than %u bytes", what, DEB_LIST_MAX);
    return deb_list_parse(r.output.ptr, r.output.len, ret, err) < 0 ? err_wrap(err, "%s", what) : 0;
}

static int wants_reboot(struct guest *g, bool *ret, struct err **err)
{
    static const char what[] = "cannot ask whether the guest wants a reboot";
    AUTO_GUEST_RESULT r = { 0 };

    if (ask(g, "test -e /run/reboot-required || test -e /var/run/reboot-required", ASK_MAX, ASK_MS,
            what, &r, err)
        < 0)
        return -1;
    if (r.exit_code != 0 && r.exit_code != 1)
        return err_set(err, ERR_GUEST, "%s: the test ended with status %d", what, r.exit_code);
    *ret = r.exit_code == 0;
    return 0;
}

const struct pkgmgr pkg_deb = {
    .kind = "deb",
    .apply = apply,
    .list = list,
    .wants_reboot = wants_reboot,
};
