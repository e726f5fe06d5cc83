/* The gate of a run; see show_gate.h. */
#include "front/show_gate.h"

#include <stdio.h>

#include "base/mem.h"
#include "base/str.h"

void show_gate(int64_t run, bool open, const struct strv *missing)
{
    AUTO_FREE char *whose = run ? xasprintf(" of run %lld", (long long)run) : xstrdup("");

    printf("gate%s: %s\n", whose, open ? "open, the patch is on the queue" : "closed");
    for (size_t i = 0; i < missing->len; i++)
        printf("  %s\n", missing->ptr[i]);
}
