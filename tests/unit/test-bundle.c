/* A directory of files under one digest: read, kept, loaded, and what it refuses. */
#include "unit/base.h"

#include <sys/stat.h>
#include <unistd.h>

#include "core/bundle.h"
#include "fakes/put_file.h"
#include "store/blob.h"

static struct blobs *open_blobs(const char *dir)
{
    AUTO_FREE char *path = path_join(dir, "blobs");
    AUTO_ERR e = NULL;
    struct blobs *b = blobs_open(path, &e);

    assert_non_null(b);
    return b;
}

static void digest_is_that_of_the_listing(void **state)
{
    static const char listing[] =
        "[{\"mode\":493,\"path\":\"a/run\",\"sha256\":"
        "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\",\"size\":3},"
        "{\"mode\":420,\"path\":\"b\",\"sha256\":"
        "\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\",\"size\":0}]";
    char hex[DIGEST_HEX_SIZE];
    AUTO_BUNDLE b = { 0 };
    AUTO_ERR e = NULL;

    put_file(*state, "b", "", 0664);
    put_file(*state, "a/run", "abc", 0700);
    expect_ok(bundle_read(*state, &b, &e), &e);
    assert_int_equal(b.len, 2);
    assert_int_equal(b.ptr[0].mode, 0755);
    assert_int_equal(b.ptr[1].mode, 0644);
    assert_int_equal(bundle_size(&b), 3);
    digest_mem(listing, strlen(listing), hex);
    assert_string_equal(b.digest, hex);
}

/* Names, bytes and the right to execute count; times and the rest of the mode do not. */
static void digest_is_of_what_matters(void **state)
{
    AUTO_FREE char *run = path_join(*state, "run");
    AUTO_FREE char *other = path_join(*state, "other");
    AUTO_BUNDLE first = { 0 }, same = { 0 }, modes = { 0 }, names = { 0 }, bytes = { 0 };
    AUTO_ERR e = NULL;

    put_file(*state, "run", "abc", 0755);
    expect_ok(bundle_read(*state, &first, &e), &e);
    assert_int_equal(chmod(run, 0700), 0);
    expect_ok(bundle_read(*state, &same, &e), &e);
    assert_string_equal(first.digest, same.digest);
    assert_int_equal(chmod(run, 0655), 0); /* the owner may not execute it */
    expect_ok(bundle_read(*state, &modes, &e), &e);
    assert_string_not_equal(first.digest, modes.digest);
    put_file(*state, "run", "abd", 0755);
    expect_ok(bundle_read(*state, &bytes, &e), &e);
    assert_string_not_equal(first.digest, bytes.digest);
    put_file(*state, "run", "abc", 0755);
    assert_int_equal(rename(run, other), 0);
    expect_ok(bundle_read(*state, &names, &e), &e);
    assert_string_not_equal(first.digest, names.digest);
}

static void an_empty_directory_is_a_bundle(void **state)
{
    AUTO_BUNDLE b = { 0 };
    AUTO_ERR e = NULL;

    expect_ok(bundle_read(*state, &b, &e), &e);
    assert_int_equal(b.len, 0);
    assert_null(bundle_find(&b, "a"));
    assert_true(digest_is_hex(b.digest));
    assert_int_equal(bundle_size(&b), 0);
}

static void finds_by_whole_path(void **state)
{
    static const char *const names[] = { "a.b", "a/b", "a/c/d", "b", "ab" };
    AUTO_BUNDLE b = { 0 };
    AUTO_ERR e = NULL;

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        put_file(*state, names[i], names[i], 0644);
    expect_ok(bundle_read(*state, &b, &e), &e);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        assert_non_null(bundle_find(&b, names[i]));
        assert_string_equal(bundle_find(&b, names[i])->path, names[i]);
    }
    assert_null(bundle_find(&b, "a"));
    assert_null(bundle_find(&b, "a/c"));
    assert_null(bundle_find(&b, ""));
    assert_null(bundle_find(&b, "z"));
}

static void refuses_what_is_no_plain_file(void **state)
{
    AUTO_FREE char *odd = path_join(*state, "odd");
    AUTO_FREE char *control = path_join(*state, "a\nb");
    AUTO_FREE char *none = path_join(*state, "none");
    AUTO_BUNDLE b = { 0 };
    AUTO_ERR e = NULL;

    assert_int_equal(symlink("/etc/passwd", odd), 0);
    expect_err(bundle_read(*state, &b, &e), ERR_INVALID, "odd", &e);
    assert_int_equal(unlink(odd), 0);
    assert_int_equal(mkfifo(odd, 0600), 0);
    expect_err(bundle_read(*state, &b, &e), ERR_INVALID, "odd", &e);
    assert_int_equal(unlink(odd), 0);
    expect_ok(file_write(control, "", 0, 0644, &e), &e);
    expect_err(bundle_read(*state, &b, &e), ERR_INVALID, "a\\x0ab", &e);
    expect_err(bundle_read(none, &b, &e), ERR_NOT_FOUND, "none", &e);
    assert_null(b.ptr);
}

static void the_same_bytes_come_back(void **state)
{
    AUTO_FREE char *dir = path_join(*state, "dir");
    AUTO_BLOBS blobs = open_blobs(*state);
    AUTO_BUNDLE b = { 0 }, back = { 0 };
    AUTO_ERR e = NULL;
    size_t len;

    put_file(dir, "a/run", "abc", 0755);
    put_file(dir, "b", "\x01\xff", 0644);
    expect_ok(bundle_read(dir, &b, &e), &e);
    expect_ok(bundle_keep(&b, dir, blobs, &e), &e);
    expect_ok(bundle_keep(&b, dir, blobs, &e), &e); /* again is free */
    expect_ok(bundle_load(blobs, b.digest, &back, &e), &e);
    assert_string_equal(back.digest, b.digest);
    AUTO_JSON *was = bundle_json(&b), *is = bundle_json(&back);
    assert_true(json_equal(was, is));
    for (size_t i = 0; i < back.len; i++) {
        AUTO_FREE char *data = blob_get(blobs, back.ptr[i].sha256, 100, &len, &e);
        assert_non_null(data);
        assert_int_equal(len, back.ptr[i].size);
    }
}

static void a_changed_file_is_a_conflict(void **state)
{
    AUTO_FREE char *dir = path_join(*state, "dir");
    AUTO_FREE char *a = path_join(dir, "a");
    AUTO_BLOBS blobs = open_blobs(*state);
    AUTO_BUNDLE b = { 0 }, back = { 0 };
    AUTO_ERR e = NULL;

    put_file(dir, "a", "abc", 0644);
    expect_ok(bundle_read(dir, &b, &e), &e);
    put_file(dir, "a", "abd", 0644);
    expect_err(bundle_keep(&b, dir, blobs, &e), ERR_CONFLICT, "was changed while it was read", &e);
    expect_err(bundle_load(blobs, b.digest, &back, &e), ERR_NOT_FOUND, "is missing", &e);
    assert_int_equal(unlink(a), 0);
    expect_err(bundle_keep(&b, dir, blobs, &e), ERR_NOT_FOUND, "a'", &e);
}

#define SHA "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define LINE(path) "{\"mode\":420,\"path\":\"" path "\",\"sha256\":\"" SHA "\",\"size\":3}"

/* The blob store holds many things, and a digest may name any of them. */
static void other_blobs_are_no_bundles(void **state)
{
    static const char *const texts[] = {
        "",
        "text",
        "{}",
        "{\"a\":1}",
        "7",
        "[1]",
        "[{}]",
        "[{\"path\":\"a\"}]",
        "[{\"path\":\"a\",\"sha256\":\"ba78\"}]",
        "[" LINE("../a") "]",
        "[" LINE("/a") "]",
        "[" LINE("a") "," LINE("a") "]", /* twice */
        "[" LINE("b") "," LINE("a") "]", /* not sorted: bundle_find() would miss it */
        "[{\"mode\":420,\"path\":\"a\",\"sha256\":\"" SHA "\",\"size\":-1}]",
    };
    AUTO_BLOBS blobs = open_blobs(*state);

    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        char hex[DIGEST_HEX_SIZE];
        AUTO_BUNDLE b = { 0 };
        AUTO_ERR e = NULL;

        expect_ok(blob_put(blobs, texts[i], strlen(texts[i]), hex, &e), &e);
        int rc = bundle_load(blobs, hex, &b, &e);
        if (rc == 0)
            fail_msg("accepted: %s", texts[i]);
        expect_err(rc, ERR_CORRUPT, "bundle", &e);
        assert_null(b.ptr);
    }
}

static void a_digest_is_checked_before_it_is_a_path(void **state)
{
    AUTO_BLOBS blobs = open_blobs(*state);
    AUTO_BUNDLE b = { 0 };
    AUTO_ERR e = NULL;

    expect_err(bundle_load(blobs, "../../x", &b, &e), ERR_INVALID, "is no blob", &e);
    expect_err(bundle_load(blobs, SHA, &b, &e), ERR_NOT_FOUND, "is missing", &e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(digest_is_that_of_the_listing),
        scratch_test(digest_is_of_what_matters),
        scratch_test(an_empty_directory_is_a_bundle),
        scratch_test(finds_by_whole_path),
        scratch_test(refuses_what_is_no_plain_file),
        scratch_test(the_same_bytes_come_back),
        scratch_test(a_changed_file_is_a_conflict),
        scratch_test(other_blobs_are_no_bundles),
        scratch_test(a_digest_is_checked_before_it_is_a_path),
    };

    return cmocka_run_group_tests_name("bundle", tests, NULL, NULL);
}
