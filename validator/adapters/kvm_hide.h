/*
 * kvm_hide - an unusable /dev/kvm must not slow libvirt down.
 *
 * When root can open /dev/kvm but the QEMU user cannot, libvirt probes QEMU again at every call
 * (one start takes a minute or more).  As root, kvm_hide() gives this process a private mount
 * namespace in which /dev/kvm is a file nobody but root may open; the machine itself is not
 * changed.  Must run while the process has one thread.  Where it is not needed or not allowed it
 * does nothing and says so by returning false.
 */
#ifndef ADAPTERS_KVM_HIDE_H
#define ADAPTERS_KVM_HIDE_H

#include <stdbool.h>

/* `scratch`: a directory for the file that is mounted over /dev/kvm. */
bool kvm_hide(const char *scratch);

#endif
