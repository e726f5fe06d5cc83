/* http_file - file: URLs, for mirrors on a disk: same contract as ports/http.h, no network. */
#ifndef VALIDATOR_ADAPTERS_HTTP_FILE_H
#define VALIDATOR_ADAPTERS_HTTP_FILE_H

#include "ports/http.h"

/* `path` is the one of the URL, decoded.  Size and time of the file serve as its ETag. */
int http_file_get(const struct http_get *get, const char *path, struct http_answer *ret,
                  struct err **err);

#endif
