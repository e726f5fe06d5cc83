/*
 * version - which of two package versions is the newer one, by the rules of dpkg and of rpm; pure.
 *
 * All return <0, 0 or >0 as `a` is older than, the same as, or newer than `b`.  Any text has a
 * place in the order, also one that is no valid version: what is compared comes from guests and
 * feeds, and comparing must not fail.
 */
#ifndef CORE_VERSION_H
#define CORE_VERSION_H

/* [EPOCH:]UPSTREAM[-REVISION], deb-version(7). */
int version_deb_compare(const char *a, const char *b);

/* [EPOCH:]VERSION[-RELEASE], rpm-version(7).  One without a release is the same as each with one:
 * that is how rpm reads a dependency without a release. */
int version_rpm_compare(const char *a, const char *b);

typedef int version_order(const char *a, const char *b);

/* The order of an OSV ecosystem ("Debian:12", "Rocky Linux:9") or of a kind of packages ("deb",
 * "rpm"); NULL when it is not known. */
version_order *version_order_of(const char *ecosystem);

#endif
