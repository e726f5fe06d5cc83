/*
 * scanner - what a look at a list of installed packages finds to be wrong with them.
 *
 * A scanner works on the host, from the list alone: nothing runs in the guest, and the two sides
 * of a patch are looked at the same way.  There is one, core/vulns.h.
 */
#ifndef PORTS_SCANNER_H
#define PORTS_SCANNER_H

#include <stddef.h>

enum severity {
    SEVERITY_UNKNOWN,
    SEVERITY_UNIMPORTANT,
    SEVERITY_LOW,
    SEVERITY_MEDIUM,
    SEVERITY_HIGH,
    SEVERITY_CRITICAL,
};
extern const char *const severity_names[]; /* NULL-terminated */

/* One vulnerability in one (source) package. */
struct finding {
    char *id;        /* "CVE-2024-5535", else the advisory's own: with package, unique in a list */
    char *package;   /* the source package, or a binary one when the data speaks of that */
    char *installed; /* its version */
    char *fixed_in;  /* NULL: no fix is known */
    char *binaries;  /* installed packages that are built from it, separated by a blank */
    char *advisory;  /* who says so: "DSA-5764-1", "DEBIAN-CVE-2024-5535" */
    char *source;    /* and where: the name of the feed or scanner */
    enum severity severity;
};

struct finding_list { /* sorted by id and package */
    struct finding *ptr;
    size_t len;
};

void finding_list_add(struct finding_list *l, const struct finding *f); /* copies */
void finding_list_sort(struct finding_list *l);
void finding_list_release(struct finding_list *l);
void finding_release(struct finding *f);
#define AUTO_FINDING_LIST __attribute__((cleanup(finding_list_release))) struct finding_list

#endif
