/*
 * pkgmgrs - the package managers (ports/pkgmgr.h) that there are; each works over a guest alone.
 *
 * "deb": Debian packages through apt-get, offline.  Only what is installed is upgraded; other
 * packages of the patch come in when one of those depends on them, and are skipped otherwise.
 * Configuration files that both sides have changed are kept or replaced by rule; what is on hold is
 * left out.  Older packages below PATCH_UNDO take it back.
 *
 * "rpm": rpm packages through rpm alone, in the same manner.  Those that are made for it are
 * installed beside their older versions (kernels).  Which configuration files are kept is said by
 * the packages.
 *
 * "files": files of the patch that are put somewhere, all or none; what was there is kept in the
 * guest and comes back with undo.
 *
 * "script": an executable of the patch, run as it is.
 */
#ifndef ADAPTERS_PKGMGRS_H
#define ADAPTERS_PKGMGRS_H

#include "ports/pkgmgr.h"

extern const struct pkgmgr pkg_deb, pkg_rpm, pkg_files, pkg_script;

#endif
