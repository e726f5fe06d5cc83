/* deb_status - the three letters of dpkg-query's ${db:Status-Abbrev}, read strictly. */
#ifndef VALIDATOR_ADAPTERS_DEB_STATUS_H
#define VALIDATOR_ADAPTERS_DEB_STATUS_H

#include <stdbool.h>

struct deb_status {
    bool held;
    bool there;        /* false: not installed, or only its configuration is left */
    bool reinstall;    /* required, says dpkg */
    const char *state; /* "half-configured"; NULL: nothing to say */
};

/* False: it is none. */
bool deb_status_read(const char *abbrev, struct deb_status *ret);

#endif
