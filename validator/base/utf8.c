/* utf8 - decoding one character at a time, and making text storable; see utf8.h, base/str.h. */
#include "base/utf8.h"

#include <string.h>

#include "base/str.h"

static size_t length_of(unsigned char lead)
{
    if (lead < 0x80)
        return 1;
    if (lead >= 0xc2 && lead <= 0xdf)
        return 2;
    if (lead >= 0xe0 && lead <= 0xef)
        return 3;
    if (lead >= 0xf0 && lead <= 0xf4)
        return 4;
    return 0;
}

static bool is_whole(uint32_t c, size_t n)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };

    return c >= least[n] && c <= 0x10ffff && !(c >= 0xd800 && c <= 0xdfff);
}

size_t utf8_next(const char *s, size_t len, uint32_t *ret)
{
    size_t n = len ? length_of((unsigned char)s[0]) : 0;

    if (n == 0 || n > len)
        return 0;
    uint32_t c = (unsigned char)s[0];
    if (n > 1)
        c &= 0x7fu >> n;
    for (size_t i = 1; i < n; i++) {
        unsigned char next = (unsigned char)s[i];
        if ((next & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (next & 0x3f);
    }
    if (!is_whole(c, n))
        return 0;
    *ret = c;
    return n;
}

bool utf8_is_control(uint32_t c)
{
    if (c < 0x20 || (c >= 0x7f && c <= 0x9f))
        return true;
    /* Marks, embeddings, overrides and isolates can make a line read as something else. */
    return c == 0x061c || (c >= 0x200e && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e)
           || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

bool utf8_is_clean(const char *s, bool multiline)
{
    size_t len = strlen(s);
    uint32_t c = 0;

    while (len > 0) {
        size_t n = utf8_next(s, len, &c);
        bool kept = c == '\t' || (multiline && c == '\n');
        if (n == 0 || (utf8_is_control(c) && !kept))
            return false;
        s += n;
        len -= n;
    }
    return true;
}

char *str_to_utf8(const char *text, size_t len)
{
    struct str out = STR_INIT(SIZE_MAX / 2);
    uint32_t c = 0;

    while (len > 0) {
        size_t n = utf8_next(text, len, &c);
        if (n == 0 || c == 0)
            str_add(&out, "\xef\xbf\xbd");
        else
            str_add_mem(&out, text, n);
        n = n ? n : 1;
        text += n;
        len -= n;
    }
    return str_take(&out);
}
