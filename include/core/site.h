/*
 * site - what a core function works with: the state directory, its store, and the ports.
 *
 * front/wire.c fills it; tests fill it with fakes.  Nothing here is owned.
 */
#ifndef CORE_SITE_H
#define CORE_SITE_H

struct store;
struct blobs;
struct stop;
struct pkgmgr;
struct archive_ops;
struct disk_ops;
struct builder_ops;
struct http;
struct signature_ops;
struct solver_ops;
struct feed_format;
struct domains_ops;
struct result_format;
struct observer_ops;
struct scanner;
struct restarter;

struct site {
    const char *dir;   /* the state directory */
    const char *cache; /* built images by recipe, shared by state directories; NULL: none */
    const char *user;  /* who is at work, for the records: "ann@host" */
    struct store *store;
    struct blobs *blobs;
    const struct stop *stop;
    const struct archive_ops *archive;
    const struct disk_ops *disk;
    const struct builder_ops *builder;
    struct http *http;
    const struct signature_ops *signature;
    const struct solver_ops *solver;
    const struct pkgmgr *const *pkgmgrs; /* NULL-terminated */
    const struct feed_format *const *feeds;
    const struct domains_ops *domains;
    const struct result_format *const *result_formats; /* NULL-terminated; may be NULL */
    const struct observer_ops *observer;
    const struct scanner *const *scanners; /* NULL: only the built-in one, core/scanning.h */
    const struct restarter *restarter;     /* NULL: nothing is restarted */
};

/* The package manager of a kind, or NULL. */
const struct pkgmgr *site_pkgmgr(const struct site *s, const char *kind);

/* A format of test results by its name, or NULL. */
const struct result_format *site_result_format(const struct site *s, const char *name);

#endif
