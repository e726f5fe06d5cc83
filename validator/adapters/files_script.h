/* files_script - what the kind "files" runs in the guest, as pieces for pkg_script_of(). */
#ifndef VALIDATOR_ADAPTERS_FILES_SCRIPT_H
#define VALIDATOR_ADAPTERS_FILES_SCRIPT_H

#define FILES_NOTES "/var/lib/patchlab/undo"

/*
 * Arguments: "apply", the directory that the notes of this patch are kept in, the directory of the
 * patch, its programs apply, undo and undone ("" for none), then for each file four: FROM
 * (absolute), TO, MODE, OWNER ("" where they are that of the file that is replaced).
 *
 * "undo" takes the same but for the files.
 *
 * All files are in place, or everything is as before.  A program that fails after that has the
 * patch taken back, too.  The status is 0 only when all is done.
 */
extern const char *const files_script[];

#endif
