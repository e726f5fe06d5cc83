/* Progress on stderr; see progress.h. */
#include "front/progress.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/unit.h"
#include "core/stage.h"
#include "front/cli.h"
#include "front/progress_text.h"

enum mode { MODE_LIVE, MODE_PLAIN, MODE_JSON, MODE_NONE };
enum { LINE_MAX_BYTES = 1024, WIDTH_FALLBACK = 80, RUNS_MAX = 16 };

/* What each run's lanes do at the moment, for the live line. */
struct run_line {
    int64_t id;
    char *now[LANE_MAX_];
    char *whole; /* what concerns no lane */
};

struct progress {
    enum mode mode;
    int64_t begin;
    char *last_step; /* that was printed: the same is not told twice */
    struct run_line runs[RUNS_MAX];
    size_t run_count;
    bool drawn;
};

static int parse_mode(const char *text, enum mode *ret, struct err **err)
{
    static const struct {
        const char *name;
        enum mode mode;
    } modes[] = { { "plain", MODE_PLAIN }, { "json", MODE_JSON }, { "none", MODE_NONE } };

    *ret = isatty(STDERR_FILENO) ? MODE_LIVE : MODE_PLAIN;
    if (!text || str_eq(text, "auto"))
        return 0;
    for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
        if (str_eq(text, modes[i].name)) {
            *ret = modes[i].mode;
            return 0;
        }
    }
    return err_set(err, ERR_INVALID,
                   "option '--progress': expected auto, plain, json or none, found '%s'", text);
}

struct progress *progress_new(const struct cli *c, struct err **err)
{
    enum mode mode;

    if (parse_mode(cli_opt(c, "progress"), &mode, err) < 0)
        return NULL;
    struct progress *p = xcalloc(1, sizeof(*p));
    p->mode = mode;
    p->begin = clock_mono_ms();
    return p;
}

static void clear_line(struct progress *p)
{
    if (p->drawn)
        fputs("\r\x1b[K", stderr);
    p->drawn = false;
}

void progress_free(struct progress *p)
{
    if (!p)
        return;
    clear_line(p);
    for (size_t i = 0; i < p->run_count; i++) {
        for (int k = 0; k < LANE_MAX_; k++)
            free(p->runs[i].now[k]);
        free(p->runs[i].whole);
    }
    free(p->last_step);
    free(p);
}

static char *elapsed(const struct progress *p)
{
    int64_t s = (clock_mono_ms() - p->begin) / 1000;

    return xasprintf("%2lld:%02lld", (long long)s / 60, (long long)s % 60);
}

static size_t screen_width(void)
{
    struct winsize w;

    return ioctl(STDERR_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 10 ? w.ws_col : WIDTH_FALLBACK;
}

/* One line, cut to the screen between two characters. */
static void draw(struct progress *p, const char *text)
{
    size_t width = screen_width() - 1, columns = 0, len = 0;

    while (text[len] && columns < width) {
        len++;
        while (((unsigned char)text[len] & 0xc0) == 0x80)
            len++;
        columns++;
    }
    fprintf(stderr, "\r\x1b[K%.*s", (int)len, text);
    fflush(stderr);
    p->drawn = true;
}

static void write_json(struct progress *p, json_t *line)
{
    json_object_set_new(line, "at", json_integer((json_int_t)clock_wall_ms()));
    json_object_set_new(line, "elapsed_ms", json_integer((json_int_t)(clock_mono_ms() - p->begin)));
    AUTO_FREE char *text = json_canonical(line);
    fprintf(stderr, "%s\n", text);
    json_decref(line);
}

/* In plain lines a step stands once when it begins, or when all of it is done. */
static void print_step(struct progress *p, const char *what, double fraction, const char *text)
{
    if ((fraction >= 0 && fraction < 1) || str_eq(p->last_step, what))
        return;
    free(p->last_step);
    p->last_step = xstrdup(what);
    fprintf(stderr, "%s\n", text);
}

void progress_step(void *progress, const char *what, double fraction)
{
    struct progress *p = progress;
    AUTO_FREE char *time = elapsed(p), *shown = str_printable(what, strlen(what), false);
    AUTO_FREE char *text = fraction < 0 ? xasprintf("%s  %s", time, shown)
                                        : xasprintf("%s  %s %3.0f %%", time, shown, fraction * 100);

    if (p->mode == MODE_LIVE)
        draw(p, text);
    else if (p->mode == MODE_PLAIN)
        print_step(p, what, fraction, text);
    else if (p->mode == MODE_JSON)
        write_json(p, json_pack("{s:s, s:o, s:o}", "kind", "step", "step", json_text(what),
                                "fraction", fraction < 0 ? json_null() : json_real(fraction)));
}

static struct run_line *line_of(struct progress *p, int64_t run)
{
    for (size_t i = 0; i < p->run_count; i++) {
        if (p->runs[i].id == run)
            return &p->runs[i];
    }
    size_t i = p->run_count < RUNS_MAX ? p->run_count++ : RUNS_MAX - 1;
    p->runs[i].id = run;
    return &p->runs[i];
}

static void draw_runs(struct progress *p)
{
    AUTO_STR s = STR_INIT(LINE_MAX_BYTES);
    AUTO_FREE char *time = elapsed(p);

    str_addf(&s, "%s", time);
    for (size_t i = 0; i < p->run_count; i++) {
        const struct run_line *r = &p->runs[i];
        const char *a = r->now[LANE_BASELINE], *b = r->now[LANE_CANDIDATE];
        str_addf(&s, "  run %lld: ", (long long)r->id);
        if (a || b)
            str_addf(&s, "A %s | B %s", a ? a : "-", b ? b : "-");
        else
            str_add(&s, r->whole ? r->whole : "");
    }
    draw(p, s.ptr);
}

static int lane_of(const json_t *body)
{
    const char *lane = json_str_at(body, "lane");

    for (int i = 0; i < LANE_MAX_; i++) {
        if (str_eq(lane, lane_names[i]))
            return i;
    }
    return -1;
}

void progress_event(struct progress *p, int64_t run, const struct event *e)
{
    AUTO_FREE char *text = progress_text(e);
    AUTO_FREE char *time = elapsed(p);
    int lane = lane_of(e->body);

    if (p->mode == MODE_JSON) {
        write_json(p, json_pack("{s:s, s:I, s:O}", "kind", e->kind, "run", (json_int_t)run, "body",
                                e->body));
    } else if (p->mode == MODE_PLAIN && text && !str_eq(e->kind, "check.start")) {
        fprintf(stderr, "%s  run %lld  %-10s %s\n", time, (long long)run,
                lane < 0 ? "" : lane_names[lane], text);
    } else if (p->mode == MODE_LIVE && text) {
        struct run_line *r = line_of(p, run);
        char **slot = lane < 0 ? &r->whole : &r->now[lane];
        free(*slot);
        *slot = TAKE(text);
        draw_runs(p);
    }
}
