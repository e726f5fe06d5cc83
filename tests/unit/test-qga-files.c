/* qga: files that go into a guest: private before they have their bytes, whole or an error. */
#include "unit/base.h"

#include <sys/stat.h>
#include <unistd.h>

#include "adapters/qga.h"
#include "base/proc.h"
#include "fakes/script_agent.h"

/* The command that makes the files, on this machine. */
static void make_here(const struct script_agent *a)
{
    AUTO_PROC_RESULT r = { 0 };
    AUTO_ERR e = NULL;
    size_t at = 0;

    while (!str_eq(a->args.ptr[at], "/bin/sh"))
        at++;
    struct proc_spec spec = { .argv = (const char *const *)a->args.ptr + at,
                              .out_max = 1000,
                              .err_max = 1000,
                              .timeout_ms = 20000 };
    assert_int_equal(proc_run(&spec, &r, &e), 0);
    assert_int_equal(r.exit_code, 0);
}

static void is_empty_and_private(const char *path)
{
    struct stat st;

    assert_int_equal(lstat(path, &st), 0);
    assert_true(S_ISREG(st.st_mode));
    assert_int_equal(st.st_mode & 07777, 0400);
    assert_int_equal(st.st_size, 0);
}

static void files_are_made_before_they_are_filled(void **state)
{
    AUTO_ERR e = NULL;
    AUTO_FREE char *dir = dir_temp(NULL, "qga", &e);
    AUTO_FREE char *deep = path_join(dir, "shop/root/url"), *old = path_join(dir, "old");
    AUTO_FREE char *other = path_join(dir, "other");
    AUTO_FREE char *want_deep = xasprintf("w %s", deep), *want_old = xasprintf("w %s", old);
    AUTO_FREE char *done = script_agent_exited("0 0 10 0\n");
    const struct guest_file files[] = { { .path = deep, .data = "a\0b", .len = 3 },
                                        { .path = old, .user = "no-such-user", .data = "", 0 } };
    const struct agent_line lines[] = {
        SPAWNED, { "guest-exec-status", done, 0 }, OPENED, WROTE(3), CLOSED, OPENED, CLOSED, { 0 },
    };
    struct script_agent a;

    (void)state;
    assert_int_equal(file_write(other, "other", 5, 0644, &e), 0);
    assert_int_equal(symlink(other, old), 0);
    struct guest *g = script_agent_open(&a, lines);
    assert_int_equal(g->ops->write_files(g, files, 2, &e), 0);
    assert_null(lines[a.next].name);
    assert_int_equal(a.spawned, 1);
    assert_int_equal(a.files.len, 3);
    assert_string_equal(a.files.ptr[0], want_deep);
    assert_string_equal(a.files.ptr[1], "YQBi");
    assert_string_equal(a.files.ptr[2], want_old);
    assert_false(strv_has(&a.args, "a")); /* no byte of them is an argument */
    make_here(&a);
    is_empty_and_private(deep);
    is_empty_and_private(old);
    AUTO_FREE char *kept = file_read(other, 100, NULL, &e);
    assert_string_equal(kept, "other");
    assert_int_equal(dir_remove(dir, &e), 0);
    script_agent_close(&a, g);
}

static void large_files_go_in_pieces(void **state)
{
    size_t len = QGA_CHUNK + 1;
    AUTO_FREE char *data = xcalloc(1, len);
    AUTO_FREE char *done = script_agent_exited("0 0 10 0\n");
    const struct guest_file file = { .path = "/run/x", .data = data, .len = len };
    const struct agent_line lines[] = {
        SPAWNED, { "guest-exec-status", done, 0 }, OPENED, WROTE(1048576), WROTE(1), CLOSED, { 0 },
    };
    struct script_agent a;
    struct guest *g = script_agent_open(&a, lines);
    AUTO_ERR e = NULL;

    (void)state;
    assert_int_equal(g->ops->write_files(g, &file, 1, &e), 0);
    assert_null(lines[a.next].name);
    assert_int_equal(g->ops->write_files(g, &file, 0, &e), 0); /* asks nothing */
    script_agent_close(&a, g);
}

static void a_file_that_was_not_written_is_an_error(void **state)
{
    AUTO_FREE char *done = script_agent_exited("0 0 10 0\n"),
                   *failed = script_agent_exited("1 0 10 3\nno\n");
    const struct guest_file file = { .path = "/run/x", .data = "abc", .len = 3 };
    const struct agent_line made = { "guest-exec-status", done, 0 };
    const struct {
        struct agent_line lines[7];
        enum err_code code;
        const char *part;
    } rows[] = {
        { { SPAWNED, { "guest-exec-status", failed, 0 } }, ERR_GUEST, "'/bin/sh' failed" },
        { { SPAWNED, made, ABSENT }, ERR_NOT_FOUND, "open '/run/x'" },
        { { SPAWNED, made, { "guest-file-open", NULL, ERR_TIMEOUT } }, ERR_GUEST, "no answer" },
        { { SPAWNED, made, OPENED, WROTE(2), CLOSED }, ERR_IO, "took 2 of 3 bytes" },
        { { SPAWNED, made, OPENED, { "guest-file-write", "{\"return\":{}}", 0 }, CLOSED },
          ERR_IO,
          "of 3 bytes" },
        { { SPAWNED, made, OPENED, WROTE(3), { "guest-file-close", NULL, ERR_TIMEOUT } },
          ERR_GUEST,
          "no answer" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct script_agent a;
        struct guest *g = script_agent_open(&a, rows[i].lines);
        AUTO_ERR e = NULL;

        assert_int_equal(g->ops->write_files(g, &file, 1, &e), -1);
        assert_int_equal(e->code, rows[i].code);
        if (!strstr(e->msg, rows[i].part))
            fail_msg("'%s' lacks '%s'", e->msg, rows[i].part);
        script_agent_close(&a, g);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(files_are_made_before_they_are_filled, script_agent_teardown),
        cmocka_unit_test_teardown(large_files_go_in_pieces, script_agent_teardown),
        cmocka_unit_test_teardown(a_file_that_was_not_written_is_an_error, script_agent_teardown),
    };

    return cmocka_run_group_tests_name("qga-files", tests, NULL, NULL);
}
