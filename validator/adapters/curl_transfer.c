/* curl_transfer - one attempt at a download; see curl_transfer.h. */
#include "adapters/curl_transfer.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/http_part.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/stop.h"
#include "base/str.h"
#include "base/version.h"

enum { POLL_MS = 200, STALL_BYTES = 512, URL_SHOWN_MAX = 300 };

struct transfer {
    const struct http_get *get;
    char *url; /* as it is shown */
    CURL *easy;
    CURLM *multi;
    struct curl_slist *headers;
    struct http_part part;
    int64_t begin;        /* the offset that was asked for; 0: from the start */
    bool started, keep;   /* the answer was looked at; its body is what we want */
    int64_t total;        /* of the whole content; -1: not said */
    int64_t window_begin; /* of the time in which STALL_BYTES must arrive */
    int64_t window_bytes;
    struct err *err; /* of a callback */
    char reason[CURL_ERROR_SIZE];
};

static void transfer_release(struct transfer *t)
{
    if (t->multi && t->easy)
        curl_multi_remove_handle(t->multi, t->easy);
    curl_easy_cleanup(t->easy);
    curl_multi_cleanup(t->multi);
    curl_slist_free_all(t->headers);
    http_part_release(&t->part);
    free(t->url);
    err_free(t->err);
}

char *curl_shown_url(const char *url)
{
    size_t len = strcspn(url, "?#");

    return str_printable(url, len < URL_SHOWN_MAX ? len : URL_SHOWN_MAX, false);
}

/* --- the answer ----------------------------------------------------------------------------- */

static long status_of(const struct transfer *t)
{
    long status = 0;

    curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

/* Of the last answer, after redirects; NULL when there is none. */
static const char *header(const struct transfer *t, const char *name)
{
    struct curl_header *h;

    return curl_easy_header(t->easy, name, 0, CURLH_HEADER, -1, &h) == CURLHE_OK ? h->value : NULL;
}

/* What If-Range may name: a weak ETag does not promise the same bytes. */
static const char *tag_of(const struct transfer *t)
{
    const char *etag = header(t, "ETag");

    return etag && etag[0] == '"' ? etag : etag ? NULL : header(t, "Last-Modified");
}

static int too_large(struct transfer *t, struct err **err)
{
    const struct http_get *get = t->get;
    bool exact = get->size >= 0 && get->size <= get->max_bytes;

    return err_set(err, ERR_INVALID, "'%s' has more bytes than the %lld that %s", t->url,
                   (long long)(exact ? get->size : get->max_bytes),
                   exact ? "it should have" : "are allowed");
}

static int64_t allowed(const struct http_get *get)
{
    return get->size >= 0 && get->size < get->max_bytes ? get->size : get->max_bytes;
}

/* "bytes 100-199/200": what we asked for, no more. */
static int begin_rest(struct transfer *t, struct err **err)
{
    const char *range = header(t, "Content-Range");
    AUTO_FREE char *want = xasprintf("bytes %lld-", (long long)t->begin);
    const char *slash = range ? strchr(range, '/') : NULL;

    if (t->begin == 0 || !range || !str_starts(range, want)) {
        http_part_restart(&t->part, NULL, err);
        err_clear(err);
        return err_set(err, ERR_IO, "'%s': the server sent another part than the one asked for",
                       t->url);
    }
    if (slash && slash[1] != '*')
        t->total = strtoll(slash + 1, NULL, 10);
    return 0;
}

static int begin_body(struct transfer *t, struct err **err)
{
    long status = status_of(t);
    curl_off_t length = -1;

    t->started = true;
    t->keep = status == 200 || status == 206;
    if (!t->keep)
        return 0;
    if (status == 206)
        return begin_rest(t, err);
    curl_easy_getinfo(t->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    t->total = length;
    t->begin = 0;
    if (length > allowed(t->get))
        return too_large(t, err);
    return http_part_restart(&t->part, tag_of(t), err);
}

static int take_body(struct transfer *t, const char *data, size_t len, struct err **err)
{
    if (!t->started && begin_body(t, err) < 0)
        return -1;
    t->window_bytes += (int64_t)len;
    if (!t->keep)
        return 0;
    if ((int64_t)len > allowed(t->get) - t->part.size) {
        too_large(t, err);
        /* Another attempt would only go on with it. */
        http_part_drop(&t->part);
        return -1;
    }
    return http_part_write(&t->part, data, len, err);
}

static size_t on_body(char *data, size_t size, size_t n, void *arg)
{
    struct transfer *t = arg;

    return take_body(t, data, size * n, &t->err) < 0 ? 0 : size * n;
}

/* --- asking --------------------------------------------------------------------------------- */

static void add_header(struct transfer *t, const char *name, const char *value)
{
    AUTO_FREE char *line = xasprintf("%s: %s", name, value);

    t->headers = curl_slist_append(t->headers, line);
}

static void ask_for_rest(struct transfer *t)
{
    if (t->part.size == 0 || (!t->part.tag && !t->get->immutable))
        return;
    /* Complete already, or too long: only a new start can tell. */
    if (t->get->size >= 0 && t->part.size >= t->get->size)
        return;
    AUTO_FREE char *range = xasprintf("bytes=%lld-", (long long)t->part.size);
    t->begin = t->part.size;
    add_header(t, "Range", range);
    if (t->part.tag)
        add_header(t, "If-Range", t->part.tag);
}

static void ask_for_news(struct transfer *t)
{
    if (t->get->etag)
        add_header(t, "If-None-Match", t->get->etag);
    else if (t->get->modified)
        add_header(t, "If-Modified-Since", t->get->modified);
}

static void set_options(struct transfer *t, const struct curl_http_config *config)
{
    CURL *c = t->easy;
    bool secure = str_starts(t->get->url, "https:");

    curl_easy_setopt(c, CURLOPT_URL, t->get->url);
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR, secure ? "https" : "http,https");
    curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(c, CURLOPT_MAXREDIRS, (long)t->get->redirects);
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)t->get->stall_ms);
    curl_easy_setopt(c, CURLOPT_USERAGENT, "patchlab/" PATCHLAB_VERSION);
    curl_easy_setopt(c, CURLOPT_HTTPHEADER, t->headers);
    curl_easy_setopt(c, CURLOPT_ERRORBUFFER, t->reason);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, t);
    if (config->ca)
        curl_easy_setopt(c, CURLOPT_CAINFO, config->ca);
    if (config->netrc) {
        curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_OPTIONAL);
        curl_easy_setopt(c, CURLOPT_NETRC_FILE, config->netrc);
    }
}

static int prepare(struct transfer *t, const struct curl_http_config *config, struct err **err)
{
    t->easy = curl_easy_init();
    t->multi = curl_multi_init();
    if (!t->easy || !t->multi)
        return err_set(err, ERR_IO, "libcurl is out of memory");
    if (http_part_open(&t->part, t->get->to, err) < 0)
        return -1;
    ask_for_rest(t);
    if (t->begin == 0)
        ask_for_news(t);
    set_options(t, config);
    curl_multi_add_handle(t->multi, t->easy);
    t->window_begin = clock_mono_ms();
    return 0;
}

/* --- waiting -------------------------------------------------------------------------------- */

static int check_time(struct transfer *t, int64_t deadline, struct err **err)
{
    int64_t now = clock_mono_ms();

    if (now >= deadline)
        return err_set(err, ERR_TIMEOUT, "'%s' did not arrive within %lld s", t->url,
                       (long long)t->get->timeout_ms / 1000);
    if (now - t->window_begin < t->get->stall_ms)
        return 0;
    if (t->window_bytes < STALL_BYTES)
        return err_set(err, ERR_TIMEOUT, "'%s': the server was silent for %lld s", t->url,
                       (long long)t->get->stall_ms / 1000);
    t->window_begin = now;
    t->window_bytes = 0;
    return 0;
}

static int wait_for_end(struct transfer *t, int64_t deadline, CURLcode *ret, struct err **err)
{
    struct curl_waitfd stop = { .fd = stop_fd(t->get->stop), .events = CURL_WAIT_POLLIN };
    int running = 1, left;

    while (running) {
        if (curl_multi_perform(t->multi, &running) != CURLM_OK)
            return err_set(err, ERR_IO, "'%s': libcurl failed", t->url);
        if (t->get->progress && t->keep)
            t->get->progress(t->get->arg, t->part.size, t->total);
        if (!running)
            break;
        if (stop_check(t->get->stop, err) < 0 || check_time(t, deadline, err) < 0)
            return -1;
        curl_multi_poll(t->multi, &stop, stop.fd >= 0, POLL_MS, NULL);
    }
    const struct CURLMsg *m = curl_multi_info_read(t->multi, &left);
    *ret = m ? m->data.result : CURLE_FAILED_INIT;
    return 0;
}

/* --- what it means -------------------------------------------------------------------------- */

static const struct meaning {
    CURLcode rc;
    enum err_code code;
    enum transfer_end end;
} meanings[] = {
    { CURLE_COULDNT_RESOLVE_HOST, ERR_IO, TRANSFER_AGAIN },
    { CURLE_COULDNT_RESOLVE_PROXY, ERR_IO, TRANSFER_AGAIN },
    { CURLE_COULDNT_CONNECT, ERR_IO, TRANSFER_AGAIN },
    { CURLE_PARTIAL_FILE, ERR_IO, TRANSFER_AGAIN },
    { CURLE_OPERATION_TIMEDOUT, ERR_TIMEOUT, TRANSFER_AGAIN },
    { CURLE_GOT_NOTHING, ERR_IO, TRANSFER_AGAIN },
    { CURLE_SEND_ERROR, ERR_IO, TRANSFER_AGAIN },
    { CURLE_RECV_ERROR, ERR_IO, TRANSFER_AGAIN },
    { CURLE_HTTP2, ERR_IO, TRANSFER_AGAIN },
    { CURLE_HTTP2_STREAM, ERR_IO, TRANSFER_AGAIN },
    { CURLE_SSL_CONNECT_ERROR, ERR_IO, TRANSFER_AGAIN },
    { CURLE_PEER_FAILED_VERIFICATION, ERR_DENIED, TRANSFER_FAILED },
    { CURLE_SSL_CACERT_BADFILE, ERR_DENIED, TRANSFER_FAILED },
    { CURLE_TOO_MANY_REDIRECTS, ERR_INVALID, TRANSFER_FAILED },
    { CURLE_UNSUPPORTED_PROTOCOL, ERR_INVALID, TRANSFER_FAILED },
    { CURLE_URL_MALFORMAT, ERR_INVALID, TRANSFER_FAILED },
};

static enum transfer_end explain(const struct transfer *t, CURLcode rc, struct err **err)
{
    const struct meaning *m = NULL;

    for (size_t i = 0; i < ARRAY_LEN(meanings) && !m; i++) {
        if (meanings[i].rc == rc)
            m = &meanings[i];
    }
    const char *raw = t->reason[0] ? t->reason : curl_easy_strerror(rc);
    AUTO_FREE char *said = str_printable(raw, strlen(raw), false);
    err_set(err, m ? m->code : ERR_IO, "cannot download '%s': %s", t->url, said);
    return m ? m->end : TRANSFER_FAILED;
}

static enum transfer_end refused(const struct transfer *t, long status, int64_t *ret_after_ms,
                                 struct err **err)
{
    curl_off_t after = 0;

    if (status == 404 || status == 410) {
        err_set(err, ERR_NOT_FOUND, "'%s' is not there (%ld)", t->url, status);
        return TRANSFER_FAILED;
    }
    if (status == 401 || status == 403 || status == 407) {
        err_set(err, ERR_DENIED, "'%s': the server refuses it (%ld)", t->url, status);
        err_hint(err, "credentials for it belong in the netrc file");
        return TRANSFER_FAILED;
    }
    err_set(err, ERR_IO, "'%s': the server answers with status %ld", t->url, status);
    curl_easy_getinfo(t->easy, CURLINFO_RETRY_AFTER, &after);
    *ret_after_ms = after > 0 && after < INT64_MAX / 1000 ? after * 1000 : 0;
    return status == 408 || status == 425 || status == 429 || status >= 500 ? TRANSFER_AGAIN
                                                                            : TRANSFER_FAILED;
}

static void take_answer(const struct transfer *t, struct http_answer *ret)
{
    *ret = (struct http_answer){
        .etag = xstrdup(header(t, "ETag")),
        .modified = xstrdup(header(t, "Last-Modified")),
        .size = t->part.size,
        .resumed_at = t->begin,
    };
}

static enum transfer_end finish(struct transfer *t, struct http_answer *ret, struct err **err)
{
    /* An empty file has no body that could begin. */
    if (!t->started && begin_body(t, err) < 0)
        return TRANSFER_FAILED;
    if (t->get->size >= 0 && t->part.size != t->get->size) {
        err_set(err, ERR_IO, "'%s' is truncated: %lld of %lld bytes", t->url,
                (long long)t->part.size, (long long)t->get->size);
        return TRANSFER_AGAIN;
    }
    take_answer(t, ret);
    return http_part_commit(&t->part, err) < 0 ? TRANSFER_FAILED : TRANSFER_DONE;
}

static enum transfer_end conclude(struct transfer *t, CURLcode rc, int64_t *ret_after_ms,
                                  struct http_answer *ret, struct err **err)
{
    long status = status_of(t);

    if (t->err) {
        *err = TAKE(t->err);
        return (*err)->code == ERR_IO ? TRANSFER_AGAIN : TRANSFER_FAILED;
    }
    if (rc != CURLE_OK)
        return explain(t, rc, err);
    if (status == 304 && (t->get->etag || t->get->modified)) {
        take_answer(t, ret);
        ret->unchanged = true;
        return TRANSFER_DONE;
    }
    if (status == 416 && t->begin > 0) {
        http_part_restart(&t->part, NULL, err);
        err_clear(err);
        err_set(err, ERR_IO, "'%s': the server has no more of it", t->url);
        return TRANSFER_AGAIN;
    }
    if (status != 200 && status != 206)
        return refused(t, status, ret_after_ms, err);
    return finish(t, ret, err);
}

enum transfer_end curl_transfer(const struct curl_http_config *config, const struct http_get *get,
                                int64_t deadline, int64_t *ret_after_ms, struct http_answer *ret,
                                struct err **err)
{
    __attribute__((cleanup(transfer_release))) struct transfer t = {
        .get = get,
        .url = curl_shown_url(get->url),
        .part = HTTP_PART_NONE,
        .total = -1,
    };
    CURLcode rc = CURLE_OK;

    if (prepare(&t, config, err) < 0)
        return TRANSFER_FAILED;
    if (wait_for_end(&t, deadline, &rc, err) < 0)
        return (*err)->code == ERR_TIMEOUT && clock_left_ms(deadline) > 0 ? TRANSFER_AGAIN
                                                                          : TRANSFER_FAILED;
    return conclude(&t, rc, ret_after_ms, ret, err);
}
