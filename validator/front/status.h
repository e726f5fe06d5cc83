/* status - the exit statuses of every command; README and man page show this list. */
#ifndef FRONT_STATUS_H
#define FRONT_STATUS_H

enum status {
    STATUS_DONE = 0,     /* done; verdict pass */
    STATUS_FAIL = 1,     /* verdict fail; evidence that does not hold; nothing on the queue */
    STATUS_USAGE = 2,    /* usage or bad input */
    STATUS_REVIEW = 3,   /* verdict review */
    STATUS_BROKEN = 4,   /* the lab is broken: verdict broken, no room, no libvirt */
    STATUS_REFUSED = 5,  /* refused by policy, permission or state */
    STATUS_INTERNAL = 6, /* patchlab's own data or code is at fault */
};

#endif
