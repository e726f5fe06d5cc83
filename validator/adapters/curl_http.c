/*
 * curl_http - downloads through libcurl; see adapters/curl_http.h.
 *
 * One easy handle in a multi handle, so that a wait ends at once when the stop is raised.  An
 * attempt ends in one of three ways: done, final error, or an error after which another attempt
 * may help; curl_http_get() is the loop around it.
 */
#include "adapters/curl_http.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "adapters/curl_transfer.h"
#include "adapters/http_file.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/stop.h"
#include "base/str.h"

enum { RETRY_AFTER_MAX_MS = 120 * 1000 };

struct curl_http {
    struct http http;
    struct curl_http_config config;
    bool ready; /* most commands download nothing */
};

/* --- the URL -------------------------------------------------------------------------------- */

static void url_freep(CURLU **u)
{
    curl_url_cleanup(*u);
}

/* Frees with libcurl's own function, and returns a copy that is ours. */
static char *url_part(CURLU *u, CURLUPart part, unsigned flags)
{
    char *text = NULL;

    if (curl_url_get(u, part, &text, flags) != CURLUE_OK)
        return NULL;
    char *copy = xstrdup(text);
    curl_free(text);
    return copy;
}

/* *ret_path: of a file: URL, else NULL; the caller frees. */
static int look_at_url(const char *url, char **ret_path, struct err **err)
{
    __attribute__((cleanup(url_freep))) CURLU *u = curl_url();
    CURLUcode rc = curl_url_set(u, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME);
    AUTO_FREE char *shown = curl_shown_url(url);

    if (rc != CURLUE_OK)
        return err_set(err, ERR_INVALID, "'%s' is no URL: %s", shown, curl_url_strerror(rc));
    AUTO_FREE char *scheme = url_part(u, CURLUPART_SCHEME, 0);
    AUTO_FREE char *user = url_part(u, CURLUPART_USER, 0);
    AUTO_FREE char *password = url_part(u, CURLUPART_PASSWORD, 0);
    if (user || password) {
        /* Not even the URL: it must not reach a log. */
        err_set(err, ERR_INVALID, "the URL holds a user or a password");
        return err_hint(err, "credentials belong in the netrc file: docs/formats.md, "
                             "'config.yaml'");
    }
    *ret_path = NULL;
    if (str_eq(scheme, "http") || str_eq(scheme, "https"))
        return 0;
    if (!str_eq(scheme, "file"))
        return err_set(err, ERR_INVALID, "'%s': expected http, https or file", shown);
    *ret_path = url_part(u, CURLUPART_PATH, CURLU_URLDECODE);
    return *ret_path ? 0 : err_set(err, ERR_INVALID, "'%s' has no path", shown);
}

/* --- attempts ------------------------------------------------------------------------------- */

/* The pause before the next attempt; -1 when the server wants to be left alone for too long. */
static int pause_of(const struct http_get *get, int attempt, int64_t asked_ms, int64_t *ret,
                    struct err **err)
{
    int64_t pause = get->pause_ms << (attempt < 16 ? attempt : 16);

    if (asked_ms > RETRY_AFTER_MAX_MS)
        return err_hint(err, "the server asks to come back in %lld s", (long long)asked_ms / 1000);
    *ret = asked_ms > pause ? asked_ms : pause;
    return 0;
}

static int download(struct curl_http *h, const struct http_get *get, struct http_answer *ret,
                    struct err **err)
{
    int64_t deadline = clock_deadline(get->timeout_ms);

    for (int attempt = 0;; attempt++) {
        int64_t pause = 0, asked = 0;
        AUTO_ERR e = NULL;
        enum transfer_end end = curl_transfer(&h->config, get, deadline, &asked, ret, &e);

        if (end == TRANSFER_DONE)
            return 0;
        bool last = end == TRANSFER_FAILED || attempt + 1 >= get->attempts
                    || pause_of(get, attempt, asked, &pause, &e) < 0
                    || pause > clock_left_ms(deadline);
        if (last) {
            *err = TAKE(e);
            return -1;
        }
        log_debug(LOG_INTAKE, "%s; try again in %lld ms", e->msg, (long long)pause);
        if (stop_sleep(get->stop, pause, err) < 0)
            return -1;
    }
}

static int check_netrc(const char *path, struct err **err)
{
    struct stat st;

    if (!path)
        return 0;
    if (stat(path, &st) < 0)
        return err_set(err, ERR_NOT_FOUND, "there is no netrc file '%s'", path);
    if (!S_ISREG(st.st_mode) || (st.st_mode & 077)) {
        err_set(err, ERR_DENIED, "others may read the credentials in '%s'", path);
        return err_hint(err, "chmod 600 '%s'", path);
    }
    return 0;
}

static int get_ready(struct curl_http *h, struct err **err)
{
    if (!h->ready && curl_global_init(CURL_GLOBAL_DEFAULT) != 0)
        return err_set(err, ERR_IO, "cannot initialise libcurl");
    h->ready = true;
    return check_netrc(h->config.netrc, err);
}

static int curl_http_get(struct http *http, const struct http_get *asked, struct http_answer *ret,
                         struct err **err)
{
    struct curl_http *h = (struct curl_http *)(void *)http;
    struct http_get get = *asked;
    AUTO_FREE char *path = NULL;

    if (h->config.timeout_ms)
        get.timeout_ms = h->config.timeout_ms;
    if (h->config.stall_ms)
        get.stall_ms = h->config.stall_ms;
    if (h->config.attempts)
        get.attempts = h->config.attempts;
    if (get_ready(h, err) < 0 || look_at_url(get.url, &path, err) < 0)
        return -1;
    return path ? http_file_get(&get, path, ret, err) : download(h, &get, ret, err);
}

/* --- life ----------------------------------------------------------------------------------- */

static void curl_http_close(struct http *http)
{
    struct curl_http *h = (struct curl_http *)(void *)http;

    if (h->ready)
        curl_global_cleanup();
    free(h);
}

struct http *curl_http_open(const struct curl_http_config *config)
{
    static const struct http_ops ops = { .get = curl_http_get, .close = curl_http_close };
    struct curl_http *h = xcalloc(1, sizeof(*h));

    h->http.ops = &ops;
    h->config = *config;
    return &h->http;
}
