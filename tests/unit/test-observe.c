/* Two observations compared, and what of the difference is explained or noise. */
#include "fakes/fixture.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "core/observe.h"
#include "fakes/fake_observer.h"

struct pair {
    struct observation before, after;
    struct change_list l;
    struct stated stated;
};

static struct pair compared(const char *before, const char *after)
{
    struct pair p = { 0 };
    AUTO_ERR e = NULL;

    expect_ok(fake_observation(before, &p.before, &e) == 0, &e);
    expect_ok(fake_observation(after, &p.after, &e) == 0, &e);
    observe_diff(&p.before, &p.after, &p.l);
    return p;
}

static void pair_release(struct pair *p)
{
    observation_release(&p->before);
    observation_release(&p->after);
    change_list_release(&p->l);
    strv_release(&p->stated.packages);
    strv_release(&p->stated.changes);
    strv_release(&p->stated.places);
}
#define AUTO_PAIR __attribute__((cleanup(pair_release))) struct pair

static void explain(struct pair *p)
{
    observe_explain(&p->l, &p->before, &p->after, &p->stated);
}

static const struct change *change_of(const struct pair *p, const char *kind, const char *key)
{
    for (size_t i = 0; i < p->l.len; i++) {
        if (str_eq(p->l.ptr[i].kind, kind) && str_eq(p->l.ptr[i].key, key))
            return &p->l.ptr[i];
    }
    fail_msg("%s '%s' is no change", kind, key);
    return NULL;
}

static void expect_state(const struct pair *p, const char *kind, const char *key,
                         enum change_state state, const char *why)
{
    const struct change *c = change_of(p, kind, key);

    assert_string_equal(change_state_names[c->state], change_state_names[state]);
    if (why && (!c->why || !strstr(c->why, why)))
        fail_msg("'%s' lacks '%s'", c->why ? c->why : "nothing", why);
}

static void finds_what_is_new_gone_and_changed(void **state)
{
    AUTO_PAIR p = compared("user ann = 1\nuser bob = 2\nunit a = on\n",
                           "user ann = 1\nuser cyd = 3\nunit a = off\n");

    (void)state;
    assert_int_equal(p.l.len, 3);
    const struct change *a = change_of(&p, "unit", "a");
    assert_string_equal(a->before, "on");
    assert_string_equal(a->after, "off");
    assert_null(change_of(&p, "user", "bob")->after);
    assert_null(change_of(&p, "user", "cyd")->before);
    AUTO_FREE char *new = change_sentence(change_of(&p, "user", "cyd"));
    AUTO_FREE char *gone = change_sentence(change_of(&p, "user", "bob"));
    AUTO_FREE char *other = change_sentence(a);
    assert_string_equal(new, "user 'cyd' is new");
    assert_string_equal(gone, "user 'bob' is gone");
    assert_string_equal(other, "unit 'a' is changed");
    assert_int_equal(change_count(&p.l, CHANGE_OPEN), 3);
}

static void the_same_change_has_the_same_id(void **state)
{
    AUTO_PAIR p = compared("unit a = on\n", "unit a = off\n");
    AUTO_PAIR same = compared("unit a = on\nuser b = 1\n", "unit a = off\nuser b = 1\n");
    AUTO_PAIR other = compared("unit a = on\n", "unit a = failed\n");
    AUTO_PAIR back = compared("unit a = off\n", "unit a = on\n");

    (void)state;
    assert_int_equal(strlen(p.l.ptr[0].id), CHANGE_ID_SIZE - 1);
    assert_string_equal(p.l.ptr[0].id, same.l.ptr[0].id);
    assert_string_not_equal(p.l.ptr[0].id, other.l.ptr[0].id);
    assert_string_not_equal(p.l.ptr[0].id, back.l.ptr[0].id);
}

/* Adds what fake_observation() cannot say. */
static void set_file(struct observation *o, const char *written, const char *digest, bool touched)
{
    struct seen *s = &o->ptr[0];

    free(s->written);
    free(s->digest);
    s->written = xstrdup(written);
    s->digest = xstrdup(digest);
    s->touched = touched;
}

static void files_are_told_apart_by_digest_then_by_time(void **state)
{
    static const char a[] = "aaaaaaaaaaaaaaaa", b[] = "bbbbbbbbbbbbbbbb";
    static const struct {
        const char *was, *was_digest;
        bool was_touched;
        const char *is, *is_digest;
        bool is_touched;
        size_t changes;
    } rows[] = {
        { "1", a, true, "2", a, true, 0 }, /* written anew, the same */
        { "1", a, true, "1", b, true, 1 }, /* a time can be set */
        { "1", NULL, false, "1", NULL, false, 0 },
        { "1", NULL, true, "2", NULL, true, 1 }, /* too large for a digest */
        { "1", NULL, false, "2", a, true, 1 },
        { "1", NULL, false, "1", a, true, 1 }, /* what it was is not known */
        { "1", a, true, "1", NULL, false, 1 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO_PAIR p = compared("file /a = f\n", "file /a = f\n");
        set_file(&p.before, rows[i].was, rows[i].was_digest, rows[i].was_touched);
        set_file(&p.after, rows[i].is, rows[i].is_digest, rows[i].is_touched);
        change_list_release(&p.l);
        observe_diff(&p.before, &p.after, &p.l);
        if (p.l.len != rows[i].changes)
            fail_msg("row %zu: %zu changes", i, p.l.len);
        if (p.l.len)
            assert_string_not_equal(p.l.ptr[0].before, p.l.ptr[0].after);
    }
}

static void what_the_changed_packages_own_is_explained(void **state)
{
    AUTO_PAIR p = compared("package nginx = 1\npackage base = 1\n"
                           "file /usr/sbin/nginx = old\nfile /usr/lib/old.so = f\n"
                           "file /etc/base.conf = old\n"
                           "owner nginx /usr/lib/old.so\nowner base /etc/base.conf\n",
                           "package nginx = 2\npackage base = 1\n"
                           "file /usr/sbin/nginx = new\nfile /etc/nginx.conf.dpkg-dist = f\n"
                           "file /etc/base.conf = new\ncron /etc/cron.d/nginx = f\n"
                           "unit nginx.service = on\nunit other.service = on\n"
                           "setuid /usr/sbin/nginx = 4755\nsocket tcp_0.0.0.0:80 = nginx\n"
                           "owner nginx /usr/sbin/nginx\nowner nginx /etc/nginx.conf\n"
                           "owner base /usr/sbin/nginx\nowner nginx /etc/cron.d/nginx\n"
                           "owner nginx /usr/lib/systemd/system/nginx.service\n"
                           "owner base /etc/base.conf\n");

    (void)state;
    strv_add(&p.stated.packages, "nginx");
    explain(&p);
    expect_state(&p, "package", "nginx", CHANGE_EXPLAINED, "the patch brings it");
    expect_state(&p, "file", "/usr/sbin/nginx", CHANGE_EXPLAINED, "package 'nginx'");
    expect_state(&p, "file", "/usr/lib/old.so", CHANGE_EXPLAINED, "package 'nginx'");
    expect_state(&p, "file", "/etc/nginx.conf.dpkg-dist", CHANGE_EXPLAINED, "package 'nginx'");
    expect_state(&p, "cron", "/etc/cron.d/nginx", CHANGE_EXPLAINED, "package 'nginx'");
    expect_state(&p, "unit", "nginx.service", CHANGE_EXPLAINED, "package 'nginx'");
    expect_state(&p, "unit", "other.service", CHANGE_OPEN, NULL);
    /* A package that did not change explains nothing, and these are never explained by one. */
    expect_state(&p, "file", "/etc/base.conf", CHANGE_OPEN, NULL);
    expect_state(&p, "setuid", "/usr/sbin/nginx", CHANGE_OPEN, NULL);
    expect_state(&p, "socket", "tcp 0.0.0.0:80", CHANGE_OPEN, NULL);
}

static void packages_are_known_in_each_spelling(void **state)
{
    AUTO_PAIR p = compared("package lib:amd64 = 1\n",
                           "package lib:amd64 = 2\npackage lib.x86_64 = 1\npackage lib = 1\n"
                           "package lib-dev = 1\npackage lib.so.x86_64 = 1\npackage li = 1\n");

    (void)state;
    strv_add(&p.stated.packages, "lib");
    explain(&p);
    expect_state(&p, "package", "lib:amd64", CHANGE_EXPLAINED, NULL);
    expect_state(&p, "package", "lib.x86_64", CHANGE_EXPLAINED, NULL);
    expect_state(&p, "package", "lib", CHANGE_EXPLAINED, NULL);
    expect_state(&p, "package", "lib-dev", CHANGE_OPEN, NULL);
    expect_state(&p, "package", "lib.so.x86_64", CHANGE_OPEN, NULL);
    expect_state(&p, "package", "li", CHANGE_OPEN, NULL);
}

static void rules_want_a_changed_package(void **state)
{
    static const char after[] = "package linux-image-6 = 2\nfile /etc/ld.so.cache = 2\n"
                                "file /var/lib/dpkg/status = 2\nfile /var/lib/dpkg = 2\n"
                                "file /var/lib/dpkgs = 2\nfile /usr/lib/modules/6/modules.dep = 2\n"
                                "file /usr/lib/modules/6/evil.ko = 2\n"
                                "file /boot/grub/grub.cfg = 2\nfile /boot/initrd.img-6 = 2\n"
                                "file /etc/ssl/certs/x.pem = 2\n"
                                "file /var/lib/patchlab/before = 2\n"
                                "file /var/lib/systemd/random-seed = 2\n";
    AUTO_PAIR p = compared("package linux-image-6 = 1\n", after);
    AUTO_PAIR none = compared("package linux-image-6 = 2\n", after);

    (void)state;
    explain(&p);
    explain(&none);
    expect_state(&p, "file", "/etc/ld.so.cache", CHANGE_EXPLAINED, "ldconfig");
    expect_state(&p, "file", "/var/lib/dpkg/status", CHANGE_EXPLAINED, "dpkg");
    expect_state(&p, "file", "/var/lib/dpkg", CHANGE_EXPLAINED, "dpkg");
    expect_state(&p, "file", "/var/lib/dpkgs", CHANGE_OPEN, NULL);
    expect_state(&p, "file", "/usr/lib/modules/6/modules.dep", CHANGE_EXPLAINED, "depmod");
    expect_state(&p, "file", "/usr/lib/modules/6/evil.ko", CHANGE_OPEN, NULL);
    expect_state(&p, "file", "/boot/grub/grub.cfg", CHANGE_EXPLAINED, "update-grub");
    expect_state(&p, "file", "/boot/initrd.img-6", CHANGE_EXPLAINED, "initramfs");
    expect_state(&p, "file", "/etc/ssl/certs/x.pem", CHANGE_OPEN, NULL);
    expect_state(&p, "file", "/var/lib/patchlab/before", CHANGE_EXPLAINED, "patchlab notes");
    expect_state(&none, "file", "/etc/ld.so.cache", CHANGE_OPEN, NULL);
    expect_state(&none, "file", "/usr/lib/modules/6/modules.dep", CHANGE_OPEN, NULL);
    expect_state(&none, "file", "/var/lib/systemd/random-seed", CHANGE_EXPLAINED, "seed");
}

static void what_the_patch_says_is_explained(void **state)
{
    AUTO_PAIR p = compared("", "file /etc/motd = f\nfile /etc/motd.old = f\nfile /etc/m = f\n"
                               "user motd = 1\nsetuid /etc/motd = 4755\n");

    (void)state;
    strv_add(&p.stated.changes, "file /etc/motd*");
    strv_add(&p.stated.changes, "user motd");
    explain(&p);
    expect_state(&p, "file", "/etc/motd", CHANGE_EXPLAINED, "'file /etc/motd*'");
    expect_state(&p, "file", "/etc/motd.old", CHANGE_EXPLAINED, NULL);
    expect_state(&p, "file", "/etc/m", CHANGE_OPEN, NULL);
    expect_state(&p, "user", "motd", CHANGE_EXPLAINED, NULL);
    expect_state(&p, "setuid", "/etc/motd", CHANGE_OPEN, NULL);
}

static void what_is_put_in_place_is_explained(void **state)
{
    AUTO_PAIR p = compared("file /etc = d 0755\n",
                           "file /etc = d 0777\nfile /opt/app = d\nfile /opt/app/a.jar = f\n"
                           "file /opt/app/a.jar.old = f\nfile /opt/ap = d\n"
                           "setuid /opt/app/a.jar = 4755\n");

    (void)state;
    strv_add(&p.stated.places, "/opt/app/a.jar");
    strv_add(&p.stated.places, "/etc/app.conf");
    explain(&p);
    expect_state(&p, "file", "/opt/app/a.jar", CHANGE_EXPLAINED, "puts '/opt/app/a.jar' in place");
    expect_state(&p, "file", "/opt/app", CHANGE_EXPLAINED, NULL);
    expect_state(&p, "file", "/opt/app/a.jar.old", CHANGE_OPEN, NULL);
    expect_state(&p, "file", "/opt/ap", CHANGE_OPEN, NULL);
    expect_state(&p, "file", "/etc", CHANGE_OPEN, NULL);
    expect_state(&p, "setuid", "/opt/app/a.jar", CHANGE_OPEN, NULL);
}

static void noise_is_learnt_and_taken_out(void **state)
{
    AUTO_PAIR two = compared("file /var/lib/seed = 1\nfile /v/0f3a2b1c9d = f\n"
                             "socket udp_0.0.0.0:40000 = x\n",
                             "file /var/lib/seed = 2\nfile /v/9c8b7a6d5e = f\n"
                             "socket udp_0.0.0.0:50001 = x\n");
    AUTO_PAIR p = compared("", "file /var/lib/seed = 3\nfile /v/1122334455667788 = f\n"
                               "file /v/other = f\nsocket udp_0.0.0.0:33000 = x\n"
                               "socket udp_0.0.0.0:123 = x\nsetuid /var/lib/seed = 4755\n");
    AUTO_STRV noise = { 0 };

    (void)state;
    observe_noise_mark(&p.l, &noise);
    assert_int_equal(change_count(&p.l, CHANGE_OPEN), p.l.len);
    observe_noise_learn(&two.l, &noise);
    observe_noise_mark(&p.l, &noise);
    expect_state(&p, "file", "/var/lib/seed", CHANGE_NOISE, "untouched clones");
    expect_state(&p, "file", "/v/1122334455667788", CHANGE_NOISE, NULL);
    expect_state(&p, "file", "/v/other", CHANGE_OPEN, NULL);
    expect_state(&p, "socket", "udp 0.0.0.0:33000", CHANGE_NOISE, NULL);
    expect_state(&p, "socket", "udp 0.0.0.0:123", CHANGE_OPEN, NULL);
    expect_state(&p, "setuid", "/var/lib/seed", CHANGE_OPEN, NULL);
}

static void is_stored_without_what_nobody_touched(void **state)
{
    AUTO_PAIR p = compared("", "~ file /as-it-was = f\nfile /touched = f\nuser ann = 1\n");
    AUTO_JSON *j = observation_json(&p.after);
    AUTO_OBSERVATION back = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    assert_int_equal(json_array_size(j), 2);
    expect_ok(observation_from_json(j, &back, &e) == 0, &e);
    assert_int_equal(back.len, 2);
    assert_string_equal(back.ptr[0].key, "/touched");
    assert_string_equal(back.ptr[0].written, "1.0");
    assert_string_equal(back.ptr[1].value, "1");
}

static void refuses_what_is_no_observation(void **state)
{
    static const char *const bad[] = {
        "{}",
        "[1]",
        "[[]]",
        "[[\"user\",\"a\"]]",
        "[[\"magic\",\"a\",\"b\",null,null]]",
        "[[\"user\",1,\"b\",null,null]]",
        "[[\"user\",\"a\",\"b\",null,null,null]]",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        AUTO_ERR e = NULL;
        AUTO_JSON *j = json_parse(bad[i], strlen(bad[i]), 1000, "j", &e);
        AUTO_OBSERVATION o = { 0 };
        assert_non_null(j);
        assert_int_equal(observation_from_json(j, &o, &e), -1);
        expect_err(ERR_CORRUPT, "the stored observation", &e);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_is_new_gone_and_changed),
        cmocka_unit_test(the_same_change_has_the_same_id),
        cmocka_unit_test(files_are_told_apart_by_digest_then_by_time),
        cmocka_unit_test(what_the_changed_packages_own_is_explained),
        cmocka_unit_test(packages_are_known_in_each_spelling),
        cmocka_unit_test(rules_want_a_changed_package),
        cmocka_unit_test(what_the_patch_says_is_explained),
        cmocka_unit_test(what_is_put_in_place_is_explained),
        cmocka_unit_test(noise_is_learnt_and_taken_out),
        cmocka_unit_test(is_stored_without_what_nobody_touched),
        cmocka_unit_test(refuses_what_is_no_observation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
