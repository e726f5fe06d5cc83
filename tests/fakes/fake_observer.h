/*
 * fake_observer - an observer of a fake guest (fake_lab.h): it asks for "/fake/observe" and reads
 * what the script of the test answers, one item a line:
 *
 *     KIND KEY = VALUE            "~ " in front: a file as it is in the image
 *     owner PACKAGE /PATH
 *     garbled                     ERR_INVALID
 *
 * Keys have no blank but in `unix` and `tcp` sockets, which are written with '_'.
 */
#ifndef FAKES_FAKE_OBSERVER_H
#define FAKES_FAKE_OBSERVER_H

#include "ports/observer.h"

extern const struct observer_ops fake_observer;

/* The same lines without a guest. */
int fake_observation(const char *lines, struct observation *ret, struct err **err);

#endif
