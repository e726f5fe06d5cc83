/* digest, random: known answers, files, identifiers. */
#include <sys/stat.h>

#include "base.h"
#include "base/digest.h"

/* FIPS 180-2, appendix B. */
static const struct {
    const char *text, *hex;
} known[] = {
    { "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
    { "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
    { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
};

static void known_answers(void **state)
{
    char hex[DIGEST_HEX_SIZE];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        digest_mem(known[i].text, strlen(known[i].text), hex);
        assert_string_equal(hex, known[i].hex);
        assert_true(digest_is_hex(hex));
    }
}

static void steps_give_the_same(void **state)
{
    char hex[DIGEST_HEX_SIZE];
    AUTO_DIGEST d = digest_new();

    (void)state;
    digest_add(d, "a", 1);
    digest_add(d, "", 0);
    digest_add(d, "bc", 2);
    digest_hex(d, hex);
    assert_string_equal(hex, known[1].hex);
    digest_free(NULL);
}

static void files(void **state)
{
    AUTO_ERR e = NULL;
    AUTO_FREE char *path = path_join(*state, "f");
    AUTO_FREE char *data = xcalloc(1000000, 1);
    char hex[DIGEST_HEX_SIZE];
    int64_t size = 0;

    memset(data, 'a', 1000000);
    expect_ok(file_write(path, data, 1000000, 0600, &e), &e);
    expect_ok(digest_file(path, hex, &size, &e), &e);
    assert_int_equal(size, 1000000);
    assert_string_equal(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    expect_ok(digest_file(path, hex, NULL, &e), &e);
}

static void what_is_no_file(void **state)
{
    AUTO_ERR e = NULL;
    AUTO_FREE char *none = path_join(*state, "none");
    AUTO_FREE char *fifo = path_join(*state, "fifo");
    char hex[DIGEST_HEX_SIZE] = "untouched";

    assert_int_equal(mkfifo(fifo, 0600), 0);
    expect_err(digest_file(none, hex, NULL, &e), ERR_NOT_FOUND, "cannot open", &e);
    expect_err(digest_file(*state, hex, NULL, &e), ERR_INVALID, "not a regular file", &e);
    expect_err(digest_file(fifo, hex, NULL, &e), ERR_INVALID, "not a regular file", &e);
    assert_string_equal(hex, "untouched");
}

static void hex_is_64_lower_case_digits(void **state)
{
    char hex[70];

    (void)state;
    memset(hex, 'a', sizeof(hex));
    hex[64] = '\0';
    assert_true(digest_is_hex(hex));
    hex[10] = 'A';
    assert_false(digest_is_hex(hex));
    hex[10] = 'g';
    assert_false(digest_is_hex(hex));
    hex[10] = '0';
    hex[63] = '\0';
    assert_false(digest_is_hex(hex));
    hex[63] = '0';
    hex[64] = '0';
    hex[65] = '\0';
    assert_false(digest_is_hex(hex));
    assert_false(digest_is_hex(""));
}

static void random_text(void **state)
{
    AUTO_FREE char *a = random_hex(16);
    AUTO_FREE char *b = random_hex(16);
    AUTO_FREE char *none = random_hex(0);

    (void)state;
    assert_int_equal(strlen(a), 32);
    assert_int_equal(strspn(a, "0123456789abcdef"), 32);
    assert_string_not_equal(a, b);
    assert_string_equal(none, "");
}

static void uuids(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++) {
        AUTO_FREE char *u = random_uuid();
        assert_int_equal(strlen(u), 36);
        assert_int_equal(u[8], '-');
        assert_int_equal(u[13], '-');
        assert_int_equal(u[18], '-');
        assert_int_equal(u[23], '-');
        assert_int_equal(u[14], '4');
        assert_non_null(strchr("89ab", u[19]));
        assert_int_equal(strspn(u, "0123456789abcdef-"), 36);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_answers),
        cmocka_unit_test(steps_give_the_same),
        scratch_test(files),
        scratch_test(what_is_no_file),
        cmocka_unit_test(hex_is_64_lower_case_digits),
        cmocka_unit_test(random_text),
        cmocka_unit_test(uuids),
    };

    return cmocka_run_group_tests_name("digest", tests, NULL, NULL);
}
