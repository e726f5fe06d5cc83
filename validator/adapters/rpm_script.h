/*
 * rpm_script - what the kind "rpm" runs in the guest, as pieces for pkg_script_of().
 *
 * rpm alone decides: which of two versions is the newer one, what a package needs, and whether all
 * of it would work, before anything is touched.  The scripts keep notes in a directory of the
 * guest: what was installed before the first patch, and which configuration files rpm set aside.  A
 * patch that is taken back takes them along.
 */
#ifndef VALIDATOR_ADAPTERS_RPM_SCRIPT_H
#define VALIDATOR_ADAPTERS_RPM_SCRIPT_H

#define RPM_NOTES "/var/lib/patchlab/rpm"

/* Arguments: directory of the notes, then the .rpm files, absolute.  Says on lines "patchlab: ..."
 * what it decides; the status is 0 only when the patch is in. */
extern const char *const rpm_apply_script[];

/* Arguments: "plan" or "undo", directory of the notes, then the older .rpm files, absolute.  "plan"
 * prints a line "NAME VERSION" for each package that is needed and not among them, and does
 * nothing.  "undo" brings back all that was installed before; the status is 0 only when that is
 * so. */
extern const char *const rpm_undo_script[];

/* Argument: directory of the notes.  Prints what rpm_list.h and rpm_state.h read. */
extern const char *const rpm_list_script[];
extern const char *const rpm_state_script[];

#endif
