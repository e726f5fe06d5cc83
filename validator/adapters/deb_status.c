/* deb_status - what the letters of a package's status mean; see deb_status.h. */
#include "adapters/deb_status.h"

#include <stddef.h>
#include <string.h>

#include "base/mem.h"

/* The second letter (dpkg-query(1)). */
static const struct letter {
    char letter;
    bool there;
    const char *state;
} letters[] = {
    { 'i', true, NULL },
    { 'n', false, NULL },
    { 'c', false, NULL },
    { 'H', true, "half-installed" },
    { 'U', true, "unpacked" },
    { 'F', true, "half-configured" },
    { 'W', true, "triggers-awaited" },
    { 't', true, "triggers-pending" },
};

bool deb_status_read(const char *abbrev, struct deb_status *ret)
{
    size_t len = strlen(abbrev);

    if (len < 2 || len > 3 || !strchr("uirhp", abbrev[0]))
        return false;
    if (len == 3 && abbrev[2] != ' ' && abbrev[2] != 'R')
        return false;
    for (size_t i = 0; i < ARRAY_LEN(letters); i++) {
        if (letters[i].letter != abbrev[1])
            continue;
        *ret = (struct deb_status){
            .held = abbrev[0] == 'h',
            .there = letters[i].there,
            .reinstall = abbrev[2] == 'R',
            .state = letters[i].state,
        };
        return true;
    }
    return false;
}
