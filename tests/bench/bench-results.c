/*
 * bench-results - how many test results a second are read as TAP and as JUnit XML, and compared.
 *
 * Reports as large as they may be, with names and messages as suites have them: every hundredth
 * test fails with three lines.
 * usage: bench-results [ROUNDS [TESTS]]        prints lines "NAME VALUE", results a second
 */
#include <stdio.h>
#include <stdlib.h>

#include "adapters/result_formats.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "core/check_results.h"

enum { TEXT_MAX = 64 << 20, FAILS_EVERY = 100 };

static void make_tap(struct str *s, int tests)
{
    str_addf(s, "TAP version 14\n1..%d\n", tests);
    for (int i = 1; i <= tests; i++) {
        if (i % FAILS_EVERY)
            str_addf(s, "ok %d - module %d does what it should in case %d\n", i, i / 50, i);
        else
            str_addf(s,
                     "not ok %d - module %d does what it should\n#   Failed test at t/%d.t\n"
                     "#          got: 502\n#     expected: 200\n",
                     i, i / 50, i / 50);
    }
}

static void make_junit(struct str *s, int tests)
{
    str_add(s, "<?xml version=\"1.0\"?><testsuites><testsuite name=\"all\">\n");
    for (int i = 1; i <= tests; i++) {
        str_addf(s, "<testcase classname=\"module%d\" name=\"case_%d\" time=\"0.0%d\">", i / 50, i,
                 i % 100);
        if (i % FAILS_EVERY == 0)
            str_add(s, "<failure message=\"502 != 200\">Traceback:\n  at x\n  at y</failure>");
        str_add(s, "</testcase>\n");
    }
    str_add(s, "</testsuite></testsuites>\n");
}

static void print_rate(const char *name, size_t results, int64_t begin)
{
    int64_t ms = clock_mono_ms() - begin;

    printf("%s %zu\n", name, results * 1000 / (size_t)(ms > 0 ? ms : 1));
}

static int read_report(const char *name, const struct result_format *f, const struct str *text,
                       struct sub_result_list *ret)
{
    int64_t begin = clock_mono_ms();
    AUTO_ERR e = NULL;

    if (f->parse(text->ptr, text->len, ret, &e) < 0) {
        fprintf(stderr, "bench-results: %s\n", e->msg);
        return -1;
    }
    print_rate(name, ret->len, begin);
    return 0;
}

/* Both sides were read before. */
static void compare(const struct sub_result_list *tests)
{
    struct result_list before = { 0 }, after = { 0 };
    struct comparison_list rows = { 0 };

    result_add(&before, "bench", "suite", "", POINT_FIRST);
    check_add_tests(&before, tests);
    result_add(&after, "bench", "suite", "", POINT_FIRST);
    check_add_tests(&after, tests);
    int64_t begin = clock_mono_ms();
    compare_results(&before, &after, points_until(POINT_ROLLED_BACK), &rows);
    print_rate("results-compare", rows.len, begin);
    comparison_list_release(&rows);
    result_list_release(&before);
    result_list_release(&after);
}

int main(int argc, char **argv)
{
    int rounds = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 3;
    int tests = argc > 2 ? (int)strtol(argv[2], NULL, 10) : SUB_RESULTS_MAX;
    AUTO_STR tap = STR_INIT(TEXT_MAX), junit = STR_INIT(TEXT_MAX);

    make_tap(&tap, tests);
    make_junit(&junit, tests);
    for (int i = 0; i < rounds; i++) {
        AUTO_SUB_RESULTS by_tap = { 0 }, by_junit = { 0 };
        if (read_report("results-tap", &result_tap, &tap, &by_tap) < 0
            || read_report("results-junit", &result_junit, &junit, &by_junit) < 0)
            return 1;
        compare(&by_tap);
    }
    return 0;
}
