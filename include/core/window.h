/*
 * window - when a server may be changed: days and hours in UTC; pure.
 *
 *     "sat,sun 22:00-04:00"    from the evening of each of these days into the next one
 *     "daily 01:00-03:00"
 *     "tue#2 18:00-24:00"      only the second of the month
 */
#ifndef CORE_WINDOW_H
#define CORE_WINDOW_H

struct err;

struct window {
    unsigned days; /* bit 0: Monday */
    int nth;       /* 1 to 4: of the month; 0: each */
    int from, to; /* minutes; `to` may be 1440, and is the next day's when it is not after `from` */
};

int window_parse(const char *text, struct window *ret, struct err **err);

#endif
