/* What is said of the packages' state before and after a patch. */
#include "unit/base.h"

#include "core/apply_facts.h"

#define AUTO_FACTS __attribute__((cleanup(apply_facts_release))) struct apply_facts

static void the_patch_is_blamed_for_what_it_did(void **state)
{
    AUTO_FACTS f = { .known = true };
    AUTO_APPLY_REASONS r = { 0 };

    (void)state;
    pkg_state_add_broken(&f.before, "old", "1", "unpacked");
    pkg_state_add_broken(&f.before, "mended", "1", "half-installed");
    pkg_state_add_broken(&f.before, "worse", "1", "unpacked");
    pkg_state_add_broken(&f.after, "old", "1", "half-configured");
    pkg_state_add_broken(&f.after, "new", "2", "half-configured");
    pkg_state_add_broken(&f.after, "worse", "2", "half-configured"); /* by another version */
    apply_judge(&f, &r);
    assert_int_equal(r.broken.len, 2);
    assert_string_equal(r.broken.ptr[0], "the patch left package 'new 2' half-configured");
    assert_string_equal(r.broken.ptr[1], "the patch left package 'worse 2' half-configured");
    assert_int_equal(r.reviews.len, 1);
    assert_string_equal(r.reviews.ptr[0],
                        "package 'old 1' is not in order (half-configured), and was not before");
    assert_int_equal(r.notes.len, 2);
    assert_string_equal(r.notes.ptr[0], "package 'mended 1' was half-installed before the patch");
}

static void holds_and_questions_are_told(void **state)
{
    const struct conffile kept = { .path = (char[]){ "/etc/a" },
                                   .package = (char[]){ "a" },
                                   .other = (char[]){ "/etc/a.dpkg-dist" },
                                   .asker = (char[]){ "dpkg" } };
    const struct conffile replaced = { .path = (char[]){ "/etc/b\xff" },
                                       .asker = (char[]){ "ucf" },
                                       .replaced = true };
    AUTO_FACTS f = { .known = true };
    AUTO_APPLY_REASONS r = { 0 };

    (void)state;
    pkg_state_add_held(&f.after, "a", "1", "2");
    pkg_state_add_held(&f.after, "b", "1", NULL);
    pkg_state_add_conffile(&f.after, &kept);
    pkg_state_add_conffile(&f.after, &replaced);
    strv_add(&f.after.reboot, "a kernel");
    apply_judge(&f, &r);
    assert_int_equal(r.broken.len, 0);
    assert_int_equal(r.reviews.len, 1);
    assert_string_equal(r.reviews.ptr[0], "package 'a' is on hold at '1', so '2' was left out");
    assert_int_equal(r.notes.len, 2);
    assert_string_equal(r.notes.ptr[0],
                        "configuration file '/etc/a' of 'a' was changed here and in its package: "
                        "the old one was kept, the other one is '/etc/a.dpkg-dist'");
    assert_true(str_ends(r.notes.ptr[1], "in its package: the package's replaced it"));
    AUTO_JSON *j = apply_facts_json(&f);
    AUTO_FREE char *text = json_canonical(j);
    assert_string_equal(
        text, "{\"broken\":[],\"broken_before\":[],\"conffiles\":[{\"asker\":\"dpkg\",\"did\":"
              "\"kept\",\"other\":\"/etc/a.dpkg-dist\",\"package\":\"a\",\"path\":\"/etc/a\"},{"
              "\"asker\":\"ucf\",\"did\":\"replaced\",\"other\":null,\"package\":null,\"path\":"
              "\"/etc/b\xef\xbf\xbd\"}],\"held\":[{\"name\":\"a\",\"offered\":\"2\",\"version\":"
              "\"1\"},{\"name\":\"b\",\"offered\":null,\"version\":\"1\"}],\"reboot\":[\"a "
              "kernel\"],\"reboot_before\":[]}");
}

static void only_so_much_is_said(void **state)
{
    AUTO_FACTS f = { .known = true };
    AUTO_APPLY_REASONS r = { 0 };

    (void)state;
    for (int i = 0; i < 13; i++)
        pkg_state_add_held(&f.after, "a", "1", "2");
    apply_judge(&f, &r);
    assert_int_equal(r.reviews.len, 11);
    assert_string_equal(r.reviews.ptr[10], "and 3 more packages on hold or not in order");
}

static void nobody_to_ask_says_nothing(void **state)
{
    AUTO_FACTS f = { 0 };
    AUTO_APPLY_REASONS r = { 0 };

    (void)state;
    pkg_state_add_broken(&f.before, "old", "1", "unpacked"); /* and then the guest was lost */
    apply_judge(&f, &r);
    assert_int_equal(r.broken.len + r.reviews.len + r.notes.len, 0);
    AUTO_JSON *j = apply_facts_json(&f);
    assert_true(json_is_null(j));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_patch_is_blamed_for_what_it_did),
        cmocka_unit_test(holds_and_questions_are_told),
        cmocka_unit_test(only_so_much_is_said),
        cmocka_unit_test(nobody_to_ask_says_nothing),
    };

    return cmocka_run_group_tests_name("apply-facts", tests, NULL, NULL);
}
