/* oval_source - see oval_source.h. */
#include "adapters/oval_source.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/feed_text.h"
#include "adapters/xml_walk.h"
#include "base/err.h"
#include "base/mem.h"

enum { AREA_NONE, AREA_DEFINITIONS, AREA_TESTS, AREA_OBJECTS, AREA_STATES };
enum { PART = 1, ITEM = 2, MEMBER = 3 }; /* depths below the root */
enum { CVES_MAX = 10000 };

static int area_of(const char *name)
{
    return str_eq(name, "definitions") ? AREA_DEFINITIONS
           : str_eq(name, "tests")     ? AREA_TESTS
           : str_eq(name, "objects")   ? AREA_OBJECTS
           : str_eq(name, "states")    ? AREA_STATES
                                       : AREA_NONE;
}

static const char *id_of(const struct xml_element *e, struct err **err)
{
    const char *id = xml_attr(e, "id");

    if (id && feed_text_is_valid(id))
        return id;
    err_set(err, ERR_INVALID, "line %zu: element '%s' has no id", e->line, e->name);
    return NULL;
}

static int open_item(struct oval_source *s, const struct xml_element *e, struct err **err)
{
    const char *id = id_of(e, err), *class = xml_attr(e, "class");

    if (!id)
        return -1;
    if (s->area == AREA_DEFINITIONS) {
        s->definitions = xgrow(s->definitions, s->definition_count, sizeof(*s->definitions));
        s->definitions[s->definition_count++] = (struct oval_definition){
            .id = xstrdup(id),
            .counts = str_eq(class, "vulnerability") || str_eq(class, "patch"),
        };
    } else if (s->area == AREA_TESTS) {
        s->tests = xgrow(s->tests, s->test_count, sizeof(*s->tests));
        s->tests[s->test_count++] = (struct oval_test){ .id = xstrdup(id) };
    } else if (s->area == AREA_OBJECTS) {
        s->objects = xgrow(s->objects, s->object_count, sizeof(*s->objects));
        s->objects[s->object_count++] = (struct oval_text){ .id = xstrdup(id) };
    } else if (s->area == AREA_STATES) {
        s->states = xgrow(s->states, s->state_count, sizeof(*s->states));
        s->states[s->state_count++] = (struct oval_text){ .id = xstrdup(id) };
    }
    return 0;
}

static void begin_text(struct oval_source *s)
{
    str_release(&s->text);
    s->text = (struct str)STR_INIT(FEED_TEXT_MAX);
    s->capture = &s->text;
}

static void take_attr(char **to, const struct xml_element *e, const char *name)
{
    const char *value = xml_attr(e, name);

    if (!*to && value && feed_text_is_valid(value))
        *to = xstrdup(value);
}

static void open_metadata(struct oval_source *s, const struct xml_element *e)
{
    struct oval_definition *d = &s->definitions[s->definition_count - 1];
    const char *id = xml_attr(e, "ref_id");

    if (str_eq(e->name, "reference") && str_eq(xml_attr(e, "source"), "CVE") && id
        && feed_text_is_valid(id) && d->cves.len < CVES_MAX && !strv_has(&d->cves, id))
        strv_add(&d->cves, id);
    if (str_eq(e->name, "severity") || str_eq(e->name, "product"))
        begin_text(s);
}

int oval_source_open(struct oval_source *s, const struct xml_element *e, size_t root,
                     struct err **err)
{
    size_t depth = e->depth - root;

    s->capture = NULL;
    if (depth == PART)
        s->area = area_of(e->name);
    else if (s->area != AREA_NONE && depth == ITEM)
        return open_item(s, e, err);
    else if (s->area == AREA_DEFINITIONS)
        open_metadata(s, e);
    else if (s->area == AREA_TESTS && depth == MEMBER && str_eq(e->name, "object"))
        take_attr(&s->tests[s->test_count - 1].object, e, "object_ref");
    else if (s->area == AREA_TESTS && depth == MEMBER && str_eq(e->name, "state"))
        take_attr(&s->tests[s->test_count - 1].state, e, "state_ref");
    else if (s->area == AREA_OBJECTS && depth == MEMBER && str_eq(e->name, "name"))
        begin_text(s);
    else if (s->area == AREA_STATES && depth == MEMBER && str_eq(e->name, "evr")
             && str_eq(xml_attr(e, "operation"), "less than"))
        begin_text(s);
    return 0;
}

int oval_source_text(struct oval_source *s, const char *text, size_t len, struct err **err)
{
    (void)err;
    if (s->capture)
        str_add_mem(s->capture, text, len);
    return 0;
}

int oval_source_close(struct oval_source *s, const struct xml_element *e, size_t root,
                      struct err **err)
{
    const char *text = s->text.ptr;

    (void)err;
    if (e->depth - root == PART)
        s->area = AREA_NONE;
    if (!s->capture)
        return 0;
    s->capture = NULL;
    if (s->text.truncated || !feed_text_is_valid(text))
        return 0;
    if (s->area == AREA_OBJECTS && !s->objects[s->object_count - 1].text)
        s->objects[s->object_count - 1].text = xstrdup(text);
    else if (s->area == AREA_STATES && !s->states[s->state_count - 1].text)
        s->states[s->state_count - 1].text = xstrdup(str_starts(text, "0:") ? text + 2 : text);
    else if (s->area == AREA_DEFINITIONS && str_eq(e->name, "severity"))
        s->definitions[s->definition_count - 1].severity = feed_severity(text);
    else if (s->area == AREA_DEFINITIONS && !s->definitions[s->definition_count - 1].product)
        s->definitions[s->definition_count - 1].product = xstrdup(text);
    return 0;
}

/* --- looking up ----------------------------------------------------------------------------- */

/* All items begin with their id. */
static int by_id(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int with_id(const void *key, const void *item)
{
    return strcmp(key, *(char *const *)item);
}

void oval_source_sort(struct oval_source *s)
{
    if (s->definition_count > 1)
        qsort(s->definitions, s->definition_count, sizeof(*s->definitions), by_id);
    if (s->test_count > 1)
        qsort(s->tests, s->test_count, sizeof(*s->tests), by_id);
    if (s->object_count > 1)
        qsort(s->objects, s->object_count, sizeof(*s->objects), by_id);
    if (s->state_count > 1)
        qsort(s->states, s->state_count, sizeof(*s->states), by_id);
}

static void *find(const void *array, size_t n, size_t size, const char *id)
{
    return n && id ? bsearch(id, array, n, size, with_id) : NULL;
}

const struct oval_definition *oval_source_definition(const struct oval_source *s, const char *id)
{
    return find(s->definitions, s->definition_count, sizeof(*s->definitions), id);
}

void oval_source_test(const struct oval_source *s, const char *id, const char **ret_package,
                      const char **ret_fixed)
{
    const struct oval_test *t = find(s->tests, s->test_count, sizeof(*s->tests), id);
    const struct oval_text *object = NULL, *state = NULL;

    if (t) {
        object = find(s->objects, s->object_count, sizeof(*s->objects), t->object);
        state = find(s->states, s->state_count, sizeof(*s->states), t->state);
    }
    *ret_package = object ? object->text : NULL;
    *ret_fixed = state ? state->text : NULL;
}

static void texts_release(struct oval_text *t, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(t[i].id);
        free(t[i].text);
    }
    free(t);
}

void oval_source_release(struct oval_source *s)
{
    for (size_t i = 0; i < s->definition_count; i++) {
        free(s->definitions[i].id);
        free(s->definitions[i].product);
        strv_release(&s->definitions[i].cves);
    }
    for (size_t i = 0; i < s->test_count; i++) {
        free(s->tests[i].id);
        free(s->tests[i].object);
        free(s->tests[i].state);
    }
    free(s->definitions);
    free(s->tests);
    texts_release(s->objects, s->object_count);
    texts_release(s->states, s->state_count);
    str_release(&s->text);
    *s = (struct oval_source){ 0 };
}
