/* Comma-separated values: what is read, what is refused, and that what is written is read again. */
#include "unit/base.h"

#include "base/csv.h"

/* "line:a|b;" for each record */
static int note(void *arg, int line, const struct strv *fields, struct err **err)
{
    struct str *s = arg;

    (void)err;
    str_addf(s, "%d:", line);
    for (size_t i = 0; i < fields->len; i++)
        str_addf(s, "%s%s", i ? "|" : "", fields->ptr[i]);
    str_add(s, ";");
    return 0;
}

static int read_len(const char *text, size_t len, struct str *to, struct err **err)
{
    return csv_read(text, len, "f.csv", note, to, err);
}

static int read_text(const char *text, struct str *to, struct err **err)
{
    return read_len(text, strlen(text), to, err);
}

static void records_are_read(void **state)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        { "", "" },
        { "\n\r\n", "" },
        { "a", "1:a;" },
        { "a,b\n1,2\n", "1:a|b;2:1|2;" },
        { "a,b\r\n1,2", "1:a|b;2:1|2;" },
        { "a,b\n\n,\n", "1:a|b;3:|;" },
        { "\xef\xbb\xbf"
          "a\n",
          "1:a;" },
        { "\"a\",\"b,c\"\n\"d\"\"e\",\"\"\n", "1:a|b,c;2:d\"e|;" },
        { "a,b\n\"x\ny\",z\nc,d\n", "1:a|b;2:x\ny|z;4:c|d;" },
        { "\"x\r\ny\"\r\n", "1:x\r\ny;" },
        { " a , b \n", "1: a | b ;" },
        { "\"\"\n", "1:;" },
        { "\xc3\xa4,\t\n", "1:\xc3\xa4|\t;" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO_STR s = STR_INIT(1000);
        AUTO_ERR e = NULL;

        expect_ok(read_text(rows[i].text, &s, &e), &e);
        assert_string_equal(s.ptr, rows[i].want);
    }
}

static void what_is_no_csv_is_refused(void **state)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        { "a,b\n1\n", "f.csv:2: 1 fields, but the first line has 2" },
        { "a\n1,2\n", "f.csv:2: 2 fields, but the first line has 1" },
        { "\"a", "f.csv:1: a quoted field does not end" },
        { "x\n\"a\n\n", "f.csv:2: a quoted field does not end" },
        { "\"a\"b\n", "f.csv:1: text behind a quoted field" },
        { "\"a\" ,b\n", "f.csv:1: text behind a quoted field" },
        { "a\"b\n", "f.csv:1: a quote within a field" },
        { "a\rb\n", "f.csv:1: a control character" },
        { "\"a\rb\"\n", "f.csv:1: a control character" },
        { "a\x1b[2J\n", "f.csv:1: a control character" },
        { "a\x7f\n", "f.csv:1: a control character" },
        { "a\n\xe2\x80\xae\n", "f.csv:2: a control character" }, /* right to left */
        { "a\n\xef\xbb\xbf\n", "f.csv:2: a control character" }, /* a mark that is not first */
        { "a\n\xff\n", "f.csv:2: this is not UTF-8" },
        { "\xc0\xaf\n", "f.csv:1: this is not UTF-8" },
        { "a\xc3", "f.csv:1: this is not UTF-8" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO_STR s = STR_INIT(1000);
        AUTO_ERR e = NULL;

        expect_err(read_text(rows[i].text, &s, &e), ERR_INVALID, rows[i].want, &e);
    }
    AUTO_STR s = STR_INIT(1000);
    AUTO_ERR e = NULL;
    expect_err(read_len("a\0b\n", 4, &s, &e), ERR_INVALID, "f.csv:1: a control character", &e);
}

static char *repeated(char c, size_t n, const char *end)
{
    char *text = xcalloc(n + strlen(end) + 1, 1);

    memset(text, c, n);
    memcpy(text + n, end, strlen(end));
    return text;
}

static void limits_hold(void **state)
{
    AUTO_FREE char *full = repeated('x', CSV_FIELD_MAX, "\n");
    AUTO_FREE char *megabyte = repeated('x', 1 << 20, "\n");
    AUTO_FREE char *columns = repeated(',', CSV_COLUMNS_MAX - 1, "\n");
    AUTO_FREE char *more = repeated(',', CSV_COLUMNS_MAX, "\n");
    AUTO_STR s = STR_INIT(SIZE_MAX / 2);
    AUTO_ERR e = NULL;

    (void)state;
    expect_ok(read_text(full, &s, &e), &e);
    expect_err(read_text(megabyte, &s, &e), ERR_INVALID, "f.csv:1: a field is too long", &e);
    megabyte[0] = '"';
    expect_err(read_text(megabyte, &s, &e), ERR_INVALID, "f.csv:1: a field is too long", &e);
    expect_ok(read_text(columns, &s, &e), &e);
    expect_err(read_text(more, &s, &e), ERR_INVALID, "f.csv:1: too many fields", &e);
    expect_err(read_len(full, CSV_MAX + 1, &s, &e), ERR_INVALID, "larger than", &e);
}

static int refuse(void *arg, int line, const struct strv *fields, struct err **err)
{
    (void)fields;
    ++*(int *)arg;
    return line == 2 ? err_set(err, ERR_CONFLICT, "no more") : 0;
}

static void the_first_error_ends_it(void **state)
{
    AUTO_ERR e = NULL;
    int n = 0;

    (void)state;
    expect_err(csv_read("a\nb\nc\n", 6, "f.csv", refuse, &n, &e), ERR_CONFLICT, "no more", &e);
    assert_int_equal(n, 2);
}

/* Any fields, written and read again. */
static void what_is_written_is_read_again(void **state)
{
    static const char *const pieces[] = {
        "", "a", ",", "\"", "\n", "\r\n", " ", "\xc3\xa4", "x,\""
    };
    unsigned seed = 7;

    (void)state;
    for (int round = 0; round < 2000; round++) {
        AUTO_STR out = STR_INIT(SIZE_MAX / 2), want = STR_INIT(SIZE_MAX / 2);
        AUTO_STR got = STR_INIT(SIZE_MAX / 2);
        size_t columns = (unsigned)rand_r(&seed) % 4 + 1;
        AUTO_ERR e = NULL;
        int line = 1;

        for (int record = 0; record < 3; record++) {
            AUTO_STRV fields = { 0 };
            int at = line;
            for (size_t i = 0; i < columns; i++) {
                const char *one = pieces[(unsigned)rand_r(&seed) % ARRAY_LEN(pieces)];
                const char *two = pieces[(unsigned)rand_r(&seed) % ARRAY_LEN(pieces)];
                strv_addf(&fields, "%s%s", one, two);
                csv_add(&out, fields.ptr[i]);
                for (const char *c = fields.ptr[i]; *c; c++)
                    line += *c == '\n';
            }
            csv_end(&out);
            line++;
            note(&want, at, &fields, &e);
        }
        expect_ok(read_text(out.ptr, &got, &e), &e);
        assert_string_equal(got.ptr, want.ptr);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_read),
        cmocka_unit_test(what_is_no_csv_is_refused),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(the_first_error_ends_it),
        cmocka_unit_test(what_is_written_is_read_again),
    };

    return cmocka_run_group_tests_name("csv", tests, NULL, NULL);
}
