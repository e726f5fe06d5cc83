/*
 * JUnit XML.  There is no standard; what is read here is what all writers have in common:
 *
 *     <testsuites> <testsuite name> <testcase classname name time>
 *         <failure message>text</failure> <error .../> <skipped message/>
 *         <system-out>text</system-out> <system-err>text</system-err>
 *
 * Suites may be nested.  A test without any of the first three children passed; some writers say in
 * an attribute that it did not run.  All else is passed over, the counts of the suites too: what
 * was skipped is counted by some and not by others.
 */
#include <stdlib.h>
#include <string.h>

#include "adapters/result_formats.h"
#include "adapters/xml_walk.h"
#include "base/err.h"
#include "base/mem.h"

enum { BYTES_MAX = 64 << 20, SECONDS_DIGITS = 9 };

enum part { PART_NONE, PART_PROBLEM, PART_OUTPUT }; /* of a test, where we are */

struct junit {
    struct sub_result_list *list;
    char *suites[SUB_DEPTH_MAX]; /* names of the suites we are in */
    size_t depth;
    struct sub_result *test; /* the one we are in */
    enum part part;
    size_t part_depth;
    struct str text;   /* of the part */
    struct str output; /* of the test: it comes after the reasons */
};

/* "1.5", "1,234.5" -> milliseconds; -1: none that we know. */
static int64_t duration_of(const char *s)
{
    int64_t ms = 0, unit = 100;
    int digits = 0;

    if (!s || *s < '0' || *s > '9')
        return -1;
    for (; (*s >= '0' && *s <= '9') || *s == ','; s++) {
        if (*s != ',' && ++digits > SECONDS_DIGITS)
            return -1;
        ms = *s == ',' ? ms : ms * 10 + (*s - '0');
    }
    ms *= 1000;
    if (*s == '.')
        s++;
    for (; *s >= '0' && *s <= '9'; s++, unit /= 10)
        ms += (*s - '0') * unit;
    return *s ? -1 : ms;
}

static char *name_of(const struct junit *j, const struct xml_element *e)
{
    const char *name = xml_attr(e, "name"), *class = xml_attr(e, "classname");

    if ((!class || !*class) && j->depth > 0)
        class = j->suites[j->depth - 1];
    if (!name || !*name)
        name = "test";
    return class && *class ? xasprintf("%s.%s", class, name) : xstrdup(name);
}

/* GoogleTest and CTest tell so of tests that are switched off. */
static bool did_not_run(const struct xml_element *e)
{
    static const char *const words[] = { "notrun", "disabled", "skipped", "suppressed" };
    const char *status = xml_attr(e, "status"), *result = xml_attr(e, "result");

    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (str_eq(status, words[i]) || str_eq(result, words[i]))
            return true;
    }
    return false;
}

static int open_test(struct junit *j, const struct xml_element *e, struct err **err)
{
    AUTO_FREE char *name = name_of(j, e);

    if (j->test)
        return err_set(err, ERR_INVALID, "report:%zu: a test in a test", e->line);
    j->test = sub_result_add(j->list, name, strlen(name), did_not_run(e) ? SUB_SKIP : SUB_PASS,
                             err);
    if (!j->test)
        return err_wrap(err, "report:%zu", e->line);
    j->test->duration_ms = duration_of(xml_attr(e, "time"));
    return 0;
}

static int open_suite(struct junit *j, const struct xml_element *e, struct err **err)
{
    const char *name = xml_attr(e, "name");

    if (j->test)
        return err_set(err, ERR_INVALID, "report:%zu: a suite in a test", e->line);
    if (j->depth == SUB_DEPTH_MAX)
        return err_set(err, ERR_INVALID, "report:%zu: suites are nested too deeply", e->line);
    j->suites[j->depth++] = xstrdup(name ? name : "");
    return 0;
}

/* A failure outweighs a skip. */
static void open_part(struct junit *j, const struct xml_element *e)
{
    const char *message = xml_attr(e, "message");
    bool skipped = str_eq(e->name, "skipped");

    if (skipped || str_eq(e->name, "failure") || str_eq(e->name, "error")) {
        if (!skipped || j->test->outcome == SUB_PASS)
            j->test->outcome = skipped ? SUB_SKIP : SUB_FAIL;
        if (message && *message)
            sub_result_say(j->list, j->test, message, strlen(message));
        j->part = PART_PROBLEM;
    } else if (str_eq(e->name, "system-out") || str_eq(e->name, "system-err")) {
        j->part = PART_OUTPUT;
    } else {
        return;
    }
    j->part_depth = e->depth;
}

static int on_open(void *arg, const struct xml_element *e, struct err **err)
{
    struct junit *j = arg;
    bool suites = str_eq(e->name, "testsuites"), suite = str_eq(e->name, "testsuite");

    if (e->depth == 1 && !suites && !suite)
        return err_set(err, ERR_INVALID, "report:%zu: expected 'testsuites' or 'testsuite'",
                       e->line);
    if (suite)
        return open_suite(j, e, err);
    if (str_eq(e->name, "testcase"))
        return open_test(j, e, err);
    if (j->test && j->part == PART_NONE)
        open_part(j, e);
    return 0;
}

static int on_text(void *arg, const char *text, size_t len, struct err **err)
{
    struct junit *j = arg;

    (void)err;
    if (j->part != PART_NONE)
        str_add_mem(&j->text, text, len);
    return 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Without the lines and blanks around it. */
static void say(struct junit *j, const struct str *s)
{
    const char *from = s->ptr, *to = s->ptr + s->len;

    while (from < to && is_blank(from[0]))
        from++;
    while (from < to && is_blank(to[-1]))
        to--;
    if (from < to)
        sub_result_say(j->list, j->test, from, (size_t)(to - from));
}

static void close_part(struct junit *j)
{
    if (j->part == PART_PROBLEM) {
        say(j, &j->text);
    } else {
        str_add_mem(&j->output, j->text.ptr, j->text.len);
        str_add(&j->output, "\n");
    }
    str_clear(&j->text);
    j->part = PART_NONE;
}

static void close_test(struct junit *j)
{
    if (j->test->outcome == SUB_FAIL)
        say(j, &j->output);
    str_clear(&j->output);
    j->test = NULL;
}

static int on_close(void *arg, const struct xml_element *e, struct err **err)
{
    struct junit *j = arg;

    (void)err;
    if (j->part != PART_NONE && e->depth == j->part_depth)
        close_part(j);
    else if (j->test && str_eq(e->name, "testcase"))
        close_test(j);
    else if (str_eq(e->name, "testsuite"))
        free(TAKE(j->suites[--j->depth]));
    return 0;
}

static int parse_junit(const char *text, size_t len, struct sub_result_list *ret, struct err **err)
{
    static const struct xml_limits limits = {
        .bytes = BYTES_MAX,
        .depth = 4 * SUB_DEPTH_MAX,
        .elements = 20 * SUB_RESULTS_MAX,
    };
    static const struct xml_sink sink = { on_open, on_text, on_close };
    AUTO_SUB_RESULTS list = { 0 };
    struct junit j = {
        .list = &list,
        .text = STR_INIT(SUB_MESSAGE_MAX),
        .output = STR_INIT(SUB_MESSAGE_MAX),
    };

    int rc = xml_walk(text, len, "report", &limits, &sink, &j, NULL, err);
    while (j.depth > 0)
        free(j.suites[--j.depth]);
    str_release(&j.text);
    str_release(&j.output);
    if (rc < 0)
        return -1;
    sub_results_make_unique(&list);
    *ret = list;
    list = (struct sub_result_list){ 0 };
    return 0;
}

const struct result_format result_junit = { .name = "junit", .parse = parse_junit };
