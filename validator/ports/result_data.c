/* result_data - the tests of a report, kept within their limits; see ports/results.h. */
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "ports/results.h"

enum { NUMBER_ROOM = 12, NAME_CUT = SUB_NAME_MAX - NUMBER_ROOM };

/* Not in the middle of a character. */
static size_t cut(const char *text, size_t len, size_t max)
{
    if (len <= max)
        return len;
    while (max > 0 && ((unsigned char)text[max] & 0xc0) == 0x80)
        max--;
    return max;
}

/* Escapes make it longer, so it is cut before and after. */
static char *clean(const char *text, size_t len, size_t max, bool multiline)
{
    char *s = str_printable(text, cut(text, len, max), multiline);

    s[cut(s, strlen(s), max)] = '\0';
    return s;
}

struct sub_result *sub_result_add(struct sub_result_list *l, const char *name, size_t len,
                                  enum sub_outcome outcome, struct err **err)
{
    if (l->len == SUB_RESULTS_MAX) {
        err_set(err, ERR_INVALID, "it has more than %d tests", SUB_RESULTS_MAX);
        return NULL;
    }
    l->ptr = xgrow(l->ptr, l->len, sizeof(*l->ptr));
    struct sub_result *r = &l->ptr[l->len++];
    *r = (struct sub_result){
        .name = clean(name, len, NAME_CUT, false),
        .outcome = outcome,
        .message = STR_INIT(SUB_MESSAGE_MAX),
        .duration_ms = -1,
    };
    return r;
}

void sub_result_say(struct sub_result_list *l, struct sub_result *r, const char *text, size_t len)
{
    size_t used = r->message.len + (r->message.len > 0);

    if (used >= SUB_MESSAGE_MAX || l->messages >= SUB_MESSAGES_MAX)
        return;
    AUTO_FREE char *line = clean(text, len, SUB_MESSAGE_MAX - used, true);
    size_t before = r->message.len;
    if (before > 0)
        str_add(&r->message, "\n");
    str_add(&r->message, line);
    l->messages += r->message.len - before;
}

void sub_result_put_below(struct sub_result *r, const char *parent)
{
    AUTO_FREE char *name = xasprintf("%s/%s", parent, r->name);

    name[cut(name, strlen(name), NAME_CUT)] = '\0';
    free(r->name);
    r->name = TAKE(name);
}

/* The last number that a name was given.  In a balanced tree: no choice of names makes it slow. */
struct seen {
    const char *name; /* of a result */
    size_t count;
};

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct seen *)a)->name, ((const struct seen *)b)->name);
}

/* The entry of this name, made when it is the first. */
static struct seen *meet(void **tree, const char *name)
{
    const struct seen key = { .name = name };
    void *found = tfind(&key, tree, by_name);

    if (found)
        return *(struct seen **)found;
    struct seen *s = xcalloc(1, sizeof(*s));
    s->name = name;
    if (!tsearch(s, tree, by_name))
        abort(); /* no memory, as xcalloc() does */
    return s;
}

void sub_results_make_unique(struct sub_result_list *l)
{
    void *tree = NULL;

    for (size_t i = 0; i < l->len; i++) {
        struct sub_result *r = &l->ptr[i];
        struct seen *s = meet(&tree, r->name), *other = s;
        char *name = NULL;

        while (other->count > 0) { /* "a #2" may be a test's own name */
            free(name);
            name = xasprintf("%s #%zu", r->name, ++s->count);
            other = meet(&tree, name);
        }
        other->count = 1;
        if (!name)
            continue;
        free(r->name);
        r->name = name;
    }
    tdestroy(tree, free);
}

void sub_result_list_release(struct sub_result_list *l)
{
    for (size_t i = 0; i < l->len; i++) {
        free(l->ptr[i].name);
        str_release(&l->ptr[i].message);
    }
    free(l->ptr);
    free(l->skipped);
    *l = (struct sub_result_list){ 0 };
}
