/*
 * recipe_builder - a recipe's build command (ports/builder.h) as a process of this host.
 *
 * It runs in the recipe's directory with a clean environment and
 *
 *     PATCHLAB_OUTPUT   where the disk has to appear, any format
 *     PATCHLAB_SIZE     virtual size of the disk, bytes
 *     PATCHLAB_WORK     an empty directory that is gone afterwards
 *
 * and the proxy settings (http_proxy and the like) of ours.  Exit status 2 says that this host
 * cannot build it and why: ERR_NOT_FOUND; any other failure is ERR_IO.  Both carry the last line
 * it wrote to stderr.  ERR_INVALID: no such command, or no disk at the end.
 *
 * After an error there is no output; the scratch directory is gone in any case, also what a build
 * that was killed had left in it.
 */
#ifndef ADAPTERS_RECIPE_BUILDER_H
#define ADAPTERS_RECIPE_BUILDER_H

#include "ports/builder.h"

extern const struct builder_ops recipe_builder_ops;

#endif
