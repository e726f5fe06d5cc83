/* save_image: the header of a saved domain, as libvirt writes it, damaged, and rewritten. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <endian.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapters/save_image.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"

enum { HEADER = 92, VERSION = 16, DATA_LEN = 20, RUNNING = 24, COMPRESSED = 28, COOKIE = 32 };

#define XML \
    "<domain type='qemu'>\n  <name>patchlab-0-warm</name>\n" \
    "  <uuid>e0807a5f-ecb5-4892-945f-1036cb1ae89c</uuid>\n" \
    "  <source file='/lab/0/vm/warm/overlay.qcow2'/>\n" \
    "  <source path='/lab/0/vm/warm/console.log'/>\n" \
    "  <source path='/lab/0/vm/warm/console.log'/>\n</domain>\n"
#define COOKIE_TEXT "<cookie>\n  <slirpHelper/>\n</cookie>\n"

/* A file as libvirt 9.0 writes it, 200 spare bytes in place of its 64 KiB. */
struct sample {
    char bytes[2048];
    size_t len;
};

static void set_word(struct sample *s, size_t at, uint32_t value)
{
    value = htole32(value);
    memcpy(s->bytes + at, &value, sizeof(value));
}

static struct sample make_sample(const char *xml, const char *cookie)
{
    struct sample s = { .bytes = "LibvirtQemudSave" };
    size_t xml_len = strlen(xml) + 1, cookie_len = cookie ? strlen(cookie) + 1 : 0;
    size_t data_len = xml_len + cookie_len + 200;

    set_word(&s, VERSION, 2);
    set_word(&s, DATA_LEN, (uint32_t)data_len);
    set_word(&s, RUNNING, 1);
    set_word(&s, COOKIE, cookie ? (uint32_t)xml_len : 0);
    memcpy(s.bytes + HEADER, xml, xml_len);
    if (cookie)
        memcpy(s.bytes + HEADER + xml_len, cookie, cookie_len);
    memcpy(s.bytes + HEADER + data_len, "QEVM\0\0\0\3memory", 14);
    s.len = HEADER + data_len + 14;
    return s;
}

static void assert_refused(const struct sample *s, const char *why)
{
    AUTO_ERR err = NULL;
    AUTO_SAVE_IMAGE image = { 0 };

    assert_int_equal(save_image_parse(s->bytes, s->len, &image, &err), -1);
    assert_int_equal(err->code, ERR_CORRUPT);
    if (!strstr(err->msg, why))
        fail_msg("'%s' is not in '%s'", why, err->msg);
    assert_null(image.xml);
    assert_null(image.cookie);
}

static void what_libvirt_writes_is_read(void **state)
{
    (void)state;
    struct sample s = make_sample(XML, COOKIE_TEXT);
    AUTO_SAVE_IMAGE image = { 0 };
    AUTO_ERR err = NULL;

    assert_int_equal(save_image_parse(s.bytes, s.len, &image, &err), 0);
    assert_string_equal(image.xml, XML);
    assert_string_equal(image.cookie, COOKIE_TEXT);
    assert_memory_equal(s.bytes + image.stream_at, "QEVM", 4);
}

static void no_cookie_is_fine(void **state)
{
    (void)state;
    struct sample s = make_sample(XML, NULL);
    AUTO_SAVE_IMAGE image = { 0 };
    AUTO_ERR err = NULL;

    assert_int_equal(save_image_parse(s.bytes, s.len, &image, &err), 0);
    assert_string_equal(image.xml, XML);
    assert_null(image.cookie);
}

static void a_changed_word_is_refused(void **state)
{
    (void)state;
    const struct {
        size_t at;
        uint32_t value;
        const char *why;
    } cases[] = {
        { 0, 0x50, "no header" },
        { 12, 0x74726150, "no header" }, /* "LibvirtQemudPart": a save that did not end */
        { VERSION, 1, "version" },
        { VERSION, 3, "version" },
        { VERSION, 0x02000000, "version" }, /* the other byte order */
        { DATA_LEN, 0, "length" },
        { DATA_LEN, 1, "length" },
        { DATA_LEN, SAVE_IMAGE_DATA_MAX + 1, "length" },
        { DATA_LEN, UINT32_MAX, "length" },
        { DATA_LEN, SAVE_IMAGE_DATA_MAX, "no memory" },
        { DATA_LEN, 500, "no memory" },
        { RUNNING, 0, "running" },
        { RUNNING, 2, "running" },
        { COMPRESSED, 1, "compressed" },
        { COOKIE, 1, "cookie" },
        { COOKIE, 2, "no description" },
        { COOKIE, UINT32_MAX, "cookie" },
        { HEADER - 4, 1, "reserved" },
        { COOKIE + 4, 1, "reserved" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct sample s = make_sample(XML, COOKIE_TEXT);
        set_word(&s, cases[i].at, cases[i].value);
        assert_refused(&s, cases[i].why);
    }
}

static void the_cookie_must_lie_inside(void **state)
{
    (void)state;
    struct sample s = make_sample(XML, COOKIE_TEXT);
    uint32_t data_len = (uint32_t)(s.len - HEADER - 14);

    set_word(&s, COOKIE, data_len);
    assert_refused(&s, "cookie");
    set_word(&s, COOKIE, data_len - 1);
    assert_refused(&s, "no description"); /* the cookie would be part of the XML */
}

static void a_file_that_ends_early_is_refused(void **state)
{
    (void)state;
    struct sample s = make_sample(XML, COOKIE_TEXT);
    size_t stream = s.len - 14;

    for (s.len = 0; s.len < stream + 4; s.len++) {
        AUTO_FREE char *exact = xcalloc(1, s.len + 1);
        AUTO_SAVE_IMAGE image = { 0 };
        AUTO_ERR err = NULL;
        memcpy(exact, s.bytes, s.len);
        assert_int_equal(save_image_parse(exact, s.len, &image, &err), -1);
    }
}

static void other_contents_are_refused(void **state)
{
    (void)state;
    const struct {
        const char *xml, *cookie, *why;
    } cases[] = {
        { "", COOKIE_TEXT, "a cookie out of bounds" },
        { "", NULL, "no description" },
        { "<network>\n</network>\n", NULL, "no description" },
        { "<domain type='qemu'>", NULL, "no description" },
        { XML "<!-- -->", NULL, "no description" },
        { XML, "", "no cookie" },
        { XML, "<qemu>\n</qemu>\n", "no cookie" },
        { XML, "<cookie>", "no cookie" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct sample s = make_sample(cases[i].xml, cases[i].cookie);
        assert_refused(&s, cases[i].why);
    }
}

static void bytes_behind_the_texts_are_refused(void **state)
{
    (void)state;
    struct sample s = make_sample(XML, COOKIE_TEXT);

    s.bytes[s.len - 20] = 'x';
    assert_refused(&s, "no cookie");
    s = make_sample(XML, NULL);
    s.bytes[s.len - 20] = 'x';
    assert_refused(&s, "no description");
    s = make_sample(XML, COOKIE_TEXT);
    s.bytes[HEADER + 30] = '\0';
    assert_refused(&s, "no description");
}

static void replacing_counts(void **state)
{
    (void)state;
    struct sample sample = make_sample(XML, COOKIE_TEXT);
    AUTO_SAVE_IMAGE s = { 0 };
    AUTO_ERR err = NULL;

    assert_int_equal(save_image_parse(sample.bytes, sample.len, &s, &err), 0);
    assert_int_equal(save_image_replace(&s, "<name>patchlab-0-warm</name>",
                                        "<name>patchlab-0-run-1-a</name>", 1, &err),
                     0);
    assert_int_equal(save_image_replace(&s, "/warm/console", "/a/console", 0, &err), 0);
    assert_non_null(strstr(s.xml, "<name>patchlab-0-run-1-a</name>"));
    assert_null(strstr(s.xml, "/warm/console"));
    assert_null(err);

    assert_int_equal(save_image_replace(&s, "/a/console", "/b/console", 1, &err), -1);
    assert_int_equal(err->code, ERR_CORRUPT);
    assert_non_null(strstr(err->msg, "2 times"));
    err_clear(&err);
    assert_non_null(strstr(s.xml, "/a/console")); /* unchanged after an error */
    assert_int_equal(save_image_replace(&s, "<nvram>", "", 0, &err), -1);
    assert_int_equal(err->code, ERR_CORRUPT);
}

static void replacing_has_a_limit(void **state)
{
    (void)state;
    struct sample sample = make_sample(XML, NULL);
    AUTO_FREE char *huge = xcalloc(1, SAVE_IMAGE_DATA_MAX);
    AUTO_SAVE_IMAGE s = { 0 };
    AUTO_ERR err = NULL;

    memset(huge, 'x', SAVE_IMAGE_DATA_MAX - 1);
    assert_int_equal(save_image_parse(sample.bytes, sample.len, &s, &err), 0);
    assert_int_equal(save_image_replace(&s, "<name>", huge, 1, &err), -1);
    assert_string_equal(s.xml, XML);
}

static void texts_are_escaped_as_libvirt_does(void **state)
{
    (void)state;
    AUTO_FREE char *s = save_image_escape("/srv/a'b\"<c>&d");

    assert_string_equal(s, "/srv/a&apos;b&quot;&lt;c&gt;&amp;d");
}

static void a_header_survives_the_way_there_and_back(void **state)
{
    (void)state;
    const char *const cookies[] = { COOKIE_TEXT, NULL };

    for (size_t i = 0; i < ARRAY_LEN(cookies); i++) {
        AUTO_SAVE_IMAGE s = { .xml = xstrdup(XML), .cookie = xstrdup(cookies[i]) };
        AUTO_SAVE_IMAGE back = { 0 };
        AUTO_STR header = STR_INIT(4096);
        AUTO_ERR err = NULL;

        save_image_header(&s, &header);
        size_t len = header.len;
        str_add(&header, "QEVM");
        assert_int_equal(save_image_parse(header.ptr, header.len, &back, &err), 0);
        assert_int_equal(back.stream_at, len);
        assert_string_equal(back.xml, XML);
        assert_true(str_eq(back.cookie, cookies[i]));
    }
}

static void a_file_is_read_from_its_beginning(void **state)
{
    (void)state;
    struct sample sample = make_sample(XML, COOKIE_TEXT);
    AUTO_ERR err = NULL;
    AUTO_TEMPDIR dir = dir_temp(NULL, "test-save-image", &err);
    AUTO_FREE char *path = path_join(dir, "memory");
    AUTO_SAVE_IMAGE s = { 0 };

    assert_int_equal(file_write(path, sample.bytes, sample.len, 0600, &err), 0);
    AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_int_equal(lseek(fd, 7, SEEK_SET), 7);
    assert_int_equal(save_image_read(fd, &s, &err), 0);
    assert_string_equal(s.xml, XML);
    save_image_release(&s);
    assert_int_equal(save_image_read(-1, &s, &err), -1);
    assert_int_equal(err->code, ERR_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_libvirt_writes_is_read),
        cmocka_unit_test(no_cookie_is_fine),
        cmocka_unit_test(a_changed_word_is_refused),
        cmocka_unit_test(the_cookie_must_lie_inside),
        cmocka_unit_test(a_file_that_ends_early_is_refused),
        cmocka_unit_test(other_contents_are_refused),
        cmocka_unit_test(bytes_behind_the_texts_are_refused),
        cmocka_unit_test(replacing_counts),
        cmocka_unit_test(replacing_has_a_limit),
        cmocka_unit_test(texts_are_escaped_as_libvirt_does),
        cmocka_unit_test(a_header_survives_the_way_there_and_back),
        cmocka_unit_test(a_file_is_read_from_its_beginning),
    };

    return cmocka_run_group_tests_name("save-image", tests, NULL, NULL);
}
