/*
 * TAP 12 to 14: what its lines mean one after the other.
 *
 * A subtest is indented by four more blanks, and the test that it stands for comes after it (or,
 * with braces, before it).  So tests are added as they come, and those deeper than a test get its
 * name in front once it is known.
 */
#include <stdlib.h>
#include <string.h>

#include "adapters/result_formats.h"
#include "adapters/result_tap_line.h"
#include "base/err.h"
#include "base/mem.h"

enum { INDENT = 4, YAML_INDENT = 2, VERSION_MAX = 14 };
#define NOBODY ((size_t)-1)

/* The tests at one depth, of one subtest. */
struct level {
    size_t mark;  /* results from here on are deeper and wait for their test */
    size_t count; /* tests */
    bool planned, twice;
    uint64_t plan, highest; /* number of a test */
    size_t plan_at;         /* tests before the plan */
    char *child;            /* name of the subtest that follows, or of the test with braces */
    bool braces;
};

struct tap {
    struct sub_result_list *list;
    struct level levels[SUB_DEPTH_MAX + 1];
    size_t depth;
    size_t last; /* the result that diagnostics belong to, or NOBODY */
    bool begun, bailed;
    bool after_point, in_yaml; /* a YAML block may follow; it goes on */
    size_t yaml_indent;
    size_t point;  /* the result of the last point */
    bool in_files; /* of prove -v */
    char *file;    /* the tests of which file are told; NULL */
    size_t file_mark;
};

/* Puts what waits at this level below its test. */
static void name_children(struct tap *t, struct level *l, const char *parent)
{
    for (size_t i = l->mark; parent && i < t->list->len; i++)
        sub_result_put_below(&t->list->ptr[i], parent);
    l->mark = t->list->len;
}

static int add_failure(struct tap *t, const char *name, const char *text, size_t len,
                       struct err **err)
{
    struct sub_result *r = sub_result_add(t->list, name, strlen(name), SUB_FAIL, err);

    if (!r)
        return -1;
    sub_result_say(t->list, r, text, len);
    return 0;
}

/* One sentence, the caller's, when the plan was not kept. */
static char *plan_problem(const struct level *l)
{
    if (l->twice)
        return xstrdup("there is more than one plan");
    if (!l->planned)
        return xasprintf("there is no plan, and %zu tests ran", l->count);
    if (l->plan != l->count)
        return xasprintf("%llu tests were planned, but %zu ran", (unsigned long long)l->plan,
                         l->count);
    if (l->plan_at > 0 && l->plan_at < l->count)
        return xstrdup("the plan stands neither at the beginning nor at the end");
    if (l->highest > l->plan)
        return xasprintf("test %llu is outside of the plan 1..%llu", (unsigned long long)l->highest,
                         (unsigned long long)l->plan);
    return NULL;
}

static int end_level(struct tap *t, struct err **err)
{
    struct level *l = &t->levels[t->depth];
    bool between = t->in_files && !t->file; /* files that were skipped */
    bool empty = l->count == 0 && !l->planned && (t->depth > 0 || between);
    AUTO_FREE char *problem = empty || t->bailed ? NULL : plan_problem(l);

    name_children(t, l, l->child);
    free(TAKE(l->child));
    if (problem && add_failure(t, "[plan]", problem, strlen(problem), err) < 0)
        return -1;
    return 0;
}

/* Ends the subtests that are deeper. */
static int rise_to(struct tap *t, size_t depth, struct err **err)
{
    for (; t->depth > depth; t->depth--) {
        if (end_level(t, err) < 0)
            return -1;
    }
    return 0;
}

static int sink_to(struct tap *t, size_t depth, struct err **err)
{
    if (depth > SUB_DEPTH_MAX)
        return err_set(err, ERR_INVALID, "tests are nested too deeply");
    t->depth = depth;
    t->levels[depth] = (struct level){ .mark = t->list->len };
    return 0;
}

/* Behind the TAP of a file prove(1) puts an "ok" that is no test. */
static bool is_verdict_on_file(const struct tap *t, const struct tap_line *line)
{
    const struct level *l = &t->levels[0];

    return t->file && line->indent == 0 && line->all.len == 2 && tap_starts(line->all, "ok")
           && l->planned && l->count >= l->plan;
}

static int add_skipped_file(struct tap *t, struct tap_text name, struct tap_text reason,
                            struct err **err)
{
    struct sub_result *r = sub_result_add(t->list, name.ptr, name.len, SUB_SKIP, err);

    if (!r)
        return -1;
    sub_result_say(t->list, r, reason.ptr, reason.len);
    return 0;
}

/* All levels end, and what they had belongs to the file, if there is one. */
static int end_file(struct tap *t, struct err **err)
{
    if (rise_to(t, 0, err) < 0 || end_level(t, err) < 0)
        return -1;
    if (!t->file)
        return 0;
    if (t->list->skipped && t->list->len == t->file_mark) {
        struct tap_text name = { t->file, strlen(t->file) };
        struct tap_text reason = { t->list->skipped, strlen(t->list->skipped) };
        if (add_skipped_file(t, name, reason, err) < 0)
            return -1;
    } else {
        for (size_t i = t->file_mark; i < t->list->len; i++)
            sub_result_put_below(&t->list->ptr[i], t->file);
    }
    free(TAKE(t->list->skipped));
    free(TAKE(t->file));
    return 0;
}

static int begin_file(struct tap *t, const struct tap_file *f, struct err **err)
{
    if (t->in_files && end_file(t, err) < 0)
        return -1;
    t->last = NOBODY;
    t->begun = true;
    t->in_files = true;
    if (f->skipped && add_skipped_file(t, f->name, f->reason, err) < 0)
        return -1;
    t->levels[0] = (struct level){ .mark = t->list->len };
    if (f->skipped)
        return 0;
    t->file = str_printable(f->name.ptr, f->name.len, false);
    t->file_mark = t->list->len;
    return 0;
}

static char *name_of(const struct tap_line *line, size_t count)
{
    size_t len;
    AUTO_FREE char *name = tap_unescape(line->description, &len);

    if (len > 0)
        return str_printable(name, len, false);
    return xasprintf("test %llu", (unsigned long long)(line->number ? line->number : count));
}

static void note_outcome(struct tap *t, struct sub_result *r, const struct tap_line *line)
{
    r->todo = line->directive == TAP_TODO;
    r->duration_ms = line->duration_ms;
    if (line->reason.len > 0)
        sub_result_say(t->list, r, line->reason.ptr, line->reason.len);
    if (r->todo && line->ok)
        sub_result_say(t->list, r, "(it passes)", strlen("(it passes)"));
}

static int take_point(struct tap *t, const struct tap_line *line, struct err **err)
{
    struct level *l = &t->levels[t->depth];
    AUTO_FREE char *name = name_of(line, ++l->count);
    enum sub_outcome outcome = line->directive != TAP_NONE ? SUB_SKIP
                               : line->ok                  ? SUB_PASS
                                                           : SUB_FAIL;

    if (line->number > l->highest)
        l->highest = line->number;
    name_children(t, l, l->braces ? l->child : name);
    free(TAKE(l->child));
    struct sub_result *r = sub_result_add(t->list, name, strlen(name), outcome, err);
    if (!r)
        return -1;
    note_outcome(t, r, line);
    l->mark = t->list->len;
    l->braces = line->opens;
    if (line->opens)
        l->child = TAKE(name);
    t->point = t->list->len - 1;
    t->last = outcome == SUB_PASS ? NOBODY : t->point;
    t->after_point = true;
    t->yaml_indent = line->indent + YAML_INDENT;
    return 0;
}

static void take_plan(struct tap *t, const struct tap_line *line)
{
    struct level *l = &t->levels[t->depth];

    l->twice |= l->planned;
    l->planned = true;
    l->plan = line->number;
    l->plan_at = l->count;
    if (t->depth == 0 && line->number == 0 && !t->list->skipped)
        t->list->skipped = str_printable(line->reason.ptr, line->reason.len, false);
}

/* The name of the subtest to come; told by a line before it, or by its own first line. */
static void take_subtest(struct level *parent, const struct tap_line *line)
{
    if (!parent->child)
        parent->child = str_printable(line->description.ptr, line->description.len, false);
}

static void diagnose(struct tap *t, const char *text, size_t len)
{
    if (t->last != NOBODY && len > 0)
        sub_result_say(t->list, &t->list->ptr[t->last], text, len);
}

/* Lines of a YAML block; false: the line is none of it. */
static bool take_yaml(struct tap *t, const char *text, const struct tap_line *line)
{
    static const char duration[] = "duration_ms:";

    if (line->all.len > 0 && line->indent < t->yaml_indent)
        return t->in_yaml = false;
    if (line->indent == t->yaml_indent && line->all.len == 3 && tap_starts(line->all, "...")) {
        t->in_yaml = false;
        return true;
    }
    if (line->indent == t->yaml_indent && tap_starts(line->all, duration)) {
        struct tap_text value = { line->all.ptr + strlen(duration),
                                  line->all.len - strlen(duration) };
        t->list->ptr[t->point].duration_ms = tap_milliseconds(tap_trim(value));
        return true; /* in a message it would differ each time */
    }
    size_t skip = line->indent < t->yaml_indent ? line->indent : t->yaml_indent;
    diagnose(t, text + skip, line->indent + line->all.len - skip);
    return true;
}

static int take_line_at(struct tap *t, const struct tap_line *line, size_t depth, struct err **err)
{
    bool deeper = depth > t->depth;

    if (rise_to(t, depth, err) < 0 || (deeper && sink_to(t, depth, err) < 0))
        return -1;
    t->begun = true;
    if (line->kind == TAP_POINT)
        return take_point(t, line, err);
    if (line->kind == TAP_PLAN)
        take_plan(t, line);
    else if (line->kind == TAP_SUBTEST)
        take_subtest(&t->levels[depth - deeper], line);
    else if (line->kind == TAP_CLOSE && t->levels[depth].braces) {
        name_children(t, &t->levels[depth], t->levels[depth].child);
        free(TAKE(t->levels[depth].child));
        t->levels[depth].braces = false;
    }
    return 0;
}

static int take_bail_out(struct tap *t, const struct tap_line *line, struct err **err)
{
    static const char no_reason[] = "no reason is given";
    bool said = line->reason.len > 0;

    t->begun = t->bailed = true;
    if (end_file(t, err) < 0)
        return -1;
    return add_failure(t, "[bail out]", said ? line->reason.ptr : no_reason,
                       said ? line->reason.len : strlen(no_reason), err);
}

static int take_version(struct tap *t, const struct tap_line *line, struct err **err)
{
    if (line->number > VERSION_MAX)
        return err_set(err, ERR_INVALID, "TAP version %llu is not known",
                       (unsigned long long)line->number);
    t->begun = true;
    return 0;
}

static int take_line(struct tap *t, const char *text, size_t len, struct err **err)
{
    struct tap_line line = tap_line_read(text, len);
    size_t depth = line.indent / INDENT;
    bool fits = line.indent % INDENT == 0 && depth <= t->depth + 1;
    bool after_point = t->after_point;
    struct tap_file file;

    if (t->in_yaml && take_yaml(t, text, &line))
        return 0;
    t->after_point = false;
    if (after_point && line.indent == t->yaml_indent && tap_starts(line.all, "---")) {
        t->in_yaml = true;
        return 0;
    }
    if ((t->in_files || !t->begun) && tap_file_read(&line, &file))
        return begin_file(t, &file, err);
    if (is_verdict_on_file(t, &line))
        return 0;
    if (fits && line.kind == TAP_VERSION && !t->begun && depth == 0)
        return take_version(t, &line, err);
    if (fits && line.kind == TAP_BAIL_OUT)
        return take_bail_out(t, &line, err);
    if (fits
        && (line.kind == TAP_POINT || line.kind == TAP_PLAN || line.kind == TAP_SUBTEST
            || (line.kind == TAP_CLOSE && depth <= t->depth)))
        return take_line_at(t, &line, depth, err);
    if (line.kind != TAP_PRAGMA && line.kind != TAP_VERSION)
        diagnose(t, line.all.ptr, line.all.len);
    return 0;
}

static int take_lines(struct tap *t, const char *text, size_t len, struct err **err)
{
    size_t number = 0;

    for (const char *p = text, *end = text + len; p < end && !t->bailed;) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        size_t n = (size_t)((stop ? stop : end) - p);
        number++;
        if (take_line(t, p, n, err) < 0)
            return err_wrap(err, "line %zu", number);
        p += n + 1;
    }
    if (!t->begun)
        return err_set(err, ERR_INVALID, "there is no TAP in it, neither a plan nor a test");
    return t->bailed ? 0 : end_file(t, err);
}

static int parse_tap(const char *text, size_t len, struct sub_result_list *ret, struct err **err)
{
    AUTO_SUB_RESULTS list = { 0 };
    struct tap t = { .list = &list, .last = NOBODY };

    int rc = take_lines(&t, text, len, err);
    for (size_t i = 0; i < ARRAY_LEN(t.levels); i++)
        free(t.levels[i].child);
    free(t.file);
    if (rc < 0)
        return -1;
    if (list.len > 0)
        free(TAKE(list.skipped));
    sub_results_make_unique(&list);
    *ret = list;
    list = (struct sub_result_list){ 0 };
    return 0;
}

const struct result_format result_tap = { .name = "tap", .parse = parse_tap };
