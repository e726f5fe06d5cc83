/* gpgv_status - what gpgv's status lines and a clear-signed text mean; pure. */
#ifndef VALIDATOR_ADAPTERS_GPGV_STATUS_H
#define VALIDATOR_ADAPTERS_GPGV_STATUS_H

#include <stdbool.h>
#include <stddef.h>

struct err;
struct strv;

/* By "[GNUPG:] ..." lines; contract as verify() of ports/signature.h. */
int gpgv_status_judge(const char *text, const struct strv *fingerprints, struct strv *ret_signers,
                      struct err **err);

/* One clear-signed text and nothing before, between or after it: what gpgv does with anything
 * else is not worth finding out. */
bool pgp_is_clear_signed(const char *text, size_t len);

#endif
