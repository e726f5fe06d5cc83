/*
 * answer_guest - a guest that answers its n-th command with the n-th answer, and remembers the last
 * one; and one that runs it on this machine.
 *
 *     static const struct answer answers[] = { { .output = "done" }, { .exit = 100 } };
 *     AUTO_ANSWER_GUEST f = answer_guest(answers);
 *     pkg_deb.apply(&f.guest, ...);
 *     f.argv, f.env, f.calls
 */
#ifndef FAKES_ANSWER_GUEST_H
#define FAKES_ANSWER_GUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "ports/guest.h"
#include "ports/pkgmgr.h"

struct answer {
    const char *output;
    int exit;
    bool timed_out, gone, longer;
};

struct answer_guest {
    struct guest guest;
    const struct answer *answers; /* NULL: commands are run on this machine */
    const char *notes;            /* what they have for /var/lib/patchlab */
    const char *const *env;       /* what they have beside their own; or NULL */
    int calls;
    struct strv argv, vars; /* of the last one */
    int64_t timeout_ms;
};
struct answer_guest answer_guest(const struct answer *answers);
void answer_guest_release(struct answer_guest *g);
#define AUTO_ANSWER_GUEST __attribute__((cleanup(answer_guest_release))) struct answer_guest

/* The arguments behind "sh -c SCRIPT NAME", by blanks; the caller frees. */
char *answer_guest_arguments(const struct answer_guest *g);

/* Those of a patch, up to NULL; and a patch of them in "/payload/patch", with 5 s to be applied. */
struct strv answer_guest_files(const char *const *names);
struct patch_in_guest answer_guest_patch(const struct strv *files);

#endif
