/* batch - several runs as one job: workers, one progress display, one summary. */
#ifndef FRONT_BATCH_H
#define FRONT_BATCH_H

#include <stddef.h>
#include <stdint.h>

struct cli;
struct err;
struct wire;

/* How many runs at once: by cores, two lanes a run. */
int batch_jobs_default(void);

/*
 * Works on queued runs to the end of the last; an interrupt cancels what is left.  Returns an exit
 * status: fail when one failed, else broken, else review, else done.
 */
int batch_execute(const struct cli *c, struct wire *w, const int64_t *ids, size_t n, int jobs,
                  struct err **err);

#endif
