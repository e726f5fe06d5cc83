/* XML from strangers; expat does the reading. */
#include "adapters/xml_walk.h"

#include <expat.h>
#include <limits.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/stop.h"
#include "base/str.h"

/* Between name space and local name in what expat hands over; XML allows it in neither. */
#define SEPARATOR '\x1f'
enum { STOP_EVERY = 4096 }; /* elements between two looks at the stop */

struct walk {
    XML_Parser parser;
    const char *name;
    const struct xml_limits *limits;
    const struct xml_sink *sink;
    void *arg;
    const struct stop *stop;
    size_t depth, elements;
    struct err **err;
    bool failed;
};

/* No handler may do anything after this. */
static void give_up(struct walk *w)
{
    w->failed = true;
    XML_StopParser(w->parser, XML_FALSE);
}

static size_t line_of(const struct walk *w)
{
    return (size_t)XML_GetCurrentLineNumber(w->parser);
}

static void refuse(struct walk *w, const char *why)
{
    err_set(w->err, ERR_INVALID, "%s:%zu: %s", w->name, line_of(w), why);
    give_up(w);
}

static const char *check_element(const struct walk *w, const char *name, const char **attrs)
{
    size_t count = 0;

    if (w->depth > w->limits->depth)
        return "elements are nested too deeply";
    if (w->elements > w->limits->elements)
        return "it has too many elements";
    if (strlen(name) > XML_NAME_MAX)
        return "the name of an element is too long";
    while (attrs[count])
        count += 2;
    return count / 2 > XML_ATTRS_MAX ? "an element has too many attributes" : NULL;
}

/* "SPACE\x1fNAME" into its two parts; the space is the caller's to free. */
static struct xml_element split(const struct walk *w, const char *name, char **ret_space)
{
    const char *end = strchr(name, SEPARATOR);

    *ret_space = xstrndup(name, end ? (size_t)(end - name) : 0);
    return (struct xml_element){
        .name = end ? end + 1 : name,
        .space = *ret_space,
        .depth = w->depth,
        .line = line_of(w),
    };
}

static void XMLCALL on_open(void *arg, const XML_Char *name, const XML_Char **attrs)
{
    struct walk *w = arg;
    AUTO_FREE char *space = NULL;

    if (w->failed)
        return;
    w->depth++;
    w->elements++;
    const char *why = check_element(w, name, attrs);
    if (why) {
        refuse(w, why);
        return;
    }
    if (w->elements % STOP_EVERY == 0 && stop_check(w->stop, w->err) < 0) {
        give_up(w);
        return;
    }
    struct xml_element e = split(w, name, &space);
    e.attrs = attrs;
    if (w->sink->open && w->sink->open(w->arg, &e, w->err) < 0)
        give_up(w);
}

static void XMLCALL on_close(void *arg, const XML_Char *name)
{
    struct walk *w = arg;
    AUTO_FREE char *space = NULL;

    if (w->failed)
        return;
    struct xml_element e = split(w, name, &space);
    if (w->sink->close && w->sink->close(w->arg, &e, w->err) < 0)
        give_up(w);
    w->depth--;
}

static void XMLCALL on_text(void *arg, const XML_Char *text, int len)
{
    struct walk *w = arg;

    if (!w->failed && w->sink->text && w->sink->text(w->arg, text, (size_t)len, w->err) < 0)
        give_up(w);
}

/* Before any of the declarations is looked at, so that no entity ever comes to be. */
static void XMLCALL on_doctype(void *arg, const XML_Char *name, const XML_Char *system,
                               const XML_Char *public, int has_subset)
{
    struct walk *w = arg;

    (void)name;
    (void)system;
    (void)public;
    (void)has_subset;
    if (!w->failed)
        refuse(w, "a document type (<!DOCTYPE ...>) is not allowed");
}

static void set_handlers(XML_Parser p, struct walk *w)
{
    XML_SetUserData(p, w);
    XML_SetElementHandler(p, on_open, on_close);
    XML_SetCharacterDataHandler(p, on_text);
    XML_SetStartDoctypeDeclHandler(p, on_doctype);
    XML_SetParamEntityParsing(p, XML_PARAM_ENTITY_PARSING_NEVER);
}

int xml_walk(const char *text, size_t len, const char *name, const struct xml_limits *limits,
             const struct xml_sink *sink, void *arg, const struct stop *stop, struct err **err)
{
    struct walk w = {
        .name = name, .limits = limits, .sink = sink, .arg = arg, .stop = stop, .err = err
    };

    if (len > limits->bytes || len > INT_MAX)
        return err_set(err, ERR_INVALID, "%s: it is larger than %zu bytes", name, limits->bytes);
    w.parser = XML_ParserCreateNS(NULL, SEPARATOR);
    if (!w.parser)
        return err_set(err, ERR_NO_ROOM, "cannot read '%s': no memory", name);
    set_handlers(w.parser, &w);
    /* In one piece: a long token that comes in many would be read from its start for each. */
    if (XML_Parse(w.parser, text, (int)len, XML_TRUE) != XML_STATUS_OK && !w.failed) {
        w.failed = true;
        err_set(err, ERR_INVALID, "%s:%zu: not valid XML: %s", name, line_of(&w),
                XML_ErrorString(XML_GetErrorCode(w.parser)));
    }
    XML_ParserFree(w.parser);
    return w.failed ? -1 : 0;
}

const char *xml_attr(const struct xml_element *e, const char *name)
{
    for (const char *const *a = e->attrs; a && *a; a += 2) {
        if (str_eq(a[0], name))
            return a[1];
    }
    return NULL;
}
