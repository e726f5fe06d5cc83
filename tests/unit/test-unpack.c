/* unpack: good archives come out, and whatever an attacker writes stays out. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/libarchive.h"
#include "base.h"
#include "base/stop.h"
#include "fakes/make_archive.h"

#define MIB (1 << 20)

struct box {
    char *dir, *file, *out; /* the archive, and where it goes */
};

static struct box box_in(void **state)
{
    struct box b = { .dir = *state };
    AUTO_ERR e = NULL;

    b.file = path_join(b.dir, "a.bin");
    b.out = path_join(b.dir, "out");
    expect_ok(dir_make(b.out, 0700, &e), &e);
    return b;
}

static void box_release(struct box *b)
{
    free(b->file);
    free(b->out);
}
#define AUTO_BOX __attribute__((cleanup(box_release))) struct box

static int unpack(struct box *b, struct err **err)
{
    return archive_ops.unpack(b->file, b->out, &ARCHIVE_LIMITS_DEFAULT, NULL, err);
}

static void expect_refused(struct box *b, const char *part)
{
    AUTO_ERR e = NULL;

    expect_err(unpack(b, &e), ERR_INVALID, part, &e);
}

/* What came out: "path mode text;" in order, directories without a text. */
static char *found(struct box *b)
{
    AUTO_STR s = STR_INIT(10000);
    AUTO_STRV files = { 0 };
    AUTO_ERR e = NULL;

    expect_ok(dir_walk(b->out, 1000, &files, &e), &e);
    for (size_t i = 0; i < files.len; i++) {
        AUTO_FREE char *path = path_join(b->out, files.ptr[i]);
        AUTO_FREE char *text = file_read(path, 1000, NULL, &e);
        struct stat st;

        assert_non_null(text);
        assert_int_equal(stat(path, &st), 0);
        str_addf(&s, "%s %o %s;", files.ptr[i], st.st_mode & 07777, text);
    }
    return str_take(&s);
}

static void unpacks_what_is_good(void **state)
{
    static const char *const kinds[] = { "tar", "tar.gz", "tar.bz2", "tar.xz", "tar.zst", "zip" };
    static const struct made entries[] = {
        { "./", .type = S_IFDIR, .mode = 0755 },
        { "./lib/", .type = S_IFDIR, .mode = 0700 },
        { "./lib/a.deb", .text = "aaa", .mode = 0600 },
        { "run.sh", .text = "#!/bin/sh\n", .mode = 06755 },
        { "deep/er/s\xc3\xa4ge", .text = "x" },
        { "empty", .text = "" },
    };

    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        AUTO_BOX b = box_in(state);
        AUTO_ERR e = NULL;

        make_archive(b.file, kinds[i], entries, ARRAY_LEN(entries));
        expect_ok(unpack(&b, &e), &e);
        AUTO_FREE char *all = found(&b);
        assert_string_equal(all, "deep/er/s\xc3\xa4ge 644 x;empty 644 ;lib/a.deb 644 aaa;"
                                 "run.sh 755 #!/bin/sh\n;");
        AUTO_FREE char *lib = path_join(b.out, "lib");
        struct stat st;
        assert_int_equal(stat(lib, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0755);
        expect_ok(dir_remove(b.out, &e), &e);
    }
}

static void refuses_names_that_lead_out(void **state)
{
    static const char *const names[] = {
        "../evil", "a/../../evil", "/evil", "a/./b",  "a//b",
        "..",      "./..",         "a\nb",  "./../x", "a\x1b[2Jb",
    };
    AUTO_BOX b = box_in(state);

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        make_archive(b.file, "tar", &(struct made){ names[i], .text = "x" }, 1);
        expect_refused(&b, "has an unsafe name");
    }
    AUTO_FREE char *evil = path_join(b.dir, "evil");
    assert_false(file_exists(evil));
    AUTO_FREE char *all = found(&b);
    assert_string_equal(all, "");
}

static void refuses_what_is_not_a_file(void **state)
{
    static const struct {
        struct made made;
        const char *why;
    } cases[] = {
        { { "l", .symlink = "/etc" }, "entry 'l': it is a symbolic link" },
        { { "h", .hardlink = "/etc/passwd" }, "entry 'h': it is a hard link" },
        { { "c", .type = S_IFCHR }, "entry 'c': it is a device" },
        { { "b", .type = S_IFBLK }, "entry 'b': it is a device" },
        { { "p", .type = S_IFIFO }, "entry 'p': it is a fifo" },
    };
    AUTO_BOX b = box_in(state);

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        make_archive(b.file, "tar.gz", &cases[i].made, 1);
        expect_refused(&b, cases[i].why);
    }
    make_archive(b.file, "zip", &cases[0].made, 1);
    expect_refused(&b, cases[0].why);
}

/* Even if the link were there, the writer would not follow it. */
static void never_follows_a_link(void **state)
{
    AUTO_BOX b = box_in(state);
    AUTO_FREE char *link = path_join(b.out, "l");
    AUTO_FREE char *file = path_join(b.out, "f");
    AUTO_FREE char *evil = path_join(b.dir, "evil");

    assert_int_equal(symlink("..", link), 0);
    assert_int_equal(symlink("../evil", file), 0);
    make_archive(b.file, "tar", &(struct made){ "l/evil", .text = "x" }, 1);
    expect_refused(&b, "a part of its name is a file already");
    make_archive(b.file, "tar", &(struct made){ "f", .text = "x" }, 1);
    expect_refused(&b, "stands in the archive twice");
    make_archive(b.file, "tar", &(struct made){ "l", .type = S_IFDIR }, 1);
    expect_refused(&b, "a part of its name is a file already");
    assert_false(file_exists(evil));
}

static void refuses_names_that_stand_twice(void **state)
{
    static const struct {
        struct made made[2];
        const char *why;
    } cases[] = {
        { { { "a", .text = "1" }, { "a", .text = "2" } }, "entry 'a': the name stands" },
        { { { "a", .text = "1" }, { "./a", .text = "2" } }, "entry './a': the name stands" },
        { { { "d/", .type = S_IFDIR }, { "d", .text = "" } }, "entry 'd': the name stands" },
        { { { "f", .text = "" }, { "f/", .type = S_IFDIR } }, "entry 'f/': a part of its name" },
        { { { "f", .text = "" }, { "f/g", .text = "" } }, "entry 'f/g': a part of its name" },
        { { { "d/", .type = S_IFDIR }, { "./d", .type = S_IFDIR } }, "directory 'd' stands" },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO_BOX b = box_in(state);
        AUTO_ERR e = NULL;

        make_archive(b.file, "tar", cases[i].made, 2);
        expect_refused(&b, cases[i].why);
        expect_ok(dir_remove(b.out, &e), &e);
    }
}

static void holds_the_limits(void **state)
{
    AUTO_BOX b = box_in(state);
    AUTO_ERR e = NULL;
    struct archive_limits limits = ARCHIVE_LIMITS_DEFAULT;
    static const struct made three[] = { { "a", .text = "123" }, { "b/c/d", .text = "456" } };

    make_archive(b.file, "tar", three, 2);
    limits.max_bytes = 5;
    expect_err(archive_ops.unpack(b.file, b.out, &limits, NULL, &e), ERR_INVALID,
               "unpacks to more than 5 B", &e);
    expect_ok(dir_remove(b.out, &e), &e);
    expect_ok(dir_make(b.out, 0700, &e), &e);
    limits = (struct archive_limits){ .max_bytes = 6, .max_files = 3, .max_ratio = 1 };
    expect_err(archive_ops.unpack(b.file, b.out, &limits, NULL, &e), ERR_INVALID,
               "more than 3 files and directories", &e);
    expect_ok(dir_remove(b.out, &e), &e);
    expect_ok(dir_make(b.out, 0700, &e), &e);
    limits.max_files = 4;
    expect_ok(archive_ops.unpack(b.file, b.out, &limits, NULL, &e), &e);
}

static void refuses_many_entries(void **state)
{
    enum { MANY = 100000 };
    AUTO_BOX b = box_in(state);
    AUTO_STR s = STR_INIT((MANY + 2) * 512);
    AUTO_STRV files = { 0 };
    AUTO_ERR e = NULL;
    struct archive_limits limits = ARCHIVE_LIMITS_DEFAULT;

    for (int i = 0; i < MANY; i++) {
        char name[32];

        snprintf(name, sizeof(name), "f%d", i);
        add_tar_header(&s, name, '0', 0);
    }
    add_tar_end(&s);
    make_compressed(b.file, "gz", &s);
    limits.max_files = 500;
    expect_err(archive_ops.unpack(b.file, b.out, &limits, NULL, &e), ERR_INVALID,
               "more than 500 entries", &e);
    expect_ok(dir_walk(b.out, 1000, &files, &e), &e);
    assert_int_equal(files.len, 500);
}

static void refuses_deep_names(void **state)
{
    AUTO_BOX b = box_in(state);
    AUTO_STR name = STR_INIT(4000);

    for (int i = 0; i < 1000; i++)
        str_add(&name, "d/");
    str_add(&name, "f");
    make_archive(b.file, "tar", &(struct made){ name.ptr, .text = "x" }, 1);
    expect_refused(&b, "more than 32 directories deep");
    str_clear(&name);
    for (int i = 0; i < 300; i++)
        str_add(&name, "n");
    make_archive(b.file, "tar", &(struct made){ name.ptr, .text = "x" }, 1);
    expect_refused(&b, "cannot hold such a name");
}

/* --- bombs ---------------------------------------------------------------------------------- */

/* A zstd stream of `head`, then `zeros` bytes of nothing: 4 bytes for each 128 KiB. */
static void write_bomb(struct box *b, const struct str *head, int64_t zeros)
{
    enum { RUN = 128 << 10 };
    AUTO_STR s = STR_INIT(16 * MIB);
    AUTO_ERR e = NULL;
    unsigned raw = (unsigned)head->len << 3, rle = RUN << 3 | 1 << 1;

    str_add_mem(&s, "\x28\xb5\x2f\xfd\x00\x58", 6); /* a window of 2 MiB */
    str_add_mem(&s, (char[]){ (char)raw, (char)(raw >> 8), (char)(raw >> 16) }, 3);
    str_add_mem(&s, head->ptr, head->len);
    for (int64_t i = 0; i < zeros / RUN; i++) {
        unsigned block = rle | (i == zeros / RUN - 1);

        str_add_mem(&s, (char[]){ (char)block, (char)(block >> 8), (char)(block >> 16), 0 }, 4);
    }
    expect_ok(file_write(b->file, s.ptr, s.len, 0644, &e), &e);
}

static void stops_a_bomb(void **state)
{
    static const struct {
        char type;
        int64_t size, zeros;
        const char *why;
    } cases[] = {
        { '0', 10LL << 30, 10LL << 30, "which is 200 times its own size" },
        { '0', 20LL << 30, 1 << 20, "unpacks to more than 1.0 MiB" },
        { 'x', 10LL << 30, 10LL << 30, "cannot unpack" },
        { 'L', 10LL << 30, 10LL << 30, "cannot unpack" },
    };
    AUTO_BOX b = box_in(state);

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO_STR head = STR_INIT(512);
        struct stat st;

        add_tar_header(&head, "bomb", cases[i].type, cases[i].size);
        write_bomb(&b, &head, cases[i].zeros);
        assert_int_equal(stat(b.file, &st), 0);
        assert_true(st.st_size < MIB);
        expect_refused(&b, cases[i].why);
    }
}

/* No single file is large, and what the archive says of each is true. */
static void stops_a_bomb_of_many_files(void **state)
{
    enum { EACH = 512 << 10, FILES = 64 };
    AUTO_BOX b = box_in(state);
    AUTO_STR s = STR_INIT(64 * MIB);
    AUTO_FREE char *zeros = xcalloc(1, EACH);
    AUTO_STRV files = { 0 };
    AUTO_ERR e = NULL;

    for (int i = 0; i < FILES; i++) {
        char name[32];

        snprintf(name, sizeof(name), "f%d", i);
        add_tar_header(&s, name, '0', EACH);
        str_add_mem(&s, zeros, EACH);
    }
    add_tar_end(&s);
    make_compressed(b.file, "zst", &s);
    expect_refused(&b, "which is 200 times its own size");
    expect_ok(dir_walk(b.out, 1000, &files, &e), &e);
    assert_true(files.len < FILES / 2);
}

static void refuses_a_sparse_file(void **state)
{
    AUTO_BOX b = box_in(state);
    AUTO_STR s = STR_INIT(MIB);
    static const char pax[] = "22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n"
                              "24 GNU.sparse.name=hole\n33 GNU.sparse.realsize=5368709120\n";
    char block[512] = "", map[512] = "1\n0\n512\n";

    memcpy(block, pax, sizeof(pax) - 1);
    add_tar_header(&s, "pax", 'x', sizeof(pax) - 1);
    str_add_mem(&s, block, sizeof(block));
    add_tar_header(&s, "hole", '0', 1024);
    str_add_mem(&s, map, sizeof(map));
    str_add_mem(&s, block, sizeof(block));
    add_tar_end(&s);
    make_compressed(b.file, "", &s);
    expect_refused(&b, "cannot unpack");
}

/* --- damage --------------------------------------------------------------------------------- */

static void says_that_it_is_truncated(void **state)
{
    static const char *const kinds[] = { "tar", "tar.gz", "tar.bz2", "tar.xz", "tar.zst", "zip" };
    AUTO_STR noise = STR_INIT(400000);
    unsigned seed = 1;

    while (noise.len < 300000) {
        seed = seed * 1103515245 + 12345;
        char c = (char)('a' + (seed >> 16) % 26);
        str_add_mem(&noise, &c, 1);
    }
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        AUTO_BOX b = box_in(state);
        AUTO_ERR e = NULL;
        struct stat st;

        make_archive(b.file, kinds[i],
                     (struct made[]){ { "a", .text = noise.ptr }, { "b", .text = "" } }, 2);
        assert_int_equal(stat(b.file, &st), 0);
        assert_int_equal(truncate(b.file, st.st_size / 2), 0);
        expect_refused(&b, "truncated");
        expect_ok(dir_remove(b.out, &e), &e);
    }
}

/* Between two entries a tar could end unnoticed. */
static void wants_the_end_of_a_tar(void **state)
{
    AUTO_BOX b = box_in(state);
    AUTO_STR s = STR_INIT(4096);

    add_tar_header(&s, "a", '0', 0);
    make_compressed(b.file, "", &s);
    expect_refused(&b, "it is truncated (the mark at its end is missing)");
}

static void refuses_what_is_unknown(void **state)
{
    static const struct made one[] = { { "a", .text = "x" } };
    AUTO_BOX b = box_in(state);
    AUTO_ERR e = NULL;

    make_archive(b.file, "tar.lz4", one, 1);
    expect_refused(&b, "its format is not known");
    make_archive(b.file, "cpio", one, 1);
    expect_refused(&b, "its format is not known");
    expect_ok(file_write(b.file, "MZ hello", 8, 0644, &e), &e);
    expect_refused(&b, "its format is not known");
    expect_ok(file_write(b.file, "", 0, 0644, &e), &e);
    expect_refused(&b, "it is empty");
}

/* Compressed twice, it could expand without a limit while libarchive looks for the format. */
static void peels_one_layer_only(void **state)
{
    AUTO_BOX b = box_in(state);
    AUTO_STR twice = STR_INIT(MIB);
    AUTO_ERR e = NULL;
    size_t len;

    make_archive(b.file, "tar.gz", &(struct made){ "a", .text = "x" }, 1);
    AUTO_FREE char *once = file_read(b.file, MIB, &len, &e);
    assert_non_null(once);
    str_add_mem(&twice, once, len);
    make_compressed(b.file, "gz", &twice);
    expect_refused(&b, "its format is not known");
}

static void finds_damage(void **state)
{
    AUTO_BOX b = box_in(state);
    AUTO_ERR e = NULL;
    size_t len;

    make_archive(b.file, "zip", &(struct made){ "a", .text = "hello hello hello" }, 1);
    AUTO_FREE char *zip = file_read(b.file, MIB, &len, &e);
    assert_non_null(zip);
    zip[34] ^= 1;
    expect_ok(file_write(b.file, zip, len, 0644, &e), &e);
    expect_refused(&b, "cannot unpack");
}

static void stops_when_asked(void **state)
{
    AUTO_BOX b = box_in(state);
    AUTO_STOP stop = stop_new();
    AUTO_ERR e = NULL;

    make_archive(b.file, "tar", &(struct made){ "a", .text = "x" }, 1);
    stop_raise(stop, 0);
    expect_err(archive_ops.unpack(b.file, b.out, &ARCHIVE_LIMITS_DEFAULT, stop, &e), ERR_CANCELLED,
               "cannot unpack", &e);
    expect_err(archive_ops.unpack("/nowhere", b.out, &ARCHIVE_LIMITS_DEFAULT, NULL, &e),
               ERR_NOT_FOUND, "/nowhere", &e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(unpacks_what_is_good),
        scratch_test(refuses_names_that_lead_out),
        scratch_test(refuses_what_is_not_a_file),
        scratch_test(never_follows_a_link),
        scratch_test(refuses_names_that_stand_twice),
        scratch_test(holds_the_limits),
        scratch_test(refuses_many_entries),
        scratch_test(refuses_deep_names),
        scratch_test(stops_a_bomb),
        scratch_test(stops_a_bomb_of_many_files),
        scratch_test(refuses_a_sparse_file),
        scratch_test(says_that_it_is_truncated),
        scratch_test(wants_the_end_of_a_tar),
        scratch_test(refuses_what_is_unknown),
        scratch_test(peels_one_layer_only),
        scratch_test(finds_damage),
        scratch_test(stops_when_asked),
    };

    return cmocka_run_group_tests_name("unpack", tests, NULL, NULL);
}
