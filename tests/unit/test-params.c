/* params: values and secrets from files, and secrets taken out of what a guest says. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"
#include "core/params.h"
#include "core/testcase.h"
#include "fakes/fixture.h"

static char shop[] = "shop", url[] = "url", pw[] = "pw", title[] = "a title", fallback[] = "none";

static void put(const struct fixture *f, const char *name, const char *text, mode_t mode)
{
    AUTO_FREE char *path = path_join(f->dir, name);
    AUTO_ERR e = NULL;

    expect_ok(file_write(path, text, strlen(text), mode, &e) == 0, &e);
}

static int read_params(const struct fixture *f, struct params *ret, struct err **e)
{
    struct param params[] = { { .name = url, .title = title, .fallback = fallback },
                              { .name = pw, .title = title, .required = true, .secret = true } };
    struct testcase t = { .name = shop, .params = params, .param_count = 2 };
    AUTO_FREE char *path = path_join(f->dir, "p.yaml");

    return params_read(file_exists(path) ? path : NULL, &t, 1, ret, e);
}

static void values_come_from_files(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    AUTO_PARAMS p = { 0 };
    AUTO_STRV env = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    put(&f, "p.yaml", "values: {url: 'http://x'}\nsecrets: {pw: {file: s}}\n", 0644);
    put(&f, "s", "hunter2\n", 0600);
    expect_ok(read_params(&f, &p, &e) == 0, &e);
    const struct testcase_values *v = params_of(&p, "shop");
    assert_int_equal(v->len, 2);
    assert_string_equal(v->ptr[0].value, "http://x");
    assert_string_equal(v->ptr[1].value, "hunter2");
    AUTO_JSON *j = params_json(&p);
    AUTO_FREE char *text = json_canonical(j);
    assert_string_equal(text, "[{\"secrets\":[\"pw\"],\"testcase\":\"shop\","
                              "\"values\":{\"url\":\"http://x\"}}]");
    params_env(v, "ann", &env);
    assert_int_equal(env.len, 2);
    assert_string_equal(env.ptr[0], "PATCHLAB_PARAMS=/run/patchlab-params/shop/ann");
    assert_string_equal(env.ptr[1], "PATCHLAB_PARAM_URL=http://x");
}

static void every_slip_is_an_error(void **state)
{
    static const struct {
        const char *yaml, *secret;
        mode_t mode;
        enum err_code code;
        const char *part;
    } slips[] = {
        { NULL, "hunter2", 0600, ERR_INVALID, "'pw' of testcase 'shop' has no value: a title" },
        { "values: {url: x}\n", "hunter2", 0600, ERR_INVALID, "'pw' of testcase" },
        { "values: {pw: x}\n", "hunter2", 0600, ERR_INVALID, "is a secret: give it below" },
        { "secrets: {pw: {file: s}, url: {file: s}}\n", "hunter2", 0600, ERR_INVALID,
          "is no secret: give it below" },
        { "secrets: {pw: {file: s}}\n", "hunter2", 0640, ERR_INVALID, "others than its owner" },
        { "secrets: {pw: {file: s}}\n", "hunter2", 0604, ERR_INVALID, "others than its owner" },
        { "secrets: {pw: {file: s}}\n", "abc\n", 0600, ERR_INVALID, "less than 4 bytes" },
        { "secrets: {pw: {file: none}}\n", "hunter2", 0600, ERR_NOT_FOUND,
          "p.yaml:1: secret 'pw'" },
        { "secrets: {pw: {file: .}}\n", "hunter2", 0600, ERR_INVALID, "no regular file" },
        { "secrets: {pw: x}\n", "hunter2", 0600, ERR_INVALID, "secrets.pw" },
        { "secrets: {P: {file: s}}\n", "hunter2", 0600, ERR_INVALID, "expected a name of a-z" },
        { "values: {url: [x]}\n", "hunter2", 0600, ERR_INVALID, "values.url" },
        { "value: {}\n", "hunter2", 0600, ERR_INVALID, "did you mean 'values'" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(slips); i++) {
        AUTO_FIXTURE f = fixture_open();
        AUTO_PARAMS p = { 0 };
        AUTO_ERR e = NULL;

        if (slips[i].yaml)
            put(&f, "p.yaml", slips[i].yaml, 0644);
        put(&f, "s", slips[i].secret, slips[i].mode);
        assert_int_equal(read_params(&f, &p, &e), -1);
        expect_err(slips[i].code, slips[i].part, &e);
    }
}

/* What is left of `text` when a, b and [ are secrets. */
static void expect_scrubbed(const char *a, const char *b, const char *text, unsigned cut,
                            const char *want)
{
    char *const values[] = { xstrdup(a), xstrdup(b) };
    struct param_value v[] = { { url, values[0], strlen(a), true },
                               { pw, values[1], strlen(b), true } };
    struct testcase_values t = { shop, v, 2 };
    struct params p = { &t, 1 };
    AUTO_STR s = STR_INIT(200);

    str_add(&s, text);
    scrub(&s, &p, cut);
    assert_string_equal(s.ptr, want);
    scrub(&s, &p, SCRUB_WHOLE); /* once more changes nothing */
    assert_string_equal(s.ptr, want);
    free(values[0]);
    free(values[1]);
}

static void secrets_are_taken_out(void **state)
{
    (void)state;
    expect_scrubbed("abcd", "wxyz", "", 0, "");
    expect_scrubbed("abcd", "wxyz", "nothing", 0, "nothing");
    expect_scrubbed("abcd", "wxyz", "abcd-wxyz-abc", 0, "[secret url]-[secret pw]-abc");
    expect_scrubbed("abcd", "cdef", "<abcdef>", 0, "<[secret url]>");
    expect_scrubbed("abcdef", "bcde", "abcdef bcde", 0, "[secret url] [secret pw]");
    expect_scrubbed("aaaa", "bbbb", "aaaaaaa", 0, "[secret url]");
    expect_scrubbed("abab", "zzzz", "xababab", 0, "x[secret url]");
    expect_scrubbed("aabaab", "zzzz", "aaabaab", 0, "a[secret url]");
    expect_scrubbed("secret", "zzzz", "my secret", 0, "my [secret url]");
    expect_scrubbed("[secret", "zzzz", "[secret pw] [secretx", 0, "[secret pw] [secret url]x");
}

static void halves_at_a_cut_are_taken_out(void **state)
{
    (void)state;
    expect_scrubbed("hunter2", "wxyz", "it is hunte", SCRUB_CUT_TAIL, "it is [secret url]");
    expect_scrubbed("hunter2", "wxyz", "it is hunte", SCRUB_WHOLE, "it is hunte");
    expect_scrubbed("hunter2", "wxyz", "it is hun", SCRUB_CUT_TAIL, "it is hun");
    expect_scrubbed("hunter2", "wxyz", "nter2 it is", SCRUB_CUT_HEAD, "[secret url] it is");
    expect_scrubbed("hunter2", "wxyz", "er2 it is", SCRUB_CUT_HEAD, "er2 it is");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_come_from_files),
        cmocka_unit_test(every_slip_is_an_error),
        cmocka_unit_test(secrets_are_taken_out),
        cmocka_unit_test(halves_at_a_cut_are_taken_out),
    };

    return cmocka_run_group_tests_name("params", tests, NULL, NULL);
}
