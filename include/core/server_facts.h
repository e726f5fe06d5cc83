/*
 * server_facts - what a server has, as somebody has told, else as the image that stands for it has.
 *
 * Told are a list of packages (what dpkg-query prints) and other facts: units of systemd and their
 * state, sysctl values (docs/formats.md, 'facts of a server').  A new list replaces the old one.
 */
#ifndef CORE_SERVER_FACTS_H
#define CORE_SERVER_FACTS_H

#include "base/json.h"
#include "ports/pkgmgr.h"

struct err;
struct server;
struct site;

/* The groups of facts that a file may tell: "units", "sysctl", NULL. */
extern const char *const fact_groups[];

#define SERVER_FACT_MAX 512 /* bytes of a name or a value */

/* NAME TAB VERSION lines, or the five columns of a kind's own list (ports/pkgmgr.h, parse).
 * `name` stands in messages; ERR_INVALID. */
int server_packages_parse(const struct site *site, const char *kind, const char *text, size_t len,
                          const char *name, struct package_list *ret, struct err **err);

/* {"units": {name: state}, "sysctl": {name: value}} from YAML; groups that are not told are absent.
 * NULL, ERR_INVALID: file and line. */
json_t *server_facts_read(const char *path, struct err **err);

/* Either may be NULL: it stays as it is.  ERR_CONFLICT when the server is retired. */
int server_facts_set(const struct site *site, const char *name, const struct package_list *packages,
                     const json_t *facts, struct err **err);

/* What is told, as an object; of no group when nothing is. */
json_t *server_facts(const struct server *s, struct err **err);

/* Its own list, else that of its image: *ret_from ("told", "image 'web'"; the caller frees).
 * ERR_NOT_FOUND when there is neither. */
int server_packages(const struct site *site, const struct server *s, struct package_list *ret,
                    char **ret_from, struct err **err);

#endif
