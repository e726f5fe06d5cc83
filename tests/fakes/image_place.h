/*
 * image_place - a state directory with a cache, a recipe, a fake builder and fake disks, for tests
 * of how images get in.
 *
 * The fake builder writes a disk that says how often it ran.  To the fake disks any text is a
 * disk: one with "bad" in it cannot be inspected, "unsealable" not sealed, "huge" has no room.
 */
#ifndef FAKES_IMAGE_PLACE_H
#define FAKES_IMAGE_PLACE_H

#include <sys/types.h>

#include "core/image.h"
#include "core/site.h"
#include "fakes/fixture.h"

/* What the builder does beside writing a disk. */
struct fake_builder {
    int runs;
    enum { GOOD, FAILS, STOPPED, DIES, EDITS_RECIPE, WAITS_FOR_GO } way;
    int64_t size;   /* that it was asked for */
    const char *go; /* WAITS_FOR_GO: makes the file `go`.ready, and waits for the file `go` */
};
extern struct fake_builder fake;

struct place {
    struct fixture f;
    struct stop *stop;
    char *cache, *recipe, *images;
    struct site site;
};

#define PLACE_YAML \
    "name: tiny\nrepresents: {category: web, servers: [web-01]}\nsize: 8MiB\npackages: deb\n" \
    "build: {command: ./build.sh, uses: [../lib.sh]}\n"

struct place place_open(void);
void place_close(struct place *p);
#define AUTO_PLACE __attribute__((cleanup(place_close))) struct place

void put(const char *path, const char *text);
void put_in(const char *dir, const char *name, const char *text);

int place_build(struct place *p, bool fresh, bool *ret_cached, struct err **err);
int64_t place_rows(struct place *p);                         /* images that are there */
struct image place_image(struct place *p, const char *name); /* the caller releases it */

/* The names in a directory, sorted, with blanks; the caller frees.  "" when there is none. */
char *listing(const char *dir);
void expect_listing(const char *dir, const char *expected);
void expect_nothing(const struct place *p); /* neither in images nor in the cache */
mode_t mode_of(const char *path);

#endif
