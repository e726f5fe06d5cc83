/*
 * One look at a guest: one command, its answer unpacked, cut into sections, and each given to the
 * reader of its observer.
 *
 * A section that is there twice or not at all, unknown, cut off, or with a line that is not
 * understood makes the whole look worthless: half a look would say that things are gone which are
 * there.
 */
#include "adapters/observe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/inflate.h"
#include "adapters/observe_table.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "ports/guest.h"

enum {
    OBSERVE_MS = 5 * 60 * 1000,
    ANSWER_MAX = 16 << 20, /* compressed */
    TEXT_MAX = 128 << 20,  /* unpacked */
    HEADER_MAX = 64,
};

static int index_of(const char *name)
{
    for (size_t i = 0; i < observer_count; i++) {
        if (str_eq(observers[i].name, name))
            return (int)i;
    }
    return -1;
}

/* The line up to its end, copied; NULL when there is none that is short enough. */
static char *take_header(struct observe_text *text)
{
    size_t most = text->len < HEADER_MAX ? text->len : HEADER_MAX;
    const char *nl = most ? memchr(text->ptr, '\n', most) : NULL;

    if (!nl)
        return NULL;
    size_t len = (size_t)(nl - text->ptr);
    char *header = xstrndup(text->ptr, len);
    text->ptr += len + 1;
    text->len -= len + 1;
    return header;
}

/* One line of wc(1); 1 a section, 0 the total that ends them. */
static int read_size(char *line, const char **ret_name, size_t *ret_size, struct err **err)
{
    unsigned long long size = 0;
    int at = 0;

    if (!line || sscanf(line, " %12llu %n", &size, &at) != 1 || at == 0 || size > TEXT_MAX)
        return err_set(err, ERR_INVALID, "what it says is garbled");
    *ret_name = line + at;
    *ret_size = (size_t)size;
    return !str_eq(*ret_name, "total");
}

/* Finds where each section is; all must be there, once. */
static int cut_sections(struct observe_text text, struct observe_text *ret, struct err **err)
{
    AUTO_FREE size_t *order = xcalloc(observer_count, sizeof(*order));
    size_t size = 0, count = 0;
    const char *name = NULL;
    int rc;

    for (;; count++) {
        AUTO_FREE char *line = take_header(&text);
        rc = read_size(line, &name, &size, err);
        if (rc <= 0)
            break;
        int i = index_of(name);
        if (i < 0 || ret[i].ptr || count == observer_count)
            return err_set(err, ERR_INVALID, "what it says has a section that %s",
                           i < 0 ? "is unknown" : "is there twice");
        ret[i] = (struct observe_text){ text.ptr, size };
        order[count] = (size_t)i;
    }
    if (rc < 0)
        return -1;
    if (count != observer_count)
        return err_set(err, ERR_INVALID, "what it says lacks a section");
    for (size_t i = 0; i < count; i++) {
        struct observe_text *t = &ret[order[i]];
        if (t->len > text.len)
            return err_set(err, ERR_INVALID, "what it says is cut off");
        t->ptr = text.ptr;
        text.ptr += t->len;
        text.len -= t->len;
    }
    if (text.len != 4 || memcmp(text.ptr, "end\n", 4) != 0)
        return err_set(err, ERR_INVALID, "what it says does not end where it should");
    return 0;
}

/* The last line must end within the section, so that readers may put a NUL there. */
static int read_section(const struct observer *o, struct observe_work *w, struct observe_text t,
                        struct err **err)
{
    if (t.len > 0 && t.ptr[t.len - 1] != '\n' && t.ptr[t.len - 1] != '\0')
        return err_set(err, ERR_INVALID, "its section '%s' ends in the middle of a line", o->name);
    if (o->read(o, w, t, err) < 0)
        return -1;
    if (w->ret->len > OBSERVATION_MAX)
        return err_set(err, ERR_INVALID, "it has more than %d items", OBSERVATION_MAX);
    return 0;
}

static int read_sections(struct observe_work *w, struct observe_text text, struct err **err)
{
    AUTO_FREE struct observe_text *sections = xcalloc(observer_count, sizeof(*sections));

    if (cut_sections(text, sections, err) < 0)
        return -1;
    for (size_t i = 0; i < observer_count; i++) {
        if (read_section(&observers[i], w, sections[i], err) < 0)
            return -1;
    }
    return 0;
}

/* Of items with one key, such as a line of a configuration, the first is kept. */
static void drop_duplicates(struct observation *o)
{
    size_t kept = 0;

    for (size_t i = 0; i < o->len; i++) {
        if (kept > 0 && seen_order(&o->ptr[kept - 1], &o->ptr[i]) == 0) {
            seen_release(&o->ptr[i]);
            continue;
        }
        o->ptr[kept++] = o->ptr[i];
    }
    o->len = kept;
}

int observe_parse(const char *data, size_t len, const struct stop *stop, struct observation *ret,
                  struct err **err)
{
    AUTO_OBSERVATION o = { 0 };
    struct observe_work w = { .ret = &o };
    size_t text_len = 0;
    AUTO_FREE char *text = inflate_mem(data, len, TEXT_MAX, stop, &text_len, err);

    if (!text || read_sections(&w, (struct observe_text){ text, text_len }, err) < 0)
        return -1;
    observation_sort(&o);
    if (observe_digests(&w, err) < 0)
        return -1;
    drop_duplicates(&o);
    *ret = o;
    o = (struct observation){ 0 };
    return 0;
}

static int observe(struct guest *g, int64_t touched_ms, const struct stop *stop,
                   struct observation *ret, struct err **err)
{
    AUTO_FREE char *script = observe_script();
    AUTO_FREE char *seconds = xasprintf("%lld", (long long)(touched_ms / 1000 + 1));
    const char *argv[] = { "/bin/sh", "-c", script, "patchlab-observe", seconds, NULL };
    struct guest_exec x = {
        .argv = argv,
        .scratch = "OBSERVED",
        .timeout_ms = OBSERVE_MS,
        .output_max = ANSWER_MAX,
    };
    AUTO_GUEST_RESULT r = { 0 };

    if (g->ops->exec(g, &x, &r, err) < 0)
        return err_wrap(err, "look at the guest");
    if (r.timed_out || r.exit_code != 0)
        return err_set(err, ERR_INVALID, "looking at the guest %s",
                       r.timed_out ? "took too long" : "failed");
    if (r.output_total != (int64_t)r.output.len)
        return err_set(err, ERR_INVALID, "the guest has more to say than %d bytes", ANSWER_MAX);
    if (observe_parse(r.output.ptr, r.output.len, stop, ret, err) < 0)
        return err_wrap(err, "what the guest says of itself");
    return 0;
}

const struct observer_ops guest_observer = { .name = "guest", .observe = observe };
