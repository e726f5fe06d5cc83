/* deb_script - what the kind "deb" runs in the guest, as text for `sh -c`. */
#ifndef VALIDATOR_ADAPTERS_DEB_SCRIPT_H
#define VALIDATOR_ADAPTERS_DEB_SCRIPT_H

/* Arguments: the .deb files, absolute.  Says on lines "patchlab: ..." what it decides; the status
 * is 0 only when the patch is in and dpkg finds everything in order. */
extern const char deb_apply_script[];

#endif
