/* dir, dir_walk, path: trees that somebody else filled, and names. */
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base.h"

static char *in(void **state, const char *name)
{
    return path_join(*state, name);
}

static void put(void **state, const char *name)
{
    AUTO_ERR e = NULL;
    AUTO_FREE char *path = in(state, name);
    AUTO_FREE char *dir = path_dir(path);

    expect_ok(dir_make(dir, 0755, &e), &e);
    expect_ok(file_write(path, name, strlen(name), 0644, &e), &e);
}

static void directories_with_parents(void **state)
{
    AUTO_ERR e = NULL;
    AUTO_FREE char *path = in(state, "a/b/c");
    AUTO_FREE char *slash = in(state, "a/b//d/");
    struct stat st;

    mode_t before = umask(077);
    expect_ok(dir_make(path, 0751, &e), &e);
    umask(before);
    expect_ok(dir_make(path, 0700, &e), &e); /* exists: fine, and stays as it is */
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0751);
    expect_ok(dir_make(slash, 0755, &e), &e);
    assert_true(file_exists(slash));
}

static void a_file_in_the_way(void **state)
{
    AUTO_ERR e = NULL;
    AUTO_FREE char *path = in(state, "f");
    AUTO_FREE char *below = in(state, "f/g");

    put(state, "f");
    expect_err(dir_make(path, 0755, &e), ERR_IO, "cannot create directory", &e);
    expect_err(dir_make(below, 0755, &e), ERR_IO, "cannot create directory", &e);
}

static void a_tree_is_removed(void **state)
{
    AUTO_ERR e = NULL;
    AUTO_FREE char *tree = in(state, "tree");
    AUTO_FREE char *locked = in(state, "tree/a/locked");

    put(state, "tree/a/b/f");
    put(state, "tree/a/locked/f");
    put(state, "tree/g");
    assert_int_equal(chmod(locked, 0500), 0);
    expect_ok(dir_remove(tree, &e), &e);
    assert_false(file_exists(tree));
    expect_ok(dir_remove(tree, &e), &e); /* absent is fine */
}

static void removing_never_follows_symlinks(void **state)
{
    AUTO_ERR e = NULL;
    AUTO_FREE char *outside = in(state, "outside");
    AUTO_FREE char *kept = in(state, "outside/kept");
    AUTO_FREE char *tree = in(state, "tree");
    AUTO_FREE char *inner = in(state, "tree/link");
    AUTO_FREE char *top = in(state, "top");
    AUTO_FREE char *top_slash = in(state, "top/");

    put(state, "outside/kept");
    put(state, "tree/f");
    assert_int_equal(symlink(outside, inner), 0);
    assert_int_equal(symlink(outside, top), 0);
    expect_ok(dir_remove(tree, &e), &e);
    expect_ok(dir_remove(top_slash, &e), &e);
    assert_true(file_exists(kept));
    assert_false(file_exists(top));
    assert_false(file_exists(tree));
}

static void entries_are_sorted(void **state)
{
    AUTO_ERR e = NULL;
    AUTO_STRV names = { 0 };
    AUTO_FREE char *none = in(state, "none");

    put(state, "b");
    put(state, "a/x");
    put(state, ".c");
    expect_ok(dir_list(*state, &names, &e), &e);
    AUTO_FREE char *all = strv_join(&names, " ");
    assert_string_equal(all, ".c a b");
    AUTO_STRV untouched = { 0 };
    expect_err(dir_list(none, &untouched, &e), ERR_NOT_FOUND, "cannot open directory", &e);
    assert_int_equal(untouched.len, 0);
}

static void a_directory_may_be_behind_a_link(void **state)
{
    AUTO_FREE char *file = path_join(*state, "file");
    AUTO_FREE char *link = path_join(*state, "link");
    AUTO_FREE char *none = path_join(*state, "none");
    AUTO_ERR e = NULL;

    expect_ok(file_write(file, "x", 1, 0644, &e), &e);
    assert_int_equal(symlink(*state, link), 0);
    assert_true(dir_exists(*state));
    assert_true(dir_exists(link));
    assert_false(dir_exists(file));
    assert_false(dir_exists(none));
}

static void temporary_directories(void **state)
{
    AUTO_ERR e = NULL;
    AUTO_FREE char *none = in(state, "none");
    struct stat st;
    char *kept = NULL;

    {
        AUTO_TEMPDIR gone = dir_temp(*state, "x", &e);
        AUTO_TEMPDIR stays = dir_temp(*state, "x", &e);
        expect_ok(gone && stays ? 0 : -1, &e);
        assert_string_not_equal(gone, stays);
        assert_int_equal(stat(gone, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0700);
        kept = TAKE(stays);
    }
    AUTO_STRV names = { 0 };
    expect_ok(dir_list(*state, &names, &e), &e);
    assert_int_equal(names.len, 1);
    assert_string_equal(names.ptr[0], path_base(kept));
    free(kept);
    assert_null(dir_temp(none, "x", &e));
    expect_err(-1, ERR_NOT_FOUND, "cannot create a directory in", &e);
}

static void a_walk_finds_regular_files(void **state)
{
    AUTO_ERR e = NULL;
    AUTO_STRV found = { 0 };
    AUTO_FREE char *empty = in(state, "empty");

    put(state, "b/c");
    put(state, "b/a/d");
    put(state, "a");
    put(state, "b.x");
    expect_ok(dir_make(empty, 0755, &e), &e);
    expect_ok(dir_walk(*state, 10, &found, &e), &e);
    AUTO_FREE char *all = strv_join(&found, " ");
    assert_string_equal(all, "a b.x b/a/d b/c");
}

static void expect_refusal(void **state, size_t max, const char *part)
{
    AUTO_ERR e = NULL;
    AUTO_STRV found = { 0 };

    expect_err(dir_walk(*state, max, &found, &e), ERR_INVALID, part, &e);
    assert_int_equal(found.len, 0);
}

static void a_walk_refuses_symlinks(void **state)
{
    AUTO_FREE char *link = in(state, "d/link");

    put(state, "d/f");
    assert_int_equal(symlink("f", link), 0);
    expect_refusal(state, 10, "/d/link' is a symbolic link");
    unlink(link);
    assert_int_equal(symlink("/etc", link), 0);
    expect_refusal(state, 10, "/d/link' is a symbolic link");
}

static void a_walk_refuses_fifos_and_sockets(void **state)
{
    AUTO_FREE char *fifo = in(state, "fifo");
    AUTO_FREE char *path = in(state, "socket");
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    assert_int_equal(mkfifo(fifo, 0600), 0);
    expect_refusal(state, 10, "/fifo' is a fifo");
    unlink(fifo);
    AUTO_FD fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    expect_refusal(state, 10, "/socket' is a socket");
}

static void a_walk_has_limits(void **state)
{
    AUTO_ERR e = NULL;
    AUTO_STR deep = STR_INIT(4096);

    put(state, "a");
    put(state, "b");
    put(state, "c");
    expect_refusal(state, 2, "holds more than 2 files");
    for (int i = 0; i < 70; i++)
        str_add(&deep, "d/");
    str_add(&deep, "f");
    put(state, deep.ptr);
    expect_refusal(state, 1000, "is nested deeper than 64 levels");
    AUTO_FREE char *tree = in(state, "d");
    expect_ok(dir_remove(tree, &e), &e);
}

static void a_walk_refuses_unprintable_names(void **state)
{
    put(state, "a\x1b[2Jb");
    expect_refusal(state, 10, "/a\\x1b[2Jb' has a name that is not allowed");
}

static void a_walk_starts_at_a_real_directory(void **state)
{
    AUTO_ERR e = NULL;
    AUTO_STRV found = { 0 };
    AUTO_FREE char *none = in(state, "none");
    AUTO_FREE char *link = in(state, "link");

    expect_err(dir_walk(none, 10, &found, &e), ERR_NOT_FOUND, "cannot open directory", &e);
    assert_int_equal(symlink("/etc", link), 0);
    expect_err(dir_walk(link, 10, &found, &e), ERR_IO, "cannot open directory", &e);
}

static void safe_paths(void **state)
{
    static const char *const good[] = { "a", "a/b", ".a", "a..b/...", "a b/c", "\xc3\xa4", "-" };
    static const char *const bad[] = { "",     "/",     "/a",    "a/",
                                       "a//b", ".",     "..",    "./a",
                                       "../a", "a/..",  "a/./b", "a/.",
                                       "a\n",  "a\x1b", "\x7f",  "a/../../etc/passwd" };
    AUTO_FREE char *longest = xcalloc(4098, 1);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        assert_true(path_is_safe(good[i]));
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(path_is_safe(bad[i]));
    memset(longest, 'a', 4096);
    assert_true(path_is_safe(longest));
    longest[4096] = 'a';
    assert_false(path_is_safe(longest));
}

static void check_join(const char *a, const char *b, const char *expected)
{
    AUTO_FREE char *joined = path_join(a, b);

    assert_string_equal(joined, expected);
}

static void check_dir(const char *path, const char *dir, const char *base)
{
    AUTO_FREE char *found = path_dir(path);

    assert_string_equal(found, dir);
    assert_string_equal(path_base(path), base);
}

static void parts_of_paths(void **state)
{
    (void)state;
    check_join("a", "b", "a/b");
    check_join("a/", "b", "a/b");
    check_join("a", "/b", "a/b");
    check_join("/", "b", "/b");
    check_join("", "b", "b");
    check_join("a", "", "a");
    check_dir("a/b", "a", "b");
    check_dir("/a", "/", "a");
    check_dir("a", ".", "a");
    check_dir("/x/y/z", "/x/y", "z");
}

static void absolute_paths(void **state)
{
    AUTO_ERR e = NULL;
    AUTO_FREE char *link = in(state, "link");
    AUTO_FREE char *none = in(state, "none");

    assert_int_equal(symlink("/", link), 0);
    AUTO_FREE char *real = path_absolute(link, &e);
    assert_string_equal(real, "/");
    assert_null(path_absolute(none, &e));
    expect_err(-1, ERR_NOT_FOUND, "cannot resolve", &e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(directories_with_parents),
        scratch_test(a_file_in_the_way),
        scratch_test(a_tree_is_removed),
        scratch_test(removing_never_follows_symlinks),
        scratch_test(entries_are_sorted),
        scratch_test(a_directory_may_be_behind_a_link),
        scratch_test(temporary_directories),
        scratch_test(a_walk_finds_regular_files),
        scratch_test(a_walk_refuses_symlinks),
        scratch_test(a_walk_refuses_fifos_and_sockets),
        scratch_test(a_walk_has_limits),
        scratch_test(a_walk_refuses_unprintable_names),
        scratch_test(a_walk_starts_at_a_real_directory),
        scratch_test(absolute_paths),
        cmocka_unit_test(safe_paths),
        cmocka_unit_test(parts_of_paths),
    };

    return cmocka_run_group_tests_name("dir", tests, NULL, NULL);
}
