#include "fakes/fixture.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"

#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static void put_abc(struct fixture *f)
{
    char hex[DIGEST_HEX_SIZE];
    AUTO_ERR e = NULL;

    expect_ok(blob_put(f->b, "abc", 3, hex, &e) == 0, &e);
    assert_string_equal(hex, ABC);
}

/* Writes other bytes where the blob is, as an intruder or a bad disk would. */
static void replace(struct fixture *f, const char *hex, const char *text)
{
    AUTO_FREE char *path = blob_path(f->b, hex);
    AUTO_ERR e = NULL;

    expect_ok(file_write(path, text, strlen(text), 0644, &e) == 0, &e);
}

/* Nothing is left over but the folders of blobs. */
static void expect_clean(const struct fixture *f)
{
    AUTO_FREE char *dir = path_join(f->dir, "blobs");
    AUTO_STRV names = { 0 };
    AUTO_ERR e = NULL;

    expect_ok(dir_list(dir, &names, &e) == 0, &e);
    for (size_t i = 0; i < names.len; i++)
        assert_int_equal(strlen(names.ptr[i]), 2);
}

static void gives_back_what_was_put(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    AUTO_FREE char *data = NULL;
    AUTO_ERR e = NULL;
    size_t len = 0;

    (void)state;
    put_abc(&f);
    data = blob_get(f.b, ABC, 3, &len, &e);
    expect_ok(data, &e);
    assert_int_equal(len, 3);
    assert_string_equal(data, "abc");
    expect_ok(blob_check(f.b, ABC, &e) == 0, &e);
    expect_clean(&f);
}

static void takes_any_bytes(void **state)
{
    static const char bytes[] = "a\0b\xff\n";
    AUTO_FIXTURE f = fixture_open();
    AUTO_FREE char *data = NULL, *empty = NULL;
    char hex[DIGEST_HEX_SIZE];
    AUTO_ERR e = NULL;
    size_t len = 99;

    (void)state;
    expect_ok(blob_put(f.b, bytes, sizeof(bytes), hex, &e) == 0, &e);
    data = blob_get(f.b, hex, 100, &len, &e);
    expect_ok(data, &e);
    assert_int_equal(len, sizeof(bytes));
    assert_memory_equal(data, bytes, len);
    expect_ok(blob_put(f.b, "", 0, hex, &e) == 0, &e);
    empty = blob_get(f.b, hex, 0, &len, &e);
    expect_ok(empty, &e);
    assert_int_equal(len, 0);
}

static void is_read_only_and_in_its_folder(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    AUTO_FREE char *want = xasprintf("%s/blobs/ba/%s", f.dir, ABC);
    AUTO_FREE char *path = blob_path(f.b, ABC);
    struct stat st;

    (void)state;
    put_abc(&f);
    assert_string_equal(path, want);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0444);
}

static void putting_again_changes_nothing(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    AUTO_FREE char *path = blob_path(f.b, ABC), *file = path_join(f.dir, "abc");
    char hex[DIGEST_HEX_SIZE];
    struct stat before, after;
    AUTO_ERR e = NULL;
    int64_t size;

    (void)state;
    put_abc(&f);
    assert_int_equal(stat(path, &before), 0);
    put_abc(&f);
    expect_ok(file_write(file, "abc", 3, 0600, &e) == 0, &e);
    expect_ok(blob_put_file(f.b, file, hex, &size, &e) == 0, &e);
    assert_int_equal(stat(path, &after), 0);
    assert_true(before.st_ino == after.st_ino);
}

static void takes_a_file(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    AUTO_FREE char *file = path_join(f.dir, "abc"), *path = blob_path(f.b, ABC);
    char hex[DIGEST_HEX_SIZE];
    AUTO_ERR e = NULL;
    struct stat st;
    int64_t size = 0;

    (void)state;
    expect_ok(file_write(file, "abc", 3, 0600, &e) == 0, &e);
    expect_ok(blob_put_file(f.b, file, hex, &size, &e) == 0, &e);
    assert_string_equal(hex, ABC);
    assert_int_equal(size, 3);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0444);
    expect_ok(blob_put_file(f.b, file, hex, NULL, &e) == 0, &e);
    expect_clean(&f);
    assert_int_equal(unlink(file), 0); /* a copy, not a link that the owner could write through */
    expect_ok(blob_check(f.b, ABC, &e) == 0, &e);
    assert_int_equal(blob_put_file(f.b, file, hex, &size, &e), -1);
    expect_err(ERR_NOT_FOUND, "abc'", &e);
}

static void an_altered_blob_is_corrupt(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    AUTO_ERR e = NULL;

    (void)state;
    put_abc(&f);
    replace(&f, ABC, "abd");
    assert_null(blob_get(f.b, ABC, 100, NULL, &e));
    expect_err(ERR_CORRUPT, "blob '" ABC "' was altered", &e);
    assert_int_equal(blob_check(f.b, ABC, &e), -1);
    expect_err(ERR_CORRUPT, "was altered", &e);
}

static void a_torn_blob_is_written_again(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    AUTO_ERR e = NULL;

    (void)state;
    put_abc(&f);
    replace(&f, ABC, "a");
    put_abc(&f);
    expect_ok(blob_check(f.b, ABC, &e) == 0, &e);
}

static void a_missing_blob_is_not_found(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    AUTO_ERR e = NULL;

    (void)state;
    assert_null(blob_get(f.b, ABC, 100, NULL, &e));
    expect_err(ERR_NOT_FOUND, "blob '" ABC "' is missing", &e);
    assert_int_equal(blob_check(f.b, ABC, &e), -1);
    expect_err(ERR_NOT_FOUND, "is missing", &e);
}

static void a_large_blob_is_refused(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    AUTO_ERR e = NULL;

    (void)state;
    put_abc(&f);
    assert_null(blob_get(f.b, ABC, 2, NULL, &e));
    assert_non_null(e);
    assert_non_null(strstr(e->msg, "cannot read blob '" ABC "'"));
}

static void a_name_cannot_lead_elsewhere(void **state)
{
    static const char *const names[] = {
        "",
        "abc",
        "../../../../etc/passwd",
        ABC "0",
        "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
        "../816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "\033[2J",
    };
    AUTO_FIXTURE f = fixture_open();
    AUTO_ERR e = NULL;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        assert_null(blob_path(f.b, names[i]));
        assert_null(blob_get(f.b, names[i], 100, NULL, &e));
        expect_err(ERR_INVALID, "is no blob", &e);
        assert_int_equal(blob_check(f.b, names[i], &e), -1);
        assert_null(strchr(e->msg, '\033'));
        expect_err(ERR_INVALID, "is no blob", &e);
    }
}

static void tells_what_it_cannot_store(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    AUTO_FREE char *folder = path_join(f.dir, "blobs/ba"), *file = path_join(f.dir, "abc");
    char hex[DIGEST_HEX_SIZE];
    AUTO_ERR e = NULL;

    (void)state;
    expect_ok(file_write(file, "abc", 3, 0600, &e) == 0, &e);
    expect_ok(file_write(folder, "", 0, 0600, &e) == 0, &e); /* a file where a folder belongs */
    assert_int_equal(blob_put(f.b, "abc", 3, hex, &e), -1);
    expect_err(ERR_IO, "cannot store a blob: ", &e);
    assert_int_equal(blob_put_file(f.b, file, hex, NULL, &e), -1);
    expect_err(ERR_IO, "abc' as a blob: ", &e);
    assert_null(blobs_open(file, &e));
    assert_non_null(e);
}

static void *put_many(void *arg)
{
    struct fixture *f = arg;
    AUTO_FREE char *file = path_join(f->dir, "abc");
    char hex[DIGEST_HEX_SIZE];
    AUTO_ERR e = NULL;

    for (int i = 0; i < 40; i++) {
        AUTO_FREE char *text = xasprintf("blob %d", i);

        if (blob_put(f->b, text, strlen(text), hex, &e) < 0
            || blob_put_file(f->b, file, hex, NULL, &e) < 0 || blob_check(f->b, hex, &e) < 0)
            return f; /* not NULL: it failed */
    }
    return NULL;
}

static void threads_may_put_the_same(void **state)
{
    AUTO_FIXTURE f = fixture_open();
    AUTO_FREE char *file = path_join(f.dir, "abc");
    pthread_t threads[4];
    AUTO_ERR e = NULL;

    (void)state;
    expect_ok(file_write(file, "abc", 3, 0600, &e) == 0, &e);
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, put_many, &f), 0);
    for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
        void *failed = NULL;

        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
    expect_clean(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_back_what_was_put),
        cmocka_unit_test(takes_any_bytes),
        cmocka_unit_test(is_read_only_and_in_its_folder),
        cmocka_unit_test(putting_again_changes_nothing),
        cmocka_unit_test(takes_a_file),
        cmocka_unit_test(an_altered_blob_is_corrupt),
        cmocka_unit_test(a_torn_blob_is_written_again),
        cmocka_unit_test(a_missing_blob_is_not_found),
        cmocka_unit_test(a_large_blob_is_refused),
        cmocka_unit_test(a_name_cannot_lead_elsewhere),
        cmocka_unit_test(tells_what_it_cannot_store),
        cmocka_unit_test(threads_may_put_the_same),
    };

    return cmocka_run_group_tests_name("blob", tests, NULL, NULL);
}
