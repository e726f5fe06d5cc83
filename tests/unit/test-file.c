/* file: reading with a limit, atomic writing, sparse copies, links, locks. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base.h"

static char *in(void **state, const char *name)
{
    return path_join(*state, name);
}

static void write_text(const char *path, const char *text)
{
    AUTO_ERR e = NULL;

    expect_ok(file_write(path, text, strlen(text), 0644, &e), &e);
}

static void expect_text(const char *path, const char *text)
{
    AUTO_ERR e = NULL;
    AUTO_FREE char *found = file_read(path, 1000, NULL, &e);

    expect_ok(found ? 0 : -1, &e);
    assert_string_equal(found, text);
}

static size_t count_entries(const char *dir)
{
    AUTO_ERR e = NULL;
    AUTO_STRV names = { 0 };

    expect_ok(dir_list(dir, &names, &e), &e);
    return names.len;
}

static void what_is_written_can_be_read(void **state)
{
    AUTO_ERR e = NULL;
    AUTO_FREE char *path = in(state, "f");
    size_t len = 0;

    expect_ok(file_write(path, "a\0b", 3, 0600, &e), &e);
    AUTO_FREE char *text = file_read(path, 3, &len, &e);
    expect_ok(text ? 0 : -1, &e);
    assert_int_equal(len, 3);
    assert_memory_equal(text, "a\0b", 4);
}

static void the_limit_of_a_read(void **state)
{
    AUTO_ERR e = NULL;
    AUTO_FREE char *path = in(state, "f");

    write_text(path, "12345");
    AUTO_FREE char *text = file_read(path, 5, NULL, &e);
    assert_non_null(text);
    assert_null(file_read(path, 4, NULL, &e));
    expect_err(-1, ERR_INVALID, "is larger than 4 bytes", &e);
    assert_null(file_read(path, 0, NULL, &e));
    expect_err(-1, ERR_INVALID, "is larger than 0 bytes", &e);
}

static void large_files_and_files_without_a_size(void **state)
{
    AUTO_ERR e = NULL;
    AUTO_FREE char *path = in(state, "f");
    AUTO_FREE char *data = xcalloc(1, 3 << 20);
    size_t len;

    memset(data, 'x', 3 << 20);
    expect_ok(file_write(path, data, 3 << 20, 0600, &e), &e);
    AUTO_FREE char *text = file_read(path, 3 << 20, &len, &e);
    assert_non_null(text);
    assert_int_equal(len, 3 << 20);
    assert_memory_equal(text, data, len);
    AUTO_FREE char *status = file_read("/proc/self/status", 100000, &len, &e);
    assert_non_null(status);
    assert_true(len > 100);
    assert_null(file_read("/proc/self/status", 10, NULL, &e));
    expect_err(-1, ERR_INVALID, "is larger than 10 bytes", &e);
}

static void what_cannot_be_read(void **state)
{
    AUTO_ERR e = NULL;
    AUTO_FREE char *none = in(state, "none");
    AUTO_FREE char *fifo = in(state, "fifo");

    assert_null(file_read(none, 10, NULL, &e));
    expect_err(-1, ERR_NOT_FOUND, "cannot open '", &e);
    assert_null(file_read(*state, 10, NULL, &e));
    expect_err(-1, ERR_INVALID, "is not a regular file", &e);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_null(file_read(fifo, 10, NULL, &e)); /* and does not wait for a writer */
    expect_err(-1, ERR_INVALID, "is not a regular file", &e);
    assert_null(file_read("/dev/zero", 10, NULL, &e));
    expect_err(-1, ERR_INVALID, "is not a regular file", &e);
}

static void a_write_replaces_in_one_step(void **state)
{
    AUTO_ERR e = NULL;
    AUTO_FREE char *path = in(state, "f");
    struct stat st;

    write_text(path, "old");
    AUTO_FD reader = open(path, O_RDONLY | O_CLOEXEC);
    mode_t before = umask(077);
    expect_ok(file_write(path, "new", 3, 0664, &e), &e);
    umask(before);
    char buf[4] = "";
    assert_int_equal(read(reader, buf, 3), 3);
    assert_string_equal(buf, "old"); /* who had it open still sees the old one, whole */
    expect_text(path, "new");
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0664);
    assert_int_equal(count_entries(*state), 1);
}

static void a_failed_write_leaves_nothing(void **state)
{
    AUTO_ERR e = NULL;
    AUTO_FREE char *taken = in(state, "dir");
    AUTO_FREE char *nowhere = in(state, "none/f");

    expect_ok(dir_make(taken, 0700, &e), &e);
    expect_err(file_write(taken, "x", 1, 0600, &e), ERR_IO, "cannot rename", &e);
    expect_err(file_write(nowhere, "x", 1, 0600, &e), ERR_NOT_FOUND, "cannot create", &e);
    assert_int_equal(count_entries(*state), 1);
}

static void a_symlink_is_replaced_not_followed(void **state)
{
    AUTO_FREE char *target = in(state, "target");
    AUTO_FREE char *path = in(state, "link");

    write_text(target, "precious");
    assert_int_equal(symlink(target, path), 0);
    write_text(path, "new");
    expect_text(target, "precious");
    expect_text(path, "new");
}

static void put_at(int fd, off_t at, const char *text)
{
    assert_int_equal(pwrite(fd, text, strlen(text), at), (ssize_t)strlen(text));
}

/* A hole, data, a hole of 64 MiB, data, a hole to the end: few blocks for much length. */
static void make_sparse(const char *path)
{
    AUTO_FD fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    put_at(fd, 1 << 20, "first");
    put_at(fd, 65 << 20, "second");
    assert_int_equal(ftruncate(fd, 100 << 20), 0);
    assert_int_equal(fsync(fd), 0);
}

static void expect_at(const char *path, off_t at, const char *text)
{
    AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
    char buf[16] = "";

    assert_int_equal(pread(fd, buf, strlen(text), at), (ssize_t)strlen(text));
    assert_string_equal(buf, text);
}

static void copies_keep_holes(void **state)
{
    AUTO_ERR e = NULL;
    AUTO_FREE char *from = in(state, "from");
    AUTO_FREE char *to = in(state, "to");
    struct stat st;

    make_sparse(from);
    expect_ok(file_copy(from, to, 0640, &e), &e);
    assert_int_equal(stat(to, &st), 0);
    assert_int_equal(st.st_size, 100 << 20);
    assert_int_equal(st.st_mode & 07777, 0640);
    assert_true(st.st_blocks * 512 < 4 << 20);
    expect_at(to, 1 << 20, "first");
    expect_at(to, 65 << 20, "second");
    expect_at(to, 30 << 20, "");
}

static void small_copies(void **state)
{
    AUTO_ERR e = NULL;
    AUTO_FREE char *from = in(state, "from");
    AUTO_FREE char *empty = in(state, "empty");
    AUTO_FREE char *to = in(state, "to");

    write_text(from, "text");
    write_text(empty, "");
    write_text(to, "something longer");
    expect_ok(file_copy(from, to, 0600, &e), &e);
    expect_text(to, "text");
    expect_ok(file_copy(empty, to, 0600, &e), &e);
    expect_text(to, "");
}

static void what_cannot_be_copied(void **state)
{
    AUTO_ERR e = NULL;
    AUTO_FREE char *none = in(state, "none");
    AUTO_FREE char *to = in(state, "to");

    expect_err(file_copy(none, to, 0600, &e), ERR_NOT_FOUND, "cannot open", &e);
    expect_err(file_copy(*state, to, 0600, &e), ERR_INVALID, "not a regular file", &e);
    assert_false(file_exists(to));
    assert_int_equal(count_entries(*state), 0);
}

/* Between file systems the kernel may refuse copy_file_range(); /dev/shm usually is one. */
static void copies_cross_file_systems(void **state)
{
    AUTO_ERR e = NULL;
    AUTO_FREE char *to = in(state, "to");
    struct stat st;

    if (access("/dev/shm", W_OK) != 0)
        skip();
    AUTO_TEMPDIR other = dir_temp("/dev/shm", "patchlab-test", &e);
    expect_ok(other ? 0 : -1, &e);
    AUTO_FREE char *from = path_join(other, "from");
    make_sparse(from);
    expect_ok(file_link_or_copy(from, to, 0600, &e), &e);
    assert_int_equal(stat(to, &st), 0);
    assert_int_equal(st.st_size, 100 << 20);
    assert_true(st.st_blocks * 512 < 4 << 20);
    expect_at(to, 65 << 20, "second");
}

static void links_share_the_file(void **state)
{
    AUTO_ERR e = NULL;
    AUTO_FREE char *from = in(state, "from");
    AUTO_FREE char *to = in(state, "to");
    struct stat a;
    struct stat b;

    write_text(from, "text");
    write_text(to, "other");
    expect_ok(file_link_or_copy(from, to, 0600, &e), &e);
    expect_ok(file_link_or_copy(from, to, 0600, &e), &e); /* again: they are the same already */
    assert_int_equal(stat(from, &a), 0);
    assert_int_equal(stat(to, &b), 0);
    assert_int_equal(a.st_ino, b.st_ino);
    assert_int_equal(count_entries(*state), 2);
    AUTO_FREE char *none = in(state, "none");
    expect_err(file_link_or_copy(none, to, 0600, &e), ERR_NOT_FOUND, "cannot link", &e);
    expect_text(to, "text");
}

static int try_lock_in_child(const char *path)
{
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        struct err *e = NULL;
        int fd = file_lock(path, false, &e);
        _exit(fd >= 0 ? 0 : (int)e->code);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WEXITSTATUS(status);
}

static void a_lock_excludes_other_processes(void **state)
{
    AUTO_ERR e = NULL;
    AUTO_FREE char *path = in(state, "lock");
    AUTO_FD fd = file_lock(path, false, &e);

    expect_ok(fd >= 0 ? 0 : -1, &e);
    assert_int_equal(try_lock_in_child(path), ERR_CONFLICT);
    expect_err(file_lock(path, false, &e), ERR_CONFLICT, "is locked by another", &e);
    fd_closep(&fd);
    assert_int_equal(try_lock_in_child(path), 0);
}

/* Holds the lock until it is killed; says when it has it. */
static pid_t hold_lock_in_child(const char *path)
{
    int ready[2];
    char byte;

    assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct err *e = NULL;
        if (file_lock(path, true, &e) >= 0 && write(ready[1], "x", 1) == 1)
            pause();
        _exit(1);
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    return pid;
}

static void the_kernel_frees_the_lock_of_the_killed(void **state)
{
    AUTO_ERR e = NULL;
    AUTO_FREE char *path = in(state, "lock");
    pid_t pid = hold_lock_in_child(path);

    expect_err(file_lock(path, false, &e), ERR_CONFLICT, "is locked", &e);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    AUTO_FD fd = file_lock(path, true, &e);
    expect_ok(fd >= 0 ? 0 : -1, &e);
}

static void descriptors_are_not_inherited(void **state)
{
    AUTO_ERR e = NULL;
    AUTO_FREE char *path = in(state, "lock");
    AUTO_FD fd = file_lock(path, false, &e);

    assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
}

static void closing_keeps_errno(void **state)
{
    int fd = -1;

    (void)state;
    errno = 42;
    fd_closep(&fd);
    fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    errno = 42;
    fd_closep(&fd);
    assert_int_equal(fd, -1);
    assert_int_equal(errno, 42);
}

static void room_is_known(void **state)
{
    AUTO_FREE char *none = in(state, "none");

    assert_true(file_room(*state) > 0);
    assert_true(file_room(none) == -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(what_is_written_can_be_read),
        scratch_test(the_limit_of_a_read),
        scratch_test(large_files_and_files_without_a_size),
        scratch_test(what_cannot_be_read),
        scratch_test(a_write_replaces_in_one_step),
        scratch_test(a_failed_write_leaves_nothing),
        scratch_test(a_symlink_is_replaced_not_followed),
        scratch_test(copies_keep_holes),
        scratch_test(small_copies),
        scratch_test(what_cannot_be_copied),
        scratch_test(copies_cross_file_systems),
        scratch_test(links_share_the_file),
        scratch_test(a_lock_excludes_other_processes),
        scratch_test(the_kernel_frees_the_lock_of_the_killed),
        scratch_test(descriptors_are_not_inherited),
        scratch_test(closing_keeps_errno),
        scratch_test(room_is_known),
    };

    return cmocka_run_group_tests_name("file", tests, NULL, NULL);
}
