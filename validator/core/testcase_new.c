/* The bundle that `testcase new` writes; see testcase_new.h. */
#include "core/testcase_new.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/decode.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"

enum { TEXT_MAX = 64 << 10 };

/* Behind the line with the name. */
static const char manifest[] =
    "description: what this testcase looks at\n"
    "# owner: shop-team\n"
    "\n"
    "# Which images it goes with: those of either list. Without this: every image.\n"
    "# applies-to:\n"
    "#   categories: [web]          # core security file-print mail application database web\n"
    "#   images: [debian-12-web]\n"
    "\n"
    "# What to wait for before the checks, as root; let it try again until all is well.\n"
    "# ready:\n"
    "#   command: [checks/wait-ready]\n"
    "#   timeout: 60s\n"
    "\n"
    "timeout: 30s                   # of a check that does not say its own\n"
    "# output-limit: 256KiB         # how much of a check's output is kept\n"
    "\n"
    "# Values that the checks are given: in files of the directory $PATCHLAB_PARAMS, and those\n"
    "# that are no secret as $PATCHLAB_PARAM_SHOP_URL, too. See --params.\n"
    "# params:\n"
    "#   shop-url: {title: where the shop is, default: 'https://localhost/'}\n"
    "#   db-password: {title: password of the shop's account, required: true, secret: true}\n"
    "\n"
    "# Run in this order. Exit status 0 is a pass, 77 a skip, anything else a failure.\n"
    "checks:\n"
    "  - name: system\n"
    "    title: no unit of the system has failed\n"
    "    run: checks/system\n"
    "  - name: accounts\n"
    "    title: the accounts of the system are known\n"
    "    run: checks/accounts\n"
    "    args: [root, daemon]\n"
    "    # user: www-data           # root, when it does not say\n"
    "    # timeout: 2m\n"
    "    # output-limit: 1MiB\n"
    "    # stages: [rebooted]       # or [patched]; without this: both\n"
    "    # results: tap             # or junit: its report tells more than its exit status\n"
    "    # report: report.xml       # that file below $PATCHLAB_TMP; else what it prints\n"
    "\n"
    "# Steps for people: Markdown that 'patchlab uat RUN' shows, while the verdict waits.\n"
    "# manual:\n"
    "#   - name: login\n"
    "#     title: a customer can log in\n"
    "#     file: steps/login.md\n"
    "#     stages: [patched]\n";

static const char check_system[] =
    "#!/bin/sh\n"
    "# Every service that should run does.\n"
    ". \"$PATCHLAB_TESTCASE/lib/say.sh\"\n"
    "failed=$(systemctl list-units --state=failed --no-legend --plain | cut -d' ' -f1)\n"
    "[ -z \"$failed\" ] || fail \"expected no failed unit, got: $failed\"\n"
    "ok \"no failed unit\"\n";

static const char check_accounts[] =
    "#!/bin/sh\n"
    "# accounts NAME...\n"
    ". \"$PATCHLAB_TESTCASE/lib/say.sh\"\n"
    "for name; do\n"
    "    getent passwd \"$name\" >/dev/null || fail \"expected an account '$name'\"\n"
    "    ok \"'$name' is known\"\n"
    "done\n";

static const char say[] =
    "# What the checks of this testcase share.\n"
    "\n"
    "ok() { echo \"ok: $*\"; }\n"
    "\n"
    "# Somebody will read it at night: say what was expected, and what came.\n"
    "fail() {\n"
    "    echo \"FAILED: $*\"\n"
    "    exit 1\n"
    "}\n";

static int put(const char *dir, const char *name, const char *text, mode_t mode, struct err **err)
{
    AUTO_FREE char *path = path_join(dir, name);
    AUTO_FREE char *parent = path_dir(path);

    if (dir_make(parent, 0755, err) < 0)
        return -1;
    return file_write(path, text, strlen(text), mode, err);
}

static int fill(const char *dir, const char *name, struct err **err)
{
    AUTO_STR text = STR_INIT(TEXT_MAX);

    str_addf(&text,
             "# What every key means: testcases/README.md; a line behind '#' is a sample.\n"
             "name: %s\n%s",
             name, manifest);
    if (put(dir, "testcase.yaml", text.ptr, 0644, err) < 0
        || put(dir, "checks/system", check_system, 0755, err) < 0
        || put(dir, "checks/accounts", check_accounts, 0755, err) < 0
        || put(dir, "lib/say.sh", say, 0644, err) < 0)
        return -1;
    return 0;
}

int testcase_new(const char *dir, const char *name, char **ret_path, struct err **err)
{
    AUTO_FREE char *path = path_join(dir, name);

    if (!name_is_valid(name)) {
        AUTO_FREE char *shown = str_printable(name, strlen(name), false);

        err_set(err, ERR_INVALID, "'%s' is no name for a testcase", shown);
        return err_hint(err, "use a-z, 0-9 and . _ + ~ -, at most 128");
    }
    if (mkdir(path, 0755) != 0) {
        if (errno == EEXIST)
            return err_set(err, ERR_CONFLICT, "there is a '%s' already", path);
        return err_set_errno(err, errno, "cannot make '%s'", path);
    }
    if (fill(path, name, err) < 0) {
        AUTO_ERR ignored = NULL;
        dir_remove(path, &ignored);
        return -1;
    }
    *ret_path = TAKE(path);
    return 0;
}
