/*
 * image_work - the private directory in which an image is built or imported.
 *
 * It is PLACE/NAME.work, beside a lock PLACE/NAME.lock that is held for as long.  Who comes with
 * the same name waits.  image_work_close() removes both; the directory of a process that was
 * killed has no holder, and is removed by the next image_work_open() in that place.
 */
#ifndef VALIDATOR_CORE_IMAGE_WORK_H
#define VALIDATOR_CORE_IMAGE_WORK_H

struct err;
struct site;

struct image_work {
    const struct site *site;
    char *dir, *lock_path;
    int lock;
};
/* clang-format off */
#define IMAGE_WORK_NONE { .lock = -1 }
/* clang-format on */

/* `waiting` is called once, when there is somebody to wait for; it may be NULL. */
int image_work_open(const struct site *site, const char *place, const char *name,
                    void (*waiting)(void *arg), void *arg, struct image_work *ret,
                    struct err **err);
void image_work_close(struct image_work *w);
#define AUTO_IMAGE_WORK __attribute__((cleanup(image_work_close))) struct image_work

#endif
