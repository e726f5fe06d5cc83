/* progress_text - an event of a run in words. */
#ifndef FRONT_PROGRESS_TEXT_H
#define FRONT_PROGRESS_TEXT_H

#include "core/event.h"

/* "check 2/14 web-shop/login"; NULL: nothing worth a line.  The caller frees. */
char *progress_text(const struct event *e);

#endif
