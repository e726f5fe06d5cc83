/* must - how every fuzzer says that what it looks at holds: aborts when it does not. */
#ifndef FUZZ_MUST_H
#define FUZZ_MUST_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

static inline void must(bool ok)
{
    if (!ok)
        abort();
}

/* Fit to be shown on a terminal; `multiline` allows lines and tabs. */
static inline void must_be_shown(const char *s, bool multiline)
{
    AUTO_FREE char *shown = str_printable(s, strlen(s), multiline);

    must(str_eq(shown, s));
}

#endif
