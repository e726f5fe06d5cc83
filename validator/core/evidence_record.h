/* evidence_record - the text of a record that is hashed; shared by appending and verifying. */
#ifndef CORE_EVIDENCE_RECORD_H
#define CORE_EVIDENCE_RECORD_H

#include <stdint.h>

#include "base/digest.h"

#define EVIDENCE_NO_HASH "0000000000000000000000000000000000000000000000000000000000000000"

struct evidence_text {
    int64_t run, seq, at;
    const char *kind, *prev, *body; /* body: canonical JSON */
};
void evidence_hash(const struct evidence_text *t, char ret[DIGEST_HEX_SIZE]);

#endif
