/* Markdown to plain text: a walk over cmark's tree; see markdown.h. */
#include "adapters/markdown.h"

#include <cmark.h>
#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

enum { INDENT = 3, DEEPEST = 10 };

struct page {
    struct str out;
    struct str run; /* the inline text of the block that goes on */
    int columns;
    int depth;    /* of lists and quotes */
    char mark[8]; /* of the list item whose first line is yet to come */
};

/* In front of each line; the first of an item has its mark there. */
static void add_margin(struct page *p)
{
    int width = INDENT * (p->depth < DEEPEST ? p->depth : DEEPEST);

    if (*p->mark)
        str_addf(&p->out, "%*s%-*s", width - INDENT, "", INDENT, p->mark);
    else
        str_addf(&p->out, "%*s", width, "");
    *p->mark = '\0';
}

static int width_of(const char *s, size_t len)
{
    int n = 0;

    for (size_t i = 0; i < len; i++)
        n += ((unsigned char)s[i] & 0xc0) != 0x80;
    return n;
}

/* One line of the block, broken at blanks. */
static void wrap(struct page *p, const char *text, size_t len)
{
    int room = p->columns - INDENT * p->depth, at = 0;

    add_margin(p);
    while (len > 0) {
        size_t word = 0;
        while (word < len && text[word] != ' ')
            word++;
        int width = width_of(text, word);
        if (at > 0 && at + 1 + width > room) {
            str_add(&p->out, "\n");
            add_margin(p);
            at = 0;
        }
        if (at > 0 && word > 0)
            str_add(&p->out, " ");
        str_add_mem(&p->out, text, word);
        at += width + (at > 0 && word > 0);
        while (word < len && text[word] == ' ')
            word++;
        text += word;
        len -= word;
    }
    str_add(&p->out, "\n");
}

static void each_line(struct page *p, const char *text,
                      void (*add)(struct page *p, const char *s, size_t len))
{
    while (*text) {
        size_t len = strcspn(text, "\n");
        add(p, text, len);
        text += len + (text[len] == '\n');
    }
}

static void as_it_is(struct page *p, const char *text, size_t len)
{
    add_margin(p);
    str_addf(&p->out, "    %.*s\n", (int)len, text);
}

static void end_block(struct page *p, cmark_node *n)
{
    each_line(p, p->run.ptr, wrap);
    if (cmark_node_get_type(n) == CMARK_NODE_HEADING) {
        char line = cmark_node_get_heading_level(n) == 1 ? '=' : '-';
        add_margin(p);
        for (int i = width_of(p->run.ptr, p->run.len); i > 0; i--)
            str_add_mem(&p->out, &line, 1);
        str_add(&p->out, "\n");
    }
    str_clear(&p->run);
    cmark_node *list = cmark_node_parent(cmark_node_parent(n));
    if (!list || cmark_node_get_type(list) != CMARK_NODE_LIST || !cmark_node_get_list_tight(list))
        str_add(&p->out, "\n");
}

static void begin_item(struct page *p, cmark_node *n)
{
    cmark_node *list = cmark_node_parent(n);
    int number = cmark_node_get_list_start(list);
    AUTO_FREE char *mark = NULL;

    for (cmark_node *before = n; (before = cmark_node_previous(before));)
        number++;
    mark = cmark_node_get_list_type(list) == CMARK_ORDERED_LIST ? xasprintf("%d.", number % 1000)
                                                                : xstrdup("-");
    strncpy(p->mark, mark, sizeof(p->mark) - 1);
}

static void enter(struct page *p, cmark_node *n)
{
    const char *literal = cmark_node_get_literal(n);

    switch (cmark_node_get_type(n)) {
    case CMARK_NODE_ITEM:
        p->depth++;
        begin_item(p, n);
        break;
    case CMARK_NODE_BLOCK_QUOTE:
        p->depth++;
        break;
    case CMARK_NODE_CODE_BLOCK:
    case CMARK_NODE_HTML_BLOCK:
        each_line(p, literal, as_it_is);
        str_add(&p->out, "\n");
        break;
    case CMARK_NODE_THEMATIC_BREAK:
        str_add(&p->out, "---\n\n");
        break;
    case CMARK_NODE_TEXT:
    case CMARK_NODE_HTML_INLINE:
        str_add(&p->run, literal);
        break;
    case CMARK_NODE_CODE:
        str_addf(&p->run, "'%s'", literal);
        break;
    case CMARK_NODE_SOFTBREAK:
        str_add(&p->run, " ");
        break;
    case CMARK_NODE_LINEBREAK:
        str_add(&p->run, "\n");
        break;
    default:
        break;
    }
}

/* Only what has children is left. */
static void leave(struct page *p, cmark_node *n)
{
    const char *url;

    switch (cmark_node_get_type(n)) {
    case CMARK_NODE_ITEM:
    case CMARK_NODE_BLOCK_QUOTE:
        p->depth--;
        *p->mark = '\0';
        break;
    case CMARK_NODE_LIST:
        if (cmark_node_get_list_tight(n) && p->depth == 0)
            str_add(&p->out, "\n");
        break;
    case CMARK_NODE_PARAGRAPH:
    case CMARK_NODE_HEADING:
        end_block(p, n);
        break;
    case CMARK_NODE_LINK:
    case CMARK_NODE_IMAGE:
        url = cmark_node_get_url(n);
        if (!str_ends(p->run.ptr, url))
            str_addf(&p->run, " (%s)", url);
        break;
    default:
        break;
    }
}

char *markdown_plain(const char *text, size_t len, int columns)
{
    struct page p = { .out = STR_INIT(SIZE_MAX / 2),
                      .run = STR_INIT(SIZE_MAX / 2),
                      .columns = columns };
    cmark_node *document = cmark_parse_document(text, len, CMARK_OPT_VALIDATE_UTF8);
    cmark_iter *iter = cmark_iter_new(document);
    cmark_event_type event;

    while ((event = cmark_iter_next(iter)) != CMARK_EVENT_DONE) {
        if (event == CMARK_EVENT_ENTER)
            enter(&p, cmark_iter_get_node(iter));
        else
            leave(&p, cmark_iter_get_node(iter));
    }
    cmark_iter_free(iter);
    cmark_node_free(document);
    /* Only now: "&#27;" has become what it stands for. */
    char *plain = str_printable(p.out.ptr, p.out.len, true);
    str_release(&p.run);
    str_release(&p.out);
    return plain;
}
