/*
 * pkg_script_run - what the kinds of packages have in common: a script in the guest that works on
 * the packages of the patch, asked or run.
 */
#ifndef VALIDATOR_ADAPTERS_PKG_SCRIPT_RUN_H
#define VALIDATOR_ADAPTERS_PKG_SCRIPT_RUN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "ports/guest.h"
#include "ports/pkgmgr.h"

/* "/bin/sh -c" and the pieces up to NULL put one behind the other; `name` is its $0. */
void pkg_script_of(const char *const *pieces, const char *name, struct strv *argv);

/* ERR_INVALID: it is none of the patch's files, or no safe path. */
int pkg_check_file(const struct patch_in_guest *p, const char *file, struct err **err);

/* Adds the files with this suffix: of the patch itself, or those that take it back. */
int pkg_files_of(const struct patch_in_guest *p, const char *suffix, bool undo, struct strv *argv,
                 struct err **err);

/* How it ended is in the result. */
int pkg_run(struct guest *g, const struct patch_in_guest *p, const struct strv *argv,
            const char *const *env, struct guest_result *ret, struct err **err);

/* A short question to the guest whose answer is needed, all of it: else ERR_GUEST. */
int pkg_ask(struct guest *g, const struct strv *argv, size_t output_max, struct guest_result *ret,
            struct err **err);

/* Asks with `plan`, which prints a line for each package that is needed and not there: then
 * ERR_NOT_FOUND with the list; else runs `argv`. */
int pkg_undo(struct guest *g, const struct patch_in_guest *p, const struct strv *plan,
             const struct strv *argv, const char *const *env, struct guest_result *ret,
             struct err **err);

#endif
