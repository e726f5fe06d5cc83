/* gpgv - signatures (ports/signature.h) through the program gpgv, with the given keyring only. */
#ifndef ADAPTERS_GPGV_H
#define ADAPTERS_GPGV_H

#include "ports/signature.h"

extern const struct signature_ops gpgv_signature_ops;

#endif
