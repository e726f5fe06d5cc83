/* Which processes use replaced files, as a guest tells it, and what is asked of the guest. */
#include <stdlib.h>
#include <string.h>

#include "adapters/restart_systemd.h"
#include "base/mem.h"
#include "fakes/fake_lab.h"
#include "fakes/fixture.h"

static int parse(const char *text, struct stale_list *ret, struct err **err)
{
    stale_list_release(ret);
    return stale_list_parse(text, strlen(text), ret, err);
}

static void units_are_told_apart(void **state)
{
    static const struct {
        const char *cgroup, *unit;
        bool restarts;
    } rows[] = {
        { "/init.scope", "init.scope", true },
        { "/system.slice/nginx.service", "nginx.service", true },
        { "/system.slice/system-postgresql.slice/postgresql@15-main.service",
          "postgresql@15-main.service", true },
        { "/system.slice/systemd-journald.service", "systemd-journald.service", true },
        { "/system.slice/docker.service/child", "docker.service", true },
        { "/system.slice/dbus.service", "dbus.service", false },
        { "/system.slice/dbus-broker.service", "dbus-broker.service", false },
        { "/system.slice/dbusx.service", "dbusx.service", true },
        { "/system.slice/systemd-logind.service", "systemd-logind.service", false },
        { "/system.slice/system-getty.slice/getty@tty1.service", "getty@tty1.service", false },
        { "/system.slice/qemu-guest-agent.service", "qemu-guest-agent.service", false },
        { "/system.slice/docker-0123.scope", "docker-0123.scope", false },
        { "/user.slice/user-0.slice/user@0.service/app.slice/a.service", "user@0.service", false },
        { "/user.slice/user-0.slice/session-1.scope", "session-1.scope", false },
        { "/system.slice/--force.service", NULL, false },
        { "/system.slice/a b.service", NULL, false },
        { "/system.slice/a;reboot.service", NULL, false },
        { "/system.slice", NULL, false },
        { "/", NULL, false },
        { "//", NULL, false },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO_FREE char *text = xasprintf("systemd\n7\tx\t%s\t/lib/libc.so.6\nend\n",
                                         rows[i].cgroup);
        AUTO_STALE_LIST l = { 0 };
        AUTO_ERR e = NULL;

        expect_ok(parse(text, &l, &e) == 0, &e);
        assert_int_equal(l.len, 1);
        if (!str_eq(l.ptr[0].unit, rows[i].unit))
            fail_msg("'%s' is '%s'", rows[i].cgroup, l.ptr[0].unit ? l.ptr[0].unit : "nothing");
        if (l.ptr[0].restarts != rows[i].restarts)
            fail_msg("'%s' is wrongly (not) restarted", rows[i].cgroup);
        assert_int_equal(l.ptr[0].pid, 7);
        assert_string_equal(l.ptr[0].file, "/lib/libc.so.6");
    }
}

static void without_systemd_they_are_only_listed(void **state)
{
    AUTO_STALE_LIST l = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    expect_ok(parse("none\n30\tb\t/\t/x\n4\ta\t/system.slice/a.service\t/y z\nend\n", &l, &e) == 0,
              &e);
    assert_int_equal(l.len, 2);
    assert_int_equal(l.ptr[0].pid, 4); /* sorted */
    assert_string_equal(l.ptr[0].file, "/y z");
    assert_null(l.ptr[0].unit);
    assert_false(l.ptr[0].restarts);
    expect_ok(parse("systemd\nend\n", &l, &e) == 0, &e);
    assert_int_equal(l.len, 0);
}

static void whatever_else_is_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "\n",
        "end\n",
        "systemd\n",
        "systemd\nend",
        "systemd\nend\nend\n",
        "openrc\nend\n",
        "systemd\n1\ta\t/\nend\n",
        "systemd\n1\ta\t/\t/x\t/y\nend\n",
        "systemd\n1\ta\t/\tx\nend\n",
        "systemd\n1\ta\tx\t/x\nend\n",
        "systemd\n1\t\t/\t/x\nend\n",
        "systemd\n\ta\t/\t/x\nend\n",
        "systemd\n0\ta\t/\t/x\nend\n",
        "systemd\n-1\ta\t/\t/x\nend\n",
        "systemd\n1x\ta\t/\t/x\nend\n",
        "systemd\n99999999999999999999\ta\t/\t/x\nend\n",
        "systemd\n4194305\ta\t/\t/x\nend\n",
        "systemd\n\nend\n",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        AUTO_STALE_LIST l = { 0 };
        AUTO_ERR e = NULL;

        if (parse(texts[i], &l, &e) == 0)
            fail_msg("%zu was taken: '%s'", i, texts[i]);
        assert_null(l.ptr);
        expect_err(ERR_INVALID, "is not understood after line", &e);
    }
}

static void control_characters_are_shown(void **state)
{
    static const char text[] = "systemd\n1\ta\x1b[2J\xff\t/\t/x\0y\nend\n";
    AUTO_STALE_LIST l = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    expect_ok(stale_list_parse(text, sizeof(text) - 1, &l, &e) == 0, &e);
    assert_null(strpbrk(l.ptr[0].name, "\x1b\xff"));
    assert_non_null(strstr(l.ptr[0].file, "\\x00"));
}

static void there_is_a_limit(void **state)
{
    enum { MANY = 10001 };
    AUTO_STR s = STR_INIT(1 << 20);
    AUTO_STALE_LIST l = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    str_add(&s, "none\n");
    for (int i = 1; i <= MANY; i++)
        str_addf(&s, "%d\ta\t/\t/x\n", i);
    str_add(&s, "end\n");
    assert_int_equal(parse(s.ptr, &l, &e), -1);
    expect_err(ERR_INVALID, "after line 10002", &e);
}

static struct clone *clone_of(struct fake_lab *lab)
{
    struct clone_spec spec = { .label = "run1-b" };
    struct clone *c = NULL;
    AUTO_ERR e = NULL;

    expect_ok(lab->lab.ops->clone(&lab->lab, &spec, &c, &e) == 0, &e);
    return c;
}

static void the_guest_is_asked(void **state)
{
    static const struct {
        struct fake_answer answer;
        enum err_code code;
        const char *part;
    } table[] = {
        { { .output = "what?\n" }, ERR_INVALID, "cannot tell which processes use replaced files" },
        { { .timed_out = true }, ERR_GUEST, "did not finish in 60 s" },
        { { .refuses = true }, ERR_IO, "cannot tell which processes use replaced files" },
        { { .output = "systemd\n1\ta\t/init.scope\t/x\nend\n" }, 0, NULL },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        AUTO_FAKE_LAB lab;
        AUTO_STALE_LIST l = { 0 };
        AUTO_ERR e = NULL;

        fake_lab_init(&lab);
        fake_lab_answer(&lab, table[i].answer);
        lab.answers[0].part = "";
        struct clone *c = clone_of(&lab);
        int rc = restart_systemd.stale(c->guest, &l, &e);
        c->ops->destroy(c);
        assert_int_equal(rc, table[i].part ? -1 : 0);
        if (table[i].part)
            expect_err(table[i].code, table[i].part, &e);
        else
            assert_int_equal(l.len, 1);
    }
}

static void units_are_arguments(void **state)
{
    AUTO_FAKE_LAB lab;
    AUTO_GUEST_RESULT r = { 0 };
    AUTO_STRV units = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    fake_lab_init(&lab);
    struct clone *c = clone_of(&lab);
    strv_add(&units, "a.service");
    strv_add(&units, "init.scope");
    expect_ok(restart_systemd.restart(c->guest, &units, &r, &e) == 0, &e);
    assert_true(str_ends(lab.lanes[LANE_CANDIDATE].last_argv, "|a.service|init.scope"));
    strv_add(&units, "-x.service");
    assert_int_equal(restart_systemd.restart(c->guest, &units, &r, &e), -1);
    expect_err(ERR_INVALID, "'-x.service' is no unit", &e);
    c->ops->destroy(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(units_are_told_apart),
        cmocka_unit_test(without_systemd_they_are_only_listed),
        cmocka_unit_test(whatever_else_is_refused),
        cmocka_unit_test(control_characters_are_shown),
        cmocka_unit_test(there_is_a_limit),
        cmocka_unit_test(the_guest_is_asked),
        cmocka_unit_test(units_are_arguments),
    };

    return cmocka_run_group_tests_name("restart-systemd", tests, NULL, NULL);
}
