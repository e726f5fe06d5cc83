/*
 * deb_script - what the kind "deb" runs in the guest, as text for `sh -c`: pieces that are put one
 * behind the other, up to NULL.
 *
 * The scripts keep notes in a directory of the guest: what was installed and what was not in order
 * before the first patch, what was left out, and dpkg's log.  A patch that is taken back takes
 * them along.
 */
#ifndef VALIDATOR_ADAPTERS_DEB_SCRIPT_H
#define VALIDATOR_ADAPTERS_DEB_SCRIPT_H

#define DEB_NOTES "/var/lib/patchlab"

/* Arguments: "keep" or "replace" (configuration files), then the .deb files, absolute.  Says on
 * lines "patchlab: ..." what it decides; the status is 0 only when the patch is in, but for
 * packages that are on hold, and has left nothing out of order that was in order before. */
extern const char *const deb_apply_script[];

/* No arguments.  Prints what deb_state.h reads. */
extern const char *const deb_state_script[];

/* Arguments: "plan" or "undo", then the older .deb files, absolute.  "plan" prints a line "NAME
 * VERSION" for each package that is needed and not among them, and does nothing.  "undo" brings
 * back all that was installed before; the status is 0 only when that is so. */
extern const char *const deb_undo_script[];

#endif
