/*
 * curl_http - downloads (ports/http.h) through libcurl; file: URLs are read by this process.
 *
 * Proxies come from the environment, as libcurl has it (http_proxy, https_proxy, no_proxy).
 * Credentials come from a file in netrc's format and from nowhere else.
 */
#ifndef ADAPTERS_CURL_HTTP_H
#define ADAPTERS_CURL_HTTP_H

#include "ports/http.h"

struct curl_http_config {
    const char *netrc; /* readable by its owner alone, else ERR_DENIED; NULL: no credentials */
    const char *ca;    /* certificates to trust in place of the system's; NULL */
    int64_t timeout_ms, stall_ms; /* in place of what a download asks for; 0: as it asks */
    int attempts;
};

/* The texts of `config` must live as long.  Used by one thread. */
struct http *curl_http_open(const struct curl_http_config *config);

#endif
