/*
 * scanning - a scanner with its data: chosen and loaded once, then used for lists of packages.
 *
 *     AUTO_SCANNING s = { 0 };
 *     if (scanning_load(site, "debsecan", "deb", &s, err) < 0) ...
 *     AUTO_FREE char *why_not = scanning_why_not(&s, &packages, release);
 *     if (!why_not) scanning_run(&s, &packages, release, stop, &findings, err);
 *
 * Never changed once loaded, and read by several threads at the same time: what is scanned before
 * and after a patch is looked at by the same program with the same data and parameters, and
 * scanning_json() says which.
 */
#ifndef CORE_SCANNING_H
#define CORE_SCANNING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/digest.h"
#include "base/json.h"
#include "ports/scanner.h"

struct err;
struct site;

#define SCANNER_DEFAULT "built-in"

/* The rows of all feeds against the list; of the site's table, and there when that is absent. */
extern const struct scanner scanner_builtin;

struct scanning {
    const struct scanner *scanner;
    char *version;       /* of the program */
    struct vulns *vulns; /* NULL: the scanner reads files */
    struct scan_file *files;
    size_t file_count;
    json_t *feeds; /* [{"feed","kind","digest","dated","records"}], those that it uses */
    char digest[DIGEST_HEX_SIZE]; /* of `feeds`: the same digest, the same data */
};

/* By name; NULL: the default.  ERR_INVALID, with a hint: unknown, or not installed.  *ret_version
 * (may be NULL) is the caller's. */
const struct scanner *scanner_find(const struct site *site, const char *name, char **ret_version,
                                   struct err **err);

/* [{"name", "help", "installed": bool, "version", "why_not"}], as the site has them. */
json_t *scanner_list(const struct site *site);

/* `kind` of packages (NULL: any) is all that is loaded.  ERR_CORRUPT when a file of a feed is not
 * what it was; else as scanner_find(). */
int scanning_load(const struct site *site, const char *name, const char *kind, struct scanning *ret,
                  struct err **err);
void scanning_release(struct scanning *s);
#define AUTO_SCANNING __attribute__((cleanup(scanning_release))) struct scanning

/* Is there nothing at all to scan with? */
bool scanning_is_empty(const struct scanning *s);

/* Why this list cannot be scanned, the caller frees; NULL: it can.  `release` may be NULL. */
char *scanning_why_not(const struct scanning *s, const struct package_list *packages,
                       const char *release);

int scanning_run(const struct scanning *s, const struct package_list *packages, const char *release,
                 const struct stop *stop, struct finding_list *ret, struct err **err);

/* {"scanner", "version", "parameters", "digest", "feeds", "rows" or null} */
json_t *scanning_json(const struct scanning *s);

#endif
