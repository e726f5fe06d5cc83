/*
 * intake - a site of its own and a place to write patches in, for unit tests.
 *
 *     AUTO_INTAKE_BOX b = intake_box();
 *     AUTO_FREE char *dir = intake_script(&b, "motd", "");
 *     int64_t id = intake_add(&b, NULL, dir, NULL);              must succeed
 *     intake_refused(&b, ERR_INVALID, "no .deb file", file, NULL);  must fail and leave nothing
 */
#ifndef FAKES_INTAKE_H
#define FAKES_INTAKE_H

#include "base/mem.h"
#include "base/str.h"
#include "core/patch.h"
#include "core/site.h"
#include "fakes/fixture.h"

struct intake_box {
    struct fixture f;
    struct site site;
    char *work;  /* outside of the state directory */
    bool is_new; /* of the last intake_add() */
};
struct intake_box intake_box(void);
void intake_box_close(struct intake_box *b);
#define AUTO_INTAKE_BOX __attribute__((cleanup(intake_box_close))) struct intake_box

/* What questions for room on the disk are told, and what else happens at the n-th of them. */
void intake_disk(int64_t room);
void intake_at_look(int nth, void (*happens)(void *arg), void *arg);

/* Writes WORK/name, with the folders above it; the caller frees its path. */
char *intake_write(struct intake_box *b, const char *name, const char *text, unsigned mode);

/* A patch of kind script with one more file "data", and `more` at the end of its patch.yaml. */
char *intake_script(struct intake_box *b, const char *name, const char *more);

/* WORK/file, a package; `source` NULL: none said. */
char *intake_deb(struct intake_box *b, const char *file, const char *package, const char *version,
                 const char *source);

/* `name`, then paths up to NULL. */
int64_t intake_add(struct intake_box *b, const char *name, ...) __attribute__((sentinel));
void intake_refused(struct intake_box *b, enum err_code code, const char *part, ...)
    __attribute__((sentinel));

/* All files of the state directory but the database: one string. */
char *intake_files(struct intake_box *b);
struct patch intake_patch(struct intake_box *b, int64_t id);

#endif
