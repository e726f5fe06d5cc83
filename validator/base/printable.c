/* printable - hostile text made fit for a terminal and for people's eyes; see base/str.h. */
#include <stdint.h>

#include "base/str.h"
#include "base/utf8.h"

static void add_char(struct str *out, const char *text, size_t n, uint32_t c, bool multiline)
{
    bool kept = multiline && (c == '\n' || c == '\t');

    if (n == 0)
        str_addf(out, "\\x%02x", (unsigned char)text[0]);
    else if (kept || !utf8_is_control(c))
        str_add_mem(out, text, n);
    else if (c < 0x100)
        str_addf(out, "\\x%02x", (unsigned)c);
    else
        str_addf(out, "\\u%04x", (unsigned)c);
}

char *str_printable(const char *text, size_t len, bool multiline)
{
    struct str out = STR_INIT(SIZE_MAX / 2);
    uint32_t c = 0;

    while (len > 0) {
        size_t n = utf8_next(text, len, &c);
        add_char(&out, text, n, c, multiline);
        n = n ? n : 1;
        text += n;
        len -= n;
    }
    return str_take(&out);
}
