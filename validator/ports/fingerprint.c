/* fingerprint - how people write a fingerprint, and how it is compared; see ports/signature.h. */
#include <ctype.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "ports/signature.h"

enum { DIGITS = 40 };

char *fingerprint_normal(const char *text)
{
    AUTO_STR s = STR_INIT(DIGITS);

    if (str_starts(text, "0x"))
        text += 2;
    for (; *text; text++) {
        char c = (char)toupper((unsigned char)*text);

        if (c == ' ' || c == ':')
            continue;
        if (!strchr("0123456789ABCDEF", c))
            return NULL;
        str_add_mem(&s, &c, 1);
    }
    return s.len == DIGITS && !s.truncated ? str_take(&s) : NULL;
}
