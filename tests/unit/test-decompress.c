/* decompress: single compressed files, whole, torn and swollen. */
#include <unistd.h>

#include "adapters/libarchive.h"
#include "base.h"
#include "fakes/make_archive.h"

static const char *const filters[] = { "gz", "xz", "zst" };

struct place {
    char *from, *to;
};

static struct place place_in(void **state)
{
    return (struct place){ path_join(*state, "packed"), path_join(*state, "plain") };
}

static void place_release(struct place *p)
{
    free(p->from);
    free(p->to);
}
#define AUTO_PLACE __attribute__((cleanup(place_release))) struct place

static int run(const struct place *p, int64_t max, struct err **err)
{
    struct archive_limits limits = ARCHIVE_LIMITS_DEFAULT;

    limits.max_bytes = max;
    return archive_ops.decompress(p->from, p->to, &limits, NULL, err);
}

static void pack(const struct place *p, const char *filter, const char *text, size_t times)
{
    AUTO_STR s = STR_INIT(64 << 20);

    for (size_t i = 0; i < times; i++)
        str_addf(&s, "%s%zu\n", text, i * 7919);
    make_compressed(p->from, filter, &s);
}

static void every_filter_is_undone(void **state)
{
    AUTO_PLACE p = place_in(state);

    for (size_t i = 0; i < ARRAY_LEN(filters); i++) {
        AUTO_ERR e = NULL;
        pack(&p, filters[i], "hello", 2);
        expect_ok(run(&p, 100, &e), &e);
        AUTO_FREE char *text = file_read(p.to, 100, NULL, &e);
        assert_string_equal(text, "hello0\nhello7919\n");
    }
}

static void nothing_comes_out_of_nothing(void **state)
{
    AUTO_PLACE p = place_in(state);

    for (size_t i = 0; i < ARRAY_LEN(filters); i++) {
        AUTO_ERR e = NULL;
        pack(&p, filters[i], "", 0);
        expect_ok(run(&p, 100, &e), &e);
        AUTO_FREE char *text = file_read(p.to, 100, NULL, &e);
        assert_string_equal(text, "");
    }
}

static void torn_files_are_refused(void **state)
{
    AUTO_PLACE p = place_in(state);

    for (size_t i = 0; i < ARRAY_LEN(filters); i++) {
        AUTO_ERR e = NULL;
        size_t len;
        pack(&p, filters[i], "hello", 20000);
        AUTO_FREE char *packed = file_read(p.from, 1 << 20, &len, &e);
        expect_ok(file_write(p.from, packed, len / 2, 0600, &e), &e);
        expect_err(run(&p, 1 << 20, &e), ERR_INVALID, "cannot decompress", &e);
        assert_false(file_exists(p.to));
    }
}

static void limits_hold(void **state)
{
    AUTO_PLACE p = place_in(state);
    AUTO_STR zeros = STR_INIT(64 << 20);
    AUTO_FREE char *block = xcalloc(1, 1 << 20);
    AUTO_ERR e = NULL;

    pack(&p, "xz", "hello", 2);
    expect_err(run(&p, 16, &e), ERR_INVALID, "more than the 16 B that are allowed", &e);
    for (int i = 0; i < 20; i++)
        str_add_mem(&zeros, block, 1 << 20);
    make_compressed(p.from, "xz", &zeros);
    expect_err(run(&p, 1 << 30, &e), ERR_INVALID, "cannot decompress", &e);
    assert_false(file_exists(p.to));
    pack(&p, "bz2", "hello", 2);
    expect_err(run(&p, 16, &e), ERR_INVALID, "bzip2", &e);
    expect_ok(file_write(p.from, "", 0, 0600, &e), &e);
    expect_err(run(&p, 16, &e), ERR_INVALID, "it is empty", &e);
    unlink(p.from);
    expect_err(run(&p, 16, &e), ERR_NOT_FOUND, "packed", &e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(every_filter_is_undone),
        scratch_test(nothing_comes_out_of_nothing),
        scratch_test(torn_files_are_refused),
        scratch_test(limits_hold),
    };

    return cmocka_run_group_tests_name("decompress", tests, NULL, NULL);
}
