/* progress_text: each kind of event in words, also when a guest wrote its body. */
#include "base.h"
#include "base/json.h"
#include "front/progress_text.h"

/* `body` is JSON with ' for ". */
static char *say(const char *kind, const char *body)
{
    AUTO_FREE char *text = xstrdup(body);
    AUTO_ERR e = NULL;

    for (char *p = text; *p; p++)
        *p = *p == '\'' ? '"' : *p;
    AUTO_JSON *j = json_parse(text, strlen(text), strlen(text), kind, &e);
    expect_ok(j ? 0 : -1, &e);
    return progress_text(&(struct event){ .kind = kind, .body = j });
}

static void says(const char *kind, const char *body, const char *expected)
{
    AUTO_FREE char *text = say(kind, body);

    assert_non_null(text);
    assert_string_equal(text, expected);
}

static void says_nothing(const char *kind, const char *body)
{
    AUTO_FREE char *text = say(kind, body);

    assert_null(text);
}

static void the_way_of_a_run_is_told(void **state)
{
    (void)state;
    says("lab", "{'versions': 'libvirt 9.0.0, QEMU 7.2.22', 'accel': 'tcg', 'uri': 'x'}",
         "lab: libvirt 9.0.0, QEMU 7.2.22, tcg");
    says("run.state", "{'from': 'queued', 'to': 'prepare'}", "preparing the payload disc");
    says("run.state", "{'from': 'prepare', 'to': 'lanes'}", "starting both lanes");
    says("run.state", "{'from': 'lanes', 'to': 'compare'}", "comparing");
    says_nothing("run.state", "{'from': 'compare', 'to': 'done'}");
    says_nothing("run.state", "{}");
}

static void the_way_of_a_lane_is_told(void **state)
{
    (void)state;
    says("lane.start", "{'how': 'cold boot'}", "clone starts (cold boot)");
    says("lane.up", "{'ms': 30400}", "guest agent answers after 30.4 s");
    says("lane.ready", "{'ok': true, 'ms': 1500}", "ready after 1.5 s");
    says("lane.ready", "{'ok': false, 'ms': 180000}", "not ready after 3 min 00 s");
    says("lane.packages", "{'count': 204}", "204 packages installed");
    says("lane.reboot", "{}", "rebooting");
    says("lane.rebooted", "{'ms': 25000}", "rebooted in 25.0 s");
    says("lane.lost", "{'why': 'it is gone'}", "guest lost: it is gone");
    says("lane.end", "{}", "clone removed");
}

static void a_patch_is_told(void **state)
{
    (void)state;
    says("lane.stale", "{'count': 3}", "3 processes use replaced files");
    says("lane.restarting", "{'units': ['a.service', 'b\\u001b.service']}",
         "restarting a.service, b\\x1b.service");
    says("lane.restarted", "{'ok': true, 'ms': 1500}", "restarted in 1.5 s");
    says("lane.restarted", "{'ok': false, 'problem': 'b is gone'}", "not restarted: b is gone");
    says("patch.undoing", "{}", "undoing the patch");
    says("patch.undone", "{'ok': true, 'ms': 41000}", "patch undone in 41.0 s");
    says("patch.undone", "{'ok': false, 'problem': 'no way'}", "patch not undone: no way");
    says("patch.applying", "{}", "applying the patch");
    says("patch.applied", "{'ok': true, 'ms': 9900, 'problem': null}", "patch applied in 9.9 s");
    says("patch.applied", "{'ok': false, 'ms': 10, 'problem': 'it ended with exit status 3'}",
         "patch not applied: it ended with exit status 3");
}

static void checks_are_told(void **state)
{
    (void)state;
    says("check.start", "{'testcase': 'web-shop', 'check': 'login', 'index': 2, 'count': 14}",
         "check 2/14 web-shop/login");
    says("check", "{'testcase': 'web-shop', 'check': 'login', 'outcome': 'fail', 'ms': 400}",
         "web-shop/login: fail (0.4 s)");
}

static void a_body_without_members_is_no_crash(void **state)
{
    (void)state;
    says("lab", "{}", "lab: -, -");
    says("lane.start", "{}", "clone starts (-)");
    says("check", "{'testcase': 3}", "-/-: - (0.0 s)");
    says("lane.packages", "[]", "0 packages installed");
}

static void a_kind_that_is_not_known_says_nothing(void **state)
{
    (void)state;
    says_nothing("queue.added", "{'servers': []}");
    says_nothing("", "{}");
    says_nothing("chec", "{}");
}

static void a_guest_cannot_speak_to_the_terminal(void **state)
{
    (void)state;
    says("lane.lost", "{'why': '\\u001b[2J\\nverdict: pass'}",
         "guest lost: \\x1b[2J\\x0averdict: pass");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_way_of_a_run_is_told),
        cmocka_unit_test(the_way_of_a_lane_is_told),
        cmocka_unit_test(a_patch_is_told),
        cmocka_unit_test(checks_are_told),
        cmocka_unit_test(a_body_without_members_is_no_crash),
        cmocka_unit_test(a_kind_that_is_not_known_says_nothing),
        cmocka_unit_test(a_guest_cannot_speak_to_the_terminal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
