/*
 * What differs although nothing was done: learnt from two untouched clones, subtracted from what
 * differs in the patched one.
 *
 * A key counts whatever its value was: what is otherwise by itself cannot say anything of a patch.
 * Keys are compared without words that are otherwise each time, so that a file with a new random
 * name is the same noise again.  Nothing is noise that was not seen to be.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "core/observe.h"

enum { NOISE_MAX = 10000, HEX_MIN = 8, FIRST_GIVEN_PORT = 32768 };

/* Words of at least so many hexadecimal digits become '#'; also those of a UUID. */
static void drop_hex_words(char *text)
{
    static const char hex[] = "0123456789abcdefABCDEF";
    char *to = text;

    for (const char *p = text; *p;) {
        bool begins = p == text || !isalnum((unsigned char)p[-1]);
        size_t n = begins ? strspn(p, hex) : 0;
        if (n >= HEX_MIN && !isalnum((unsigned char)p[n])) {
            *to++ = '#';
            p += n;
        } else {
            *to++ = *p++;
        }
    }
    *to = '\0';
}

/* "tcp 0.0.0.0:41234": a port that the kernel gave out. */
static void drop_given_port(char *text)
{
    char *colon = strrchr(text, ':');

    if (colon && strtol(colon + 1, NULL, 10) >= FIRST_GIVEN_PORT)
        memcpy(colon + 1, "#", 2);
}

char *observe_noise_key(const char *kind, const char *key)
{
    AUTO_FREE char *text = xstrdup(key);

    if (str_eq(kind, "socket") && !str_starts(key, "unix "))
        drop_given_port(text);
    else
        drop_hex_words(text);
    return xasprintf("%s %s", kind, text);
}

void observe_noise_learn(const struct change_list *of_two_untouched, struct strv *ret)
{
    for (size_t i = 0; i < of_two_untouched->len && i < NOISE_MAX; i++) {
        const struct change *c = &of_two_untouched->ptr[i];
        AUTO_FREE char *key = observe_noise_key(c->kind, c->key);
        strv_add(ret, key);
    }
    strv_sort(ret);
}

void observe_noise_mark(struct change_list *l, const struct strv *noise)
{
    for (size_t i = 0; i < l->len && noise->len > 0; i++) {
        struct change *c = &l->ptr[i];
        AUTO_FREE char *key = observe_noise_key(c->kind, c->key);
        if (c->state == CHANGE_OPEN && strv_has_sorted(noise, key)) {
            c->state = CHANGE_NOISE;
            c->why = xstrdup("it differs between untouched clones, too");
        }
    }
}
