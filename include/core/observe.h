/*
 * observe - what is otherwise in the patched guest than in the untouched one; pure.
 *
 *     observe_diff(before, after, &l)      everything that differs
 *     observe_explain(&l, ...)             what the patch's packages own, or follows from them
 *     observe_noise_mark(&l, noise)        what differs between two untouched clones as well
 *
 * What then is still `open` nobody has explained: the owner acknowledges it, or the run stays
 * `review` (core/changes.h).
 */
#ifndef CORE_OBSERVE_H
#define CORE_OBSERVE_H

#include <stddef.h>

#include "base/json.h"
#include "base/str.h"
#include "ports/observer.h"

struct err;

enum change_state { CHANGE_OPEN, CHANGE_EXPLAINED, CHANGE_NOISE, CHANGE_ACKNOWLEDGED };
extern const char *const change_state_names[];

#define CHANGE_ID_SIZE 17 /* 16 hex digits and NUL */

struct change {
    const char *kind;
    char *key;
    char *before, *after;    /* NULL: it was not there, it is not there any more */
    char id[CHANGE_ID_SIZE]; /* of kind, key and both values: the same change has it again */
    enum change_state state;
    char *why; /* what explains it, or who acknowledged it; NULL while it is open */
};
struct change_list { /* sorted as the observations are */
    struct change *ptr;
    size_t len;
};
void change_list_release(struct change_list *l);
#define AUTO_CHANGE_LIST __attribute__((cleanup(change_list_release))) struct change_list

void observe_diff(const struct observation *before, const struct observation *after,
                  struct change_list *ret);

/* What a patch says of itself. */
struct stated {
    struct strv packages; /* the names of those that it brings, without architecture */
    struct strv changes;  /* "KIND KEY", or "KIND BEGINNING*": patch.yaml */
    struct strv places;   /* absolute: where it puts files, and makes the directories for them */
};

void observe_explain(struct change_list *l, const struct observation *before,
                     const struct observation *after, const struct stated *stated);

/*
 * Noise is a sorted list of "kind key": the keys without what is otherwise each time (long
 * hexadecimal words, the ports that the kernel gives out).
 */
void observe_noise_learn(const struct change_list *of_two_untouched, struct strv *ret);
void observe_noise_mark(struct change_list *l, const struct strv *noise);
char *observe_noise_key(const char *kind, const char *key); /* the caller frees */

size_t change_count(const struct change_list *l, enum change_state state);

/* "the unit 'x.service' is new", for people; the caller frees. */
char *change_sentence(const struct change *c);
json_t *change_json(const struct change *c); /* docs/formats.md, 'change' */

/* [[kind, key, value, written, digest], ...] without files that nobody touched: the blob of a
 * record 'lane.observed'.  Reading it back: ERR_CORRUPT when it is something else. */
json_t *observation_json(const struct observation *o);
int observation_from_json(const json_t *j, struct observation *ret, struct err **err);

#endif
