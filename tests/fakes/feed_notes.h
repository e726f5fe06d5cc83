/* feed_notes - a sink that writes down what a format of vulnerability data says, a line each. */
#ifndef FAKES_FEED_NOTES_H
#define FAKES_FEED_NOTES_H

#include "base/str.h"
#include "ports/feed.h"

struct feed_notes {
    struct str text;
    struct feed_sink sink;
};

/* In place, because the sink points at it. */
void feed_notes_init(struct feed_notes *n);
void feed_notes_release(struct feed_notes *n);
#define AUTO_FEED_NOTES __attribute__((cleanup(feed_notes_release))) struct feed_notes

#endif
