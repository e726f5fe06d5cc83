/* err: creating, wrapping, hints and codes. */
#include <errno.h>

#include "base.h"

static void set_stores_and_returns_minus_one(void **state)
{
    AUTO_ERR e = NULL;

    (void)state;
    assert_int_equal(err_set(&e, ERR_DENIED, "cannot %s '%s'", "open", "x"), -1);
    assert_int_equal(e->code, ERR_DENIED);
    assert_string_equal(e->msg, "cannot open 'x'");
    assert_null(e->hint);
}

static void wrap_prefixes_and_keeps_code_and_hint(void **state)
{
    AUTO_ERR e = NULL;

    (void)state;
    err_set(&e, ERR_TIMEOUT, "guest agent did not answer");
    err_hint(&e, "look at %s", "the console");
    assert_int_equal(err_wrap(&e, "install '%s'", "openssl"), -1);
    assert_int_equal(err_wrap(&e, "step 'patch'"), -1);
    assert_string_equal(e->msg, "step 'patch': install 'openssl': guest agent did not answer");
    assert_int_equal(e->code, ERR_TIMEOUT);
    assert_string_equal(e->hint, "look at the console");
}

static void a_second_hint_replaces_the_first(void **state)
{
    AUTO_ERR e = NULL;

    (void)state;
    err_set(&e, ERR_IO, "x");
    err_hint(&e, "one");
    assert_int_equal(err_hint(&e, "two"), -1);
    assert_string_equal(e->hint, "two");
}

static void errno_becomes_a_code_and_a_sentence(void **state)
{
    static const struct {
        int errnum;
        enum err_code code;
        const char *text;
    } rows[] = {
        { ENOENT, ERR_NOT_FOUND, "cannot open 'x': No such file or directory" },
        { ENOSPC, ERR_NO_ROOM, "cannot open 'x': No space left on device" },
        { EDQUOT, ERR_NO_ROOM, "cannot open 'x': Disk quota exceeded" },
        { EACCES, ERR_IO, "cannot open 'x': Permission denied" },
        { 99999, ERR_IO, "cannot open 'x': unknown error" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO_ERR e = NULL;
        assert_int_equal(err_set_errno(&e, rows[i].errnum, "cannot open '%s'", "x"), -1);
        assert_int_equal(e->code, rows[i].code);
        assert_string_equal(e->msg, rows[i].text);
        assert_int_equal(e->hint != NULL, rows[i].code == ERR_NO_ROOM);
    }
}

static void clear_leaves_null(void **state)
{
    struct err *e = NULL;

    (void)state;
    err_clear(&e);
    assert_null(e);
    err_set(&e, ERR_IO, "x");
    err_clear(&e);
    assert_null(e);
    err_free(NULL);
}

static void every_code_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (int a = ERR_INVALID; a <= ERR_NO_ROOM; a++) {
        assert_string_not_equal(err_code_name((enum err_code)a), "unknown");
        for (int b = ERR_INVALID; b < a; b++)
            assert_string_not_equal(err_code_name((enum err_code)a), err_code_name(b));
    }
    assert_string_equal(err_code_name(ERR_NOT_FOUND), "not-found");
    assert_string_equal(err_code_name((enum err_code)0), "unknown");
    assert_string_equal(err_code_name((enum err_code)99), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(set_stores_and_returns_minus_one),
        cmocka_unit_test(wrap_prefixes_and_keeps_code_and_hint),
        cmocka_unit_test(a_second_hint_replaces_the_first),
        cmocka_unit_test(errno_becomes_a_code_and_a_sentence),
        cmocka_unit_test(clear_leaves_null),
        cmocka_unit_test(every_code_has_a_name_of_its_own),
    };

    return cmocka_run_group_tests_name("err", tests, NULL, NULL);
}
