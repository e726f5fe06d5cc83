/* What this machine has to give; see host.h. */
#include "base/host.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"

enum { MEMINFO_MAX = 64 << 10, NAME_SIZE = 256 };

int64_t host_memory_available(void)
{
    static const char key[] = "MemAvailable:";
    AUTO_ERR unknown = NULL;
    AUTO_FREE char *text = file_read("/proc/meminfo", MEMINFO_MAX, NULL, &unknown);
    const char *at = text ? strstr(text, key) : NULL;

    return at ? strtoll(at + strlen(key), NULL, 10) * 1024 : -1;
}

char *host_user(void)
{
    const struct passwd *pw = getpwuid(getuid());
    char name[NAME_SIZE] = "localhost";

    gethostname(name, sizeof(name) - 1);
    if (pw)
        return xasprintf("%s@%s", pw->pw_name, name);
    return xasprintf("%u@%s", (unsigned)getuid(), name);
}
