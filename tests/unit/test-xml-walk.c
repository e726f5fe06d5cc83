/* XML from strangers, within limits. */
#include "unit/base.h"

#include "adapters/xml_walk.h"
#include "base/stop.h"

static const struct xml_limits limits = { .bytes = 4096, .depth = 4, .elements = 6 };

static int note_open(void *arg, const struct xml_element *e, struct err **err)
{
    struct str *s = arg;
    const char *value = xml_attr(e, "a");

    if (str_eq(e->name, "stop"))
        return err_set(err, ERR_CONFLICT, "stopped at line %zu", e->line);
    str_addf(s, "<%zu %s%s%s", e->depth, e->name, e->space[0] ? "@" : "", e->space);
    if (value)
        str_addf(s, " a=%s", value);
    str_add(s, ">");
    return 0;
}

static int note_text(void *arg, const char *text, size_t len, struct err **err)
{
    if (len == 1 && *text == '!')
        return err_set(err, ERR_CONFLICT, "stopped by a text");
    str_add_mem(arg, text, len);
    return 0;
}

static int note_close(void *arg, const struct xml_element *e, struct err **err)
{
    if (str_eq(e->name, "last"))
        return err_set(err, ERR_CONFLICT, "stopped by an end");
    str_addf(arg, "</%zu %s>", e->depth, e->name);
    return 0;
}

static const struct xml_sink sink = { note_open, note_text, note_close };

static const struct {
    const char *text, *seen;
} good[] = {
    { "<r/>", "<1 r></1 r>" },
    { "<?xml version='1.0' encoding='UTF-8'?>\n<r a='1'>x<b/>y</r>",
      "<1 r a=1>x<2 b></2 b>y</1 r>" },
    { "<r a='&lt;&amp;&#65;'>&gt;<![CDATA[<&>]]></r>", "<1 r a=<&A>><&></1 r>" },
    { "<p:r xmlns:p='urn:x' p:a='no'/>", "<1 r@urn:x></1 r>" },
    { "<r xmlns='urn:x'><q xmlns='' a='2'/></r>", "<1 r@urn:x><2 q a=2></2 q></1 r>" },
    { "<!-- c --><r><?pi x?></r><!-- d -->", "<1 r></1 r>" },
    { "\xef\xbb\xbf<r>\xc3\xa4</r>", "<1 r>\xc3\xa4</1 r>" },
    { "<?xml version='1.0' encoding='ISO-8859-1'?><r>\xe4</r>", "<1 r>\xc3\xa4</1 r>" },
};

static const struct {
    const char *text, *message;
} bad[] = {
    { "", "t:1: not valid XML: no element found" },
    { "text", "t:1: not valid XML" },
    { "<r>\n<b></r>", "t:2: not valid XML: mismatched tag" },
    { "<r/><r/>", "junk after document element" },
    { "<r a='1' a='2'/>", "duplicate attribute" },
    { "<r>&x;</r>", "undefined entity" },
    { "<r>&#1;</r>", "not valid XML" },
    { "<r>\x01</r>", "not valid XML" },
    { "<r>\xff</r>", "not valid XML" },
    { "<p:r/>", "unbound prefix" },
    { "<?xml version='1.0' encoding='UTF-7'?><r/>", "unknown encoding" },
    { "<!DOCTYPE r>\n<r/>", "a document type" },
    { "<!DOCTYPE r SYSTEM 'file:///etc/passwd'><r/>", "a document type" },
    { "<!DOCTYPE r [<!ENTITY a 'x'><!ENTITY b '&a;&a;&a;&a;'>]><r>&b;</r>",
      "t:1: a document type" },
    { "<!DOCTYPE r [<!ENTITY % x SYSTEM 'file:///etc/passwd'>%x;]><r/>", "a document type" },
    { "<a><b><c><d><e/></d></c></b></a>", "nested too deeply" },
    { "<r><a/><a/><a/><a/><a/><a/></r>", "too many elements" },
};

static void what_is_in_it_is_handed_over(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        AUTO_STR s = STR_INIT(1000);
        AUTO_ERR e = NULL;

        expect_ok(xml_walk(good[i].text, strlen(good[i].text), "t", &limits, &sink, &s, NULL, &e),
                  &e);
        assert_string_equal(s.ptr, good[i].seen);
    }
}

static void what_is_no_xml_or_too_much_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        AUTO_STR s = STR_INIT(1000);
        AUTO_ERR e = NULL;

        expect_err(xml_walk(bad[i].text, strlen(bad[i].text), "t", &limits, &sink, &s, NULL, &e),
                   ERR_INVALID, bad[i].message, &e);
    }
}

static void sizes_are_limited(void **state)
{
    AUTO_STR name = STR_INIT(4000), attrs = STR_INIT(4000), s = STR_INIT(100);
    AUTO_FREE char *large = xcalloc(1, limits.bytes + 1);
    AUTO_ERR e = NULL;

    (void)state;
    str_add(&name, "<");
    str_add(&attrs, "<r");
    for (int i = 0; i <= XML_NAME_MAX; i++)
        str_add(&name, "n");
    for (int i = 0; i <= XML_ATTRS_MAX; i++)
        str_addf(&attrs, " a%d='1'", i);
    str_add(&name, "/>");
    str_add(&attrs, "/>");
    expect_err(xml_walk(name.ptr, name.len, "t", &limits, &sink, &s, NULL, &e), ERR_INVALID,
               "the name of an element is too long", &e);
    expect_err(xml_walk(attrs.ptr, attrs.len, "t", &limits, &sink, &s, NULL, &e), ERR_INVALID,
               "too many attributes", &e);
    expect_err(xml_walk(large, limits.bytes + 1, "t", &limits, &sink, &s, NULL, &e), ERR_INVALID,
               "larger than 4096 bytes", &e);
}

static void the_sink_can_stop_it(void **state)
{
    static const char *const texts[] = { "<r>\n<stop/></r>", "<r>!</r>", "<r><last/><stop/></r>" };
    static const char *const said[] = { "stopped at line 2", "stopped by a text",
                                        "stopped by an end" };
    static const struct xml_sink nothing = { 0 };
    AUTO_STR s = STR_INIT(1000);
    AUTO_ERR e = NULL;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        expect_err(xml_walk(texts[i], strlen(texts[i]), "t", &limits, &sink, &s, NULL, &e),
                   ERR_CONFLICT, said[i], &e);
    expect_ok(xml_walk(texts[0], strlen(texts[0]), "t", &limits, &nothing, NULL, NULL, &e), &e);
}

static void a_stop_ends_a_long_one(void **state)
{
    static const struct xml_limits wide = { .bytes = 1 << 20, .depth = 4, .elements = 100000 };
    AUTO_STOP stop = stop_new();
    AUTO_STR text = STR_INIT(1 << 20), s = STR_INIT(100);
    AUTO_ERR e = NULL;

    (void)state;
    str_add(&text, "<r>");
    for (int i = 0; i < 10000; i++)
        str_add(&text, "<a/>");
    str_add(&text, "</r>");
    expect_ok(xml_walk(text.ptr, text.len, "t", &wide, &sink, &s, stop, &e), &e);
    stop_raise(stop, 0);
    expect_err(xml_walk(text.ptr, text.len, "t", &wide, &sink, &s, stop, &e), ERR_CANCELLED,
               "interrupted", &e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_in_it_is_handed_over),
        cmocka_unit_test(what_is_no_xml_or_too_much_is_refused),
        cmocka_unit_test(sizes_are_limited),
        cmocka_unit_test(the_sink_can_stop_it),
        cmocka_unit_test(a_stop_ends_a_long_one),
    };

    return cmocka_run_group_tests_name("xml-walk", tests, NULL, NULL);
}
