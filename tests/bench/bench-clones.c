/*
 * bench-clones - what a clone costs, cold and warm, and what a command in it costs.
 *
 * usage: bench-clones IMAGE start|command|observe RUNS      prints lines "NAME VALUE"
 *
 * IMAGE must be warm.  `start` takes one cold boot and RUNS rounds of 1, 2, 4 and 8 warm clones at
 * once, each until the last agent has answered; `command` RUNS rounds of commands in one clone;
 * `observe` looks at everything in RUNS fresh clones, one after the other.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "adapters/lv_clone.h"
#include "adapters/observe.h"
#include "adapters/qga_wire.h"
#include "base/err.h"
#include "base/mem.h"
#include "core/image.h"
#include "front/wire.h"

enum { BOOT_MS = 600000, CLONES_MAX = 8, PINGS = 10 };

static double now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static _Noreturn void die(const struct err *e)
{
    fprintf(stderr, "bench-clones: %s\n", e->msg);
    exit(1);
}

struct start {
    struct lab *lab;
    const struct image *image;
    bool warm;
    int number;
    struct clone *clone;
};

static void *start_clone(void *arg)
{
    struct start *s = arg;
    AUTO_FREE char *label = xasprintf("bench-%d", s->number);
    struct clone_spec spec = {
        .label = label,
        .disk = s->image->disk,
        .firmware = s->image->firmware,
        .memory = s->image->memory,
        .vcpus = s->image->vcpus,
        .warm = s->warm ? s->image->warm : NULL,
    };
    AUTO_ERR e = NULL;

    if (s->lab->ops->clone(s->lab, &spec, &s->clone, &e) < 0
        || s->clone->guest->ops->wait(s->clone->guest, BOOT_MS, &e) < 0)
        die(e);
    if (s->warm && s->clone->why_cold) {
        fprintf(stderr, "bench-clones: no warm start: %s\n", s->clone->why_cold);
        exit(1);
    }
    return NULL;
}

/* Memory that is the process's alone, in KiB. */
static long private_kib(pid_t pid)
{
    AUTO_FREE char *path = xasprintf("/proc/%d/smaps_rollup", (int)pid);
    FILE *f = fopen(path, "r");
    char line[256];
    long sum = 0;

    while (f && fgets(line, sizeof(line), f)) {
        if (strncmp(line, "Private_", 8) == 0)
            sum += strtol(strchr(line, ':') + 1, NULL, 10);
    }
    if (f)
        fclose(f);
    return sum;
}

static void start_at_once(struct lab *lab, const struct image *image, bool warm, int count)
{
    struct start starts[CLONES_MAX] = { 0 };
    pthread_t threads[CLONES_MAX];
    double begin = now_ms();

    for (int i = 0; i < count; i++) {
        starts[i] = (struct start){ lab, image, warm, i, NULL };
        if (pthread_create(&threads[i], NULL, start_clone, &starts[i]) != 0)
            exit(1);
    }
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    if (warm)
        printf("warm-%d %.0f\n", count, now_ms() - begin);
    else
        printf("cold %.0f\n", now_ms() - begin);
    if (warm && count == 1) {
        struct clone *c = starts[0].clone;
        printf("clone-disk %lld\n", (long long)c->ops->disk_added(c));
        printf("clone-memory %ld\n", private_kib(((struct lv_clone *)c)->qemu));
    }
    for (int i = 0; i < count; i++)
        starts[i].clone->ops->destroy(starts[i].clone);
    fflush(stdout);
}

static void bench_start(struct lab *lab, const struct image *image, int runs)
{
    start_at_once(lab, image, false, 1);
    for (int i = 0; i < runs; i++) {
        for (int count = 1; count <= CLONES_MAX; count *= 2)
            start_at_once(lab, image, true, count);
    }
}

/* The way there and back: the agent is asked whether it is there, and answers at once. */
static void bench_ping(struct guest *g)
{
    AUTO_ERR e = NULL;
    double begin = now_ms();

    for (int i = 0; i < PINGS; i++) {
        if (g->ops->wait(g, BOOT_MS, &e) < 0)
            die(e);
    }
    printf("ping %.2f\n", (now_ms() - begin) / PINGS);
}

/* The agent alone starts /bin/true. */
static void bench_bare(struct guest *guest)
{
    static const char *const argv[] = { "/bin/true", NULL };
    static const char *const env[] = { "PATH=/usr/bin:/bin", NULL };
    struct qga *g = (struct qga *)guest;
    AUTO_FREE char *out = NULL;
    AUTO_ERR e = NULL;
    double begin = now_ms();
    size_t len;
    int64_t pid;
    int code;

    if (qga_spawn(g, argv, env, &pid, &e) < 0
        || qga_wait_exit(g, pid, BOOT_MS, &code, &out, &len, &e) < 0)
        die(e);
    printf("bare-command %.0f\n", now_ms() - begin);
}

/* The same as a check: limits, deadline, a scratch directory. */
static void bench_check(struct guest *g)
{
    static const char *const argv[] = { "/bin/true", NULL };
    struct guest_exec x = {
        .argv = argv, .scratch = "PATCHLAB_TMP", .timeout_ms = 60000, .output_max = 1 << 20
    };
    AUTO_GUEST_RESULT r = { 0 };
    AUTO_ERR e = NULL;
    double begin = now_ms();

    if (g->ops->exec(g, &x, &r, &e) < 0)
        die(e);
    printf("check %.0f\n", now_ms() - begin);
    printf("check-inside %lld\n", (long long)r.duration_ms);
}

static void bench_command(struct lab *lab, const struct image *image, int runs)
{
    struct start s = { lab, image, true, 0, NULL };

    start_clone(&s);
    for (int i = 0; i < runs; i++) {
        bench_ping(s.clone->guest);
        bench_bare(s.clone->guest);
        bench_check(s.clone->guest);
    }
    s.clone->ops->destroy(s.clone);
}

/* As at the end of a lane; a clone is fresh, so that its page cache is what it is there. */
static void bench_observe(struct lab *lab, const struct image *image, int runs)
{
    for (int i = 0; i < runs; i++) {
        struct start s = { lab, image, true, i, NULL };
        AUTO_OBSERVATION o = { 0 };
        AUTO_ERR e = NULL;

        start_clone(&s);
        double begin = now_ms();
        clock_t cpu = clock();
        if (guest_observer.observe(s.clone->guest, 1000, NULL, &o, &e) < 0)
            die(e);
        printf("observe %.0f\n", now_ms() - begin);
        printf("observe-cpu %.0f\n", (double)(clock() - cpu) * 1e3 / CLOCKS_PER_SEC);
        printf("observe-items %zu\n", o.len);
        s.clone->ops->destroy(s.clone);
    }
}

int main(int argc, char **argv)
{
    AUTO_ERR e = NULL;
    AUTO_IMAGE image = { 0 };
    int runs = argc == 4 ? (int)strtol(argv[3], NULL, 10) : 0;

    if (runs < 1) {
        fprintf(stderr, "usage: bench-clones IMAGE start|command|observe RUNS\n");
        return 2;
    }
    struct wire *w = wire_open(NULL, &e);
    struct lab *lab = w ? wire_lab(w, &e) : NULL;
    if (!lab || image_find(wire_site(w), argv[1], false, &image, &e) < 0)
        die(e);
    if (str_eq(argv[2], "start"))
        bench_start(lab, &image, runs);
    else if (str_eq(argv[2], "observe"))
        bench_observe(lab, &image, runs);
    else
        bench_command(lab, &image, runs);
    wire_close(w);
    return 0;
}
