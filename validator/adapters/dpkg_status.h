/* dpkg_status - a list of packages as the status file that dpkg itself would keep. */
#ifndef VALIDATOR_ADAPTERS_DPKG_STATUS_H
#define VALIDATOR_ADAPTERS_DPKG_STATUS_H

struct err;
struct package_list;

/* Of the packages that name one ("libc6:amd64") the one that most have, else that of the host; the
 * caller frees. */
char *dpkg_status_arch(const struct package_list *l);

/*
 * Writes it to `path`.  A version is without what the list says of the state of a package, which
 * counts as installed.  ERR_INVALID when a name or version could not stand in such a file: what a
 * guest says must not become fields of its own.
 */
int dpkg_status_write(const struct package_list *l, const char *path, struct err **err);

#endif
