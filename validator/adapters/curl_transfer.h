/* curl_transfer - one attempt at a download, and what its end means for the next one. */
#ifndef VALIDATOR_ADAPTERS_CURL_TRANSFER_H
#define VALIDATOR_ADAPTERS_CURL_TRANSFER_H

#include "adapters/curl_http.h"

enum transfer_end {
    TRANSFER_DONE,
    TRANSFER_AGAIN, /* an error that may pass */
    TRANSFER_FAILED,
};

/* `deadline` on the monotonic clock; *ret_after_ms: the pause the server asks for, else as it
 * was. */
enum transfer_end curl_transfer(const struct curl_http_config *config, const struct http_get *get,
                                int64_t deadline, int64_t *ret_after_ms, struct http_answer *ret,
                                struct err **err);

/* For messages: without what follows a '?', which may be a secret; the caller frees. */
char *curl_shown_url(const char *url);

#endif
