/*
 * run_scene - a site with an image, a patch and one testcase, and a run of them in a fake lab.
 *
 *     AUTO_RUN_SCENE s = run_scene_new();
 *     fake_lab_answer(&s->lab, (struct fake_answer){ .part = "checks/a", .exit = 1 });
 *     expect_verdict(s, VERDICT_PASS);
 *
 * The checks are "checks/a" at both stages and "/bin/b" after the reboot.  All expect_...() fail
 * the test when it is otherwise.
 */
#ifndef FAKES_RUN_SCENE_H
#define FAKES_RUN_SCENE_H

#include "core/run.h"
#include "core/site.h"
#include "core/testcase.h"
#include "fakes/fake_lab.h"
#include "fakes/fixture.h"

struct run_scene {
    struct fixture f;
    struct fake_lab lab;
    struct site site;
    struct stop *stop; /* the site's */
    int64_t image, patch, id;
    struct run_options options;            /* of the next run; confirm 0 until it is set */
    struct strv kinds;                     /* of the events that were shown */
    void (*on_check)(struct run_scene *s); /* when a check begins, in the run's own thread */
};

struct run_scene *run_scene_new(void);
void run_scene_free(struct run_scene **s);
#define AUTO_RUN_SCENE __attribute__((cleanup(run_scene_free))) struct run_scene *

void run_scene_connect(struct run_scene *s); /* after fixture_reopen() */
void run_scene_again(struct run_scene *s);   /* one more run; what the lab saw is forgotten */

void run_scene_warm(struct run_scene *s); /* as if its image had been warmed */

/* Another `value` (taken) in the manifest of its patch, which gets another digest by it. */
void scene_set_manifest(struct run_scene *s, const char *key, json_t *value);

int scene_create(struct run_scene *s, const struct testcase_list *l, struct err **err);
int scene_execute(struct run_scene *s, enum verdict *ret, struct err **err);
json_t *scene_run(struct run_scene *s); /* run_json() */

void expect_evidence(struct run_scene *s); /* evidence_verify() of all runs */

/* However it ended: the row, the evidence, each clone destroyed once, no file left. */
void expect_ended(struct run_scene *s, enum verdict v);

/* Executes it first. */
void expect_verdict(struct run_scene *s, enum verdict v);
void expect_broken(struct run_scene *s, enum err_code code, const char *part);

void expect_reason(struct run_scene *s, const char *part);

#endif
