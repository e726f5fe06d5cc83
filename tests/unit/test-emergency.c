/* Exposure and deadlines: which servers have what attackers use. */
#include "core/emergency.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"

static json_t *servers_of(const char *text)
{
    json_t *j = json_loads(text, 0, NULL);

    assert_non_null(j);
    return j;
}

static void exposure_is_known_or_not(void **state)
{
    (void)state;
    assert_int_equal(exposure_known("internet"), KNOWN_YES);
    assert_int_equal(exposure_known("partner"), KNOWN_YES);
    assert_int_equal(exposure_known("internal"), KNOWN_NO);
    assert_int_equal(exposure_known("isolated"), KNOWN_NO);
    assert_int_equal(exposure_known(NULL), NOT_KNOWN);
}

static void the_most_exposed_counts(void **state)
{
    static const struct {
        const char *servers;
        enum known want;
        const char *widest;
    } rows[] = {
        { "[]", NOT_KNOWN, NULL },
        { "[{\"exposure\":\"internal\"}]", KNOWN_NO, "internal" },
        { "[{\"exposure\":\"isolated\"},{\"exposure\":\"internal\"}]", KNOWN_NO, "internal" },
        { "[{\"exposure\":\"internal\"},{\"exposure\":null}]", NOT_KNOWN, "internal" },
        { "[{\"exposure\":null},{\"exposure\":\"partner\"}]", KNOWN_YES, "partner" },
        { "[{\"exposure\":\"partner\"},{\"exposure\":\"internet\"}]", KNOWN_YES, "internet" },
        { "[{\"exposure\":null}]", NOT_KNOWN, NULL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        AUTO_JSON *servers = servers_of(rows[i].servers);

        assert_int_equal(exposure_of_servers(servers), rows[i].want);
        assert_true(str_eq(exposure_widest(servers), rows[i].widest));
    }
}

static void the_earlier_day_counts(void **state)
{
    static const struct {
        const char *x, *deadline;
    } rows[] = {
        { "{\"added\":\"2026-11-20\"}", "2026-11-23" },
        { "{\"added\":\"2026-11-20\",\"due\":\"2026-11-21\"}", "2026-11-21" },
        { "{\"added\":\"2026-11-20\",\"due\":\"2026-12-21\"}", "2026-11-23" },
        { "{\"added\":\"soon\",\"due\":\"2026-12-21\"}", "2026-12-21" },
        { "{\"added\":\"soon\",\"due\":\"later\"}", NULL },
        { "{}", NULL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        AUTO_JSON *x = servers_of(rows[i].x);

        exploited_judge(x, NOT_KNOWN);
        assert_string_equal(json_str_at(x, "rule"), "3 days, triage first");
        assert_true(str_eq(json_str_at(x, "deadline"), rows[i].deadline));
    }
}

#define SCAN \
    "{\"findings\":[{\"id\":\"CVE-1\",\"package\":\"a\",\"installed\":\"1\",\"fixed_in\":null," \
    "\"exploited\":{\"name\":\"n\",\"added\":\"2026-11-20\",\"due\":null,\"ransomware\":false}}," \
    "{\"id\":\"CVE-2\",\"package\":\"a\",\"installed\":\"1\",\"fixed_in\":null," \
    "\"exploited\":null}]}"

static void each_exposure_has_an_entry(void **state)
{
    AUTO_JSON *scan = servers_of(SCAN);
    AUTO_JSON *servers = servers_of("[{\"name\":\"c\",\"exposure\":null},"
                                    "{\"name\":\"b\",\"exposure\":\"internal\"},"
                                    "{\"name\":\"a\",\"exposure\":\"internet\"},"
                                    "{\"name\":\"d\",\"exposure\":\"internet\"}]");
    AUTO_JSON *list = json_array(), *none = json_array(), *nobody = json_array();

    (void)state;
    emergencies_add(list, "web", servers, scan, "2026-11-24");
    AUTO_JSON *sorted = emergencies_sorted(list);
    assert_int_equal(json_array_size(sorted), 3);
    const json_t *unknown = json_array_get(sorted, 0), *internet = json_array_get(sorted, 1);
    AUTO_FREE char *names = json_canonical(json_object_get(internet, "servers"));
    assert_true(json_is_null(json_object_get(unknown, "exposure")));
    assert_string_equal(json_str_at(internet, "exposure"), "internet");
    assert_string_equal(names, "[\"a\",\"d\"]");
    assert_string_equal(json_str_at(internet, "cve"), "CVE-1");
    assert_true(json_is_true(json_object_get(internet, "overdue")));
    emergencies_add(nobody, NULL, none, scan, "2026-11-23");
    assert_int_equal(json_array_size(nobody), 1);
    const json_t *one = json_array_get(nobody, 0);
    assert_true(json_is_null(json_object_get(one, "image")));
    assert_int_equal(json_array_size(json_object_get(one, "servers")), 0);
    assert_false(json_is_true(json_object_get(one, "overdue"))); /* the day itself */
}

static void names_may_leave_out_those_with_a_list(void **state)
{
    AUTO_JSON *servers = servers_of("[{\"name\":\"a\",\"packages\":null},"
                                    "{\"name\":\"b\",\"packages\":\"0123\"}]");
    AUTO_JSON *some = servers_without_list(servers), *all = names_of_servers(servers);

    (void)state;
    assert_int_equal(json_array_size(all), 2);
    assert_int_equal(json_array_size(some), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exposure_is_known_or_not),
        cmocka_unit_test(the_most_exposed_counts),
        cmocka_unit_test(the_earlier_day_counts),
        cmocka_unit_test(each_exposure_has_an_entry),
        cmocka_unit_test(names_may_leave_out_those_with_a_list),
    };

    return cmocka_run_group_tests_name("emergency", tests, NULL, NULL);
}
