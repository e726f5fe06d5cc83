/*
 * signature - is this text really from who it should be from?
 *
 * It is when at least one good signature is by an accepted key and none is bad.  Further
 * signatures by keys that are not in the keyring say nothing: archives sign with several keys at
 * once, old and new.  Keys that are expired or revoked and digests that are broken (MD5, SHA-1,
 * RIPEMD-160) do not count.
 */
#ifndef PORTS_SIGNATURE_H
#define PORTS_SIGNATURE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct err;
struct stop;

struct signature_check {
    const char *keyring;             /* file with the public keys */
    const char *file;                /* a clear-signed text; or the signature of `signed_file` */
    const char *signed_file;         /* NULL: `file` holds text and signature */
    const struct strv *fingerprints; /* of primary keys, see fingerprint_normal(); empty: each
                                         key of the keyring is accepted */
    size_t max;                      /* bytes of the text */
    const struct stop *stop;
};

struct signature_ops {
    /*
     * *ret_text is exactly what was signed, which the caller frees; ret_signers gets the primary
     * fingerprints of the accepted signatures.  ERR_DENIED when it is not accepted (the message
     * names the keys), ERR_INVALID when it is no signed text, ERR_IO when it cannot be found out.
     */
    int (*verify)(const struct signature_check *check, char **ret_text, size_t *ret_len,
                  struct strv *ret_signers, struct err **err);
};

/* 40 upper-case hex digits of a fingerprint as people write it (blanks, lower case, "0x"); NULL
 * when it is none.  The caller frees. */
char *fingerprint_normal(const char *text);

#endif
