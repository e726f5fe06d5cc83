/* What the guest prints of itself, read strictly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/observe.h"
#include "adapters/observe_table.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "fakes/fake_lab.h"

enum { TEXT_MAX = 64 << 20 };

/* A literal whose NULs count. */
struct section {
    const char *name, *text;
    size_t len;
};
#define SECTION(name, text) \
    { \
        (name), (text), sizeof(text) - 1 \
    }

static const struct section *find(const struct section *s, const char *name)
{
    static const struct section since = SECTION("since", "1000\n");

    for (; s->name; s++) {
        if (str_eq(s->name, name))
            return s;
    }
    return str_eq(name, "since") ? &since : NULL;
}

/* As the script prints it: every section is there, empty unless it is given. */
static void print(const struct section *given, struct str *ret)
{
    size_t total = 0;

    for (size_t i = 0; i < observer_count; i++) {
        const struct section *s = find(given, observers[i].name);
        str_addf(ret, "%5zu %s\n", s ? s->len : 0, observers[i].name);
        total += s ? s->len : 0;
    }
    str_addf(ret, "%5zu total\n", total);
    for (size_t i = 0; i < observer_count; i++) {
        const struct section *s = find(given, observers[i].name);
        if (s)
            str_add_mem(ret, s->text, s->len);
    }
    str_add(ret, "end\n");
}

static int parse(const struct section *given, struct observation *ret, struct err **err)
{
    AUTO_STR s = STR_INIT(TEXT_MAX);

    print(given, &s);
    return observe_parse(s.ptr, s.len, NULL, ret, err);
}

static const struct seen *seen_of(const struct observation *o, const char *kind, const char *key)
{
    for (size_t i = 0; i < o->len; i++) {
        if (str_eq(o->ptr[i].kind, kind) && str_eq(o->ptr[i].key, key))
            return &o->ptr[i];
    }
    fail_msg("%s '%s' is not there", kind, key);
    return NULL;
}

static void expect_seen(const struct observation *o, const char *kind, const char *key,
                        const char *value)
{
    assert_string_equal(seen_of(o, kind, key)->value, value);
}

static struct observation observed(const struct section *given)
{
    struct observation o = { 0 };
    AUTO_ERR e = NULL;

    if (parse(given, &o, &e) < 0)
        fail_msg("%s", e->msg);
    return o;
}

static void expect_refused(const struct section *given, const char *part)
{
    AUTO_OBSERVATION o = { 0 };
    AUTO_ERR e = NULL;

    assert_int_equal(parse(given, &o, &e), -1);
    assert_int_equal(e->code, ERR_INVALID);
    if (!strstr(e->msg, part))
        fail_msg("'%s' lacks '%s'", e->msg, part);
    if (strpbrk(e->msg, "\033\n"))
        fail_msg("not fit for a terminal: %s", e->msg);
    assert_int_equal(o.len, 0);
}

#define DIGEST "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void reads_files(void **state)
{
    static const struct section given[] = {
        SECTION("since", "1000\n"),
        SECTION("digest", DIGEST "  /etc/motd\0" DIGEST "  /not/walked\0"),
        SECTION("file", "f 644 0:0 12 900.5 1001.5 /etc/motd\0\0"
                        "f 4755 0:0 99 900.0 900.0 /usr/bin/su\0\0"
                        "l 777 0:0 3 900.0 900.0 /etc/link\0../to\0"
                        "d 755 0:0 4096 1002.0 1002.0 /etc\0\0"
                        "f 600 1:2 5 1.0 1.0 /etc/cron.d/job\0\0"
                        "f 644 0:0 1 1.0 1.0 /a\nb \033\xff\0\0"),
        { 0 },
    };
    AUTO_OBSERVATION o = observed(given);

    (void)state;
    expect_seen(&o, "file", "/etc/motd", "file, mode 644, owner 0:0, 12 bytes");
    assert_string_equal(seen_of(&o, "file", "/etc/motd")->digest, DIGEST);
    assert_string_equal(seen_of(&o, "file", "/etc/motd")->written, "900.5");
    assert_true(seen_of(&o, "file", "/etc/motd")->touched);
    assert_false(seen_of(&o, "file", "/usr/bin/su")->touched);
    expect_seen(&o, "setuid", "/usr/bin/su", "mode 4755, owner 0:0");
    expect_seen(&o, "file", "/etc/link", "link to ../to");
    assert_null(seen_of(&o, "file", "/etc/link")->written);
    expect_seen(&o, "file", "/etc", "directory, mode 755, owner 0:0");
    expect_seen(&o, "cron", "/etc/cron.d/job", "file, mode 600, owner 1:2, 5 bytes");
    expect_seen(&o, "file", "/a\nb \033\xef\xbf\xbd", "file, mode 644, owner 0:0, 1 bytes");
}

static void reads_lines(void **state)
{
    static const struct section given[] = {
        SECTION("package", "openssl\t3.0.9-1 ii \nbroken\t1 iU\n"),
        SECTION("merged", "bin\nlib\n"),
        SECTION("owner", "libc6:amd64.list:/lib/libc.so\na.list:/lib64/x\nb.list:/lib\n"),
        SECTION("unit", "nginx.service loaded active running A web server\n"
                        "a.timer loaded active waiting A\n"
                        "gone.service not-found inactive dead gone.service\n"),
        SECTION("user", "root:x:0:0:root:/root:/bin/sh\n"),
        SECTION("group", "adm:x:4:ann\n"),
        SECTION("sysctl", "/proc/sys/net/a:1\n/proc/sys/net/a:2\n/proc/sys/fs/file-nr:7\n"
                          "/proc/sys/kernel/b:x:y\n"),
        SECTION("module", "ext4 1048576 1 - Live 0x0000000000000000\n"),
        SECTION("config", "sshd\tport 22\nsshd\tport 22\nnginx\t   listen 80;\nnginx\t# note\n"),
        SECTION("journal", "Nov 25 07:14:15 sshd[412]: error 5 at 0xdeadbeef01 of deadbeefcafe\n"
                           "Nov 25 07:14:16 sshd[413]: error 6 at 0xdeadbeef02 of cafedeadbeef\n"
                           "                a second line\n"),
        { 0 },
    };
    AUTO_OBSERVATION o = observed(given);

    (void)state;
    expect_seen(&o, "package", "openssl", "3.0.9-1");
    expect_seen(&o, "package", "broken", "1 iU");
    assert_int_equal(o.owned_len, 3);
    assert_string_equal(o.owned[0].path, "/lib");
    assert_string_equal(o.owned[1].path, "/lib64/x");
    assert_string_equal(o.owned[2].path, "/usr/lib/libc.so");
    assert_string_equal(o.owned[2].package, "libc6:amd64");
    expect_seen(&o, "unit", "nginx.service", "loaded, active (running)");
    expect_seen(&o, "timer", "a.timer", "loaded, active (waiting)");
    expect_seen(&o, "user", "root", "0:0:root:/root:/bin/sh");
    expect_seen(&o, "group", "adm", "4:ann");
    expect_seen(&o, "sysctl", "net/a", "1; 2");
    expect_seen(&o, "sysctl", "kernel/b", "x:y");
    expect_seen(&o, "module", "ext4", "loaded");
    expect_seen(&o, "config", "sshd: port 22", "set");
    expect_seen(&o, "config", "nginx: listen 80;", "set");
    expect_seen(&o, "journal", "sshd[#]: error # at #xdeadbeef# of #", "logged");
    assert_int_equal(o.len, 12);
}

static void reads_sockets(void **state)
{
    static const struct section given[] = {
        SECTION("holder", "/proc/10/fd/3 socket:[555]\n/proc/11/fd/3 socket:[555]\n"
                          "/proc/12/fd/9 socket:[777]\nrubbish\n"),
        SECTION("name", "/proc/10/comm:nginx\n/proc/11/comm:nginx\n/proc/12/comm:dbus\n"),
        SECTION("socket",
                "/proc/net/tcp:  sl  local_address rem_address   st tx_queue rx_queue\n"
                "/proc/net/tcp:   0: 0100007F:0050 00000000:0000 0A 00000000:00000000 00:00000000"
                " 00000000     0        0 555 1 0000000000000000 100 0 0 10 0\n"
                "/proc/net/tcp:   1: 0100007F:1F40 0100007F:9999 01 00000000:00000000 00:00000000"
                " 00000000     0        0 556 1 0000000000000000 100 0 0 10 0\n"
                "/proc/net/udp6:   2: 00000000000000000000000001000000:0035"
                " 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000"
                "   101        0 999 2 0000000000000000 0\n"
                "/proc/net/unix:Num RefCount Protocol Flags Type St Inode Path\n"
                "/proc/net/unix:0000000000000000: 00000002 00000000 00010000 0001 01 777 /run/d b\n"
                "/proc/net/unix:0000000000000000: 00000003 00000000 00000000 0001 03 778 /run/x\n"),
        { 0 },
    };
    AUTO_OBSERVATION o = observed(given);

    (void)state;
    expect_seen(&o, "socket", "tcp 127.0.0.1:80", "held by nginx");
    expect_seen(&o, "socket", "udp6 [::1]:53", "held by the kernel");
    expect_seen(&o, "socket", "unix /run/d b", "held by dbus");
    assert_int_equal(o.len, 3);
}

static void refuses_lines_that_are_none(void **state)
{
    static const struct {
        const char *name, *text, *part;
    } rows[] = {
        { "since", "soon\n", "line 'soon'" },
        { "since", "-5\n", "line '-5'" },
        { "package", "no tab\n", "line 'no tab'" },
        { "package", "\033[2J\n", "section 'package'" },
        { "owner", "no path\n", "section 'owner'" },
        { "owner", "a.list:relative\n", "section 'owner'" },
        { "unit", "a.service loaded\n", "section 'unit'" },
        { "user", "root\n", "section 'user'" },
        { "sysctl", "/etc/passwd:1\n", "section 'sysctl'" },
        { "module", "\n", "section 'module'" },
        { "config", "no tool\n", "section 'config'" },
        { "socket", "/proc/other:x\n", "sockets is garbled" },
        { "package", "a\t1", "in the middle of a line" },
        { "file", "f 644 0:0\n", "ends too soon" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct section given[] = { { rows[i].name, rows[i].text, strlen(rows[i].text) },
                                         { 0 } };
        expect_refused(given, rows[i].part);
    }
}

static void refuses_a_garbled_walk(void **state)
{
    static const struct section rows[][3] = {
        { SECTION("file", "f 644 0:0 12 9 9 /a\0") },            /* no target */
        { SECTION("file", "f 644 0:0 12 9 9 relative\0\0") },    /* no path */
        { SECTION("file", "x 644 0:0 12 9 9 /a\0\0") },          /* no type */
        { SECTION("file", "f 9 0:0 12 9 9 /a\0\0") },            /* no mode */
        { SECTION("file", "f 644 root 12 9 9 /a\0\0") },         /* no owner */
        { SECTION("file", "f 644 0:0 -1 9 9 /a\0\0") },          /* no size */
        { SECTION("file", "f 644 0:0 1 9 x /a\0\0") },           /* no time */
        { SECTION("file", "f 644 0:0 1 9\0\0") },                /* too few */
        { SECTION("digest", "abc  /a\0"), SECTION("file", "") }, /* no digest */
        { SECTION("digest", DIGEST " /a\0"), SECTION("file", "") },
        { SECTION("digest", DIGEST "\0"), SECTION("file", "") },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        expect_refused(rows[i], "");
}

/* Replaces the first `from` in a good answer. */
static void expect_bent(const char *from, const char *to, const char *part)
{
    static const struct section none[] = { { 0 } };
    AUTO_STR good = STR_INIT(TEXT_MAX), bent = STR_INIT(TEXT_MAX);
    AUTO_OBSERVATION o = { 0 };
    AUTO_ERR e = NULL;

    print(none, &good);
    char *at = strstr(good.ptr, from);
    assert_non_null(at);
    str_add_mem(&bent, good.ptr, (size_t)(at - good.ptr));
    str_add(&bent, to);
    str_add(&bent, at + strlen(from));
    assert_int_equal(observe_parse(bent.ptr, bent.len, NULL, &o, &e), -1);
    assert_int_equal(e->code, ERR_INVALID);
    if (!strstr(e->msg, part))
        fail_msg("'%s' lacks '%s'", e->msg, part);
}

static void refuses_frames_that_do_not_fit(void **state)
{
    (void)state;
    expect_bent("end\n", "", "does not end");
    expect_bent("end\n", "end\nmore", "does not end");
    expect_bent("end\n", "end", "does not end");
    expect_bent(" unit\n", " magic\n", "is unknown");
    expect_bent(" unit\n", " user\n", "is there twice");
    expect_bent("    0 unit\n", "", "lacks a section");
    expect_bent("    0 unit\n", "  100 unit\n", "cut off");
    expect_bent("    0 unit\n", "   -1 unit\n", "garbled");
    expect_bent("    0 unit\n", "999999999999 unit\n", "garbled");
    expect_bent("    0 unit\n", "unit\n", "garbled");
    expect_bent(" total\n", " all\n", "is unknown");
    expect_bent("    0 unit\n",
                "    0 unit_unit_unit_unit_unit_unit_unit_unit_unit_unit_unit_unit_unit_unit\n",
                "garbled");
}

static void refuses_more_than_it_may_have(void **state)
{
    AUTO_STR lines = STR_INIT(TEXT_MAX);

    (void)state;
    for (int i = 0; i < OBSERVATION_MAX + 2; i++)
        str_addf(&lines, "m%d\n", i);
    const struct section given[] = { { "module", lines.ptr, lines.len }, { 0 } };
    expect_refused(given, "more than 1000000 items");
}

static void cuts_what_is_too_long(void **state)
{
    AUTO_STR line = STR_INIT(TEXT_MAX);
    AUTO_OBSERVATION o = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    for (int i = 0; i < 3 * SEEN_TEXT_MAX; i++)
        str_add(&line, "m");
    str_add(&line, "\n");
    const struct section given[] = { { "module", line.ptr, line.len }, { 0 } };
    assert_int_equal(parse(given, &o, &e), 0);
    assert_int_equal(strlen(o.ptr[0].key), SEEN_TEXT_MAX);
}

static void refuses_what_does_not_unpack(void **state)
{
    static const char bomb[] = "\x1f\x8b\x08\0\0\0\0\0\0\3not deflate";
    AUTO_OBSERVATION o = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    assert_int_equal(observe_parse(bomb, sizeof(bomb) - 1, NULL, &o, &e), -1);
    assert_int_equal(e->code, ERR_INVALID);
    err_clear(&e);
    assert_int_equal(observe_parse("", 0, NULL, &o, &e), -1);
    assert_int_equal(e->code, ERR_INVALID);
}

/* One command, as root, with a directory of its own; how it fails. */
static void asks_the_guest_once(void **state)
{
    static const struct fake_answer answers[] = {
        { .part = "patchlab-observe", .output = "nonsense" },
        { .part = "patchlab-observe", .exit = 1 },
        { .part = "patchlab-observe", .timed_out = true },
        { .part = "patchlab-observe", .refuses = true },
    };
    static const enum err_code codes[] = { ERR_INVALID, ERR_INVALID, ERR_INVALID, ERR_IO };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        AUTO_FAKE_LAB lab;
        AUTO_OBSERVATION o = { 0 };
        AUTO_ERR e = NULL;
        struct clone *c = NULL;
        const struct clone_spec spec = { .label = "run1-a" };

        fake_lab_init(&lab);
        fake_lab_answer(&lab, answers[i]);
        assert_int_equal(lab.lab.ops->clone(&lab.lab, &spec, &c, &e), 0);
        assert_int_equal(guest_observer.observe(c->guest, 5500, NULL, &o, &e), -1);
        assert_int_equal(e->code, codes[i]);
        const struct fake_lane *l = &lab.lanes[LANE_BASELINE];
        assert_int_equal(l->calls.len, 2);
        assert_string_equal(l->last_scratch, "OBSERVED");
        assert_null(l->last_user);
        assert_true(str_ends(l->last_argv, "|patchlab-observe|6"));
        c->ops->destroy(c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_files),
        cmocka_unit_test(reads_lines),
        cmocka_unit_test(reads_sockets),
        cmocka_unit_test(refuses_lines_that_are_none),
        cmocka_unit_test(refuses_a_garbled_walk),
        cmocka_unit_test(refuses_frames_that_do_not_fit),
        cmocka_unit_test(refuses_more_than_it_may_have),
        cmocka_unit_test(cuts_what_is_too_long),
        cmocka_unit_test(refuses_what_does_not_unpack),
        cmocka_unit_test(asks_the_guest_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
