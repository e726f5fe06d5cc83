/* proc_env - where programs are looked for and what they find around them; see base/proc.h. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/proc.h"
#include "base/proc_child.h"
#include "base/str.h"

/* Users have no sbin in their PATH, but mkfs, losetup and others that we run live there. */
static char *search_path(void)
{
    const char *path = getenv("PATH");

    return xasprintf("%s:/usr/sbin:/sbin", path && *path ? path : "/usr/local/bin:/usr/bin:/bin");
}

static bool is_program(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

char *proc_find(const char *name)
{
    AUTO_FREE char *path = search_path();
    char *state = NULL;

    if (!*name)
        return NULL;
    if (strchr(name, '/'))
        return is_program(name) ? xstrdup(name) : NULL;
    for (char *dir = strtok_r(path, ":", &state); dir; dir = strtok_r(NULL, ":", &state)) {
        AUTO_FREE char *file = xasprintf("%s/%s", dir, name);
        /* A relative entry would run what lies in the current directory. */
        if (dir[0] == '/' && is_program(file))
            return TAKE(file);
    }
    return NULL;
}

static bool sets(const char *const *env, const char *name)
{
    size_t len = strlen(name);

    for (; env && *env; env++)
        if (strncmp(*env, name, len) == 0 && (*env)[len] == '=')
            return true;
    return false;
}

static void add_default(const char *const *extra, const char *name, const char *value,
                        struct strv *ret)
{
    if (value && !sets(extra, name))
        strv_addf(ret, "%s=%s", name, value);
}

void proc_environment(const char *const *extra, struct strv *ret)
{
    AUTO_FREE char *path = search_path();
    const char *home = getenv("HOME");

    add_default(extra, "PATH", path, ret);
    add_default(extra, "HOME", home ? home : "/", ret);
    add_default(extra, "LC_ALL", "C.UTF-8", ret);
    add_default(extra, "TMPDIR", getenv("TMPDIR"), ret);
    for (; extra && *extra; extra++)
        strv_add(ret, *extra);
}
