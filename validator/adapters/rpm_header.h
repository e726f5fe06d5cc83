/*
 * rpm_header - the headers of an .rpm: a table of tags, and the data that they point to.
 *
 * Strict, because it decides what a patch is: every entry lies within the data, a tag that is asked
 * for stands there once, and what is signed or digested is all that there is: entries behind the
 * immutable region, which rpm would prefer to those in it, are refused.
 *
 * Our own and not librpm: that one reads the machine's configuration and macros, which can run
 * programs, keeps global state and prints; and of all that it does the tags are the smallest part.
 */
#ifndef VALIDATOR_ADAPTERS_RPM_HEADER_H
#define VALIDATOR_ADAPTERS_RPM_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ports/archive.h"

#define RPM_HEADER_INTRO 16u
#define RPM_HEADER_MAX (64u << 20) /* bytes; the largest of Fedora have some 10 MiB */

enum rpm_region { RPM_REGION_SIGNATURES = 62, RPM_REGION_IMMUTABLE = 63 };

/* In the signature header. */
enum rpm_signature_tag { RPM_SIG_LONG_SIZE = 270, RPM_SIG_SHA256 = 273, RPM_SIG_SIZE = 1000 };

/* In the main header. */
enum rpm_tag {
    RPM_TAG_NAME = 1000,
    RPM_TAG_VERSION = 1001,
    RPM_TAG_RELEASE = 1002,
    RPM_TAG_EPOCH = 1003,
    RPM_TAG_ARCH = 1022,
    RPM_TAG_SOURCE_RPM = 1044,
    RPM_TAG_PAYLOAD_DIGEST = 5092,
    RPM_TAG_PAYLOAD_ALGORITHM = 5093,
};

struct rpm_header { /* points into the memory it was opened on */
    const unsigned char *index, *data;
    uint32_t entries, size;
};

/* How long a header is that begins with these RPM_HEADER_INTRO bytes. */
int rpm_header_length(const void *intro, size_t *ret, struct err **err);
/* `mem` has just this header. */
int rpm_header_open(const void *mem, size_t len, enum rpm_region region, struct rpm_header *ret,
                    struct err **err);

/* *ret is NULL, or *ret_there false, when there is no such tag. */
int rpm_header_text(const struct rpm_header *h, uint32_t tag, const char **ret, struct err **err);
int rpm_header_int(const struct rpm_header *h, uint32_t tag, uint64_t *ret, bool *ret_there,
                   struct err **err);

/* What the main header says; ERR_INVALID also when it is a source package. */
int rpm_header_info(const struct rpm_header *h, struct package_info *ret, struct err **err);

#endif
