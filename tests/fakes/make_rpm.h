/*
 * make_rpm - .rpm files as rpmbuild and as an attacker would make them, for unit tests.
 *
 *     make_rpm(path, &(struct made_rpm){ .name = "openssl", .version = "3.0", .release = "1" });
 *
 * For what is not well-formed there are single headers of any tags.  Everything that fails inside
 * fails the test.
 */
#ifndef FAKES_MAKE_RPM_H
#define FAKES_MAKE_RPM_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct made_tag {
    uint32_t tag, type; /* type: 4 number, 5 long number, 6 text, 8 list of texts */
    const char *text;
    uint64_t number;
    uint32_t count; /* 0: 1 */
};

/* A header with a region (62 or 63) around all of them. */
void add_rpm_header(struct str *s, uint32_t region, const struct made_tag *tags, size_t n);

struct made_rpm {
    const char *name, *version, *release; /* NULL: the tag is left out */
    const char *arch;                     /* NULL: "x86_64" */
    const char *epoch;                    /* digits; NULL: none */
    const char *source;                   /* NULL: NAME-VERSION-RELEASE.src.rpm; "": left out */
    const char *payload;                  /* NULL: "payload" */
};

/* All of its bytes. */
void add_rpm(struct str *s, const struct made_rpm *m);
void make_rpm(const char *path, const struct made_rpm *m);

#endif
