/* curl-http: downloads from a server on loopback that answers as it is told, well or badly. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/curl_http.h"
#include "base.h"
#include "base/stop.h"

enum { LINES_MAX = 16, BIG = 1 << 20 };

/* The n-th connection gets the n-th reply; then it is closed, or left open in silence. */
struct reply {
    const char *text;
    bool hang;
};

struct server {
    const struct reply *replies;
    int fd, port;
    size_t served;
    struct str asked[LINES_MAX];
    pthread_t thread;
    struct stop *over;
};

static void read_request(int fd, struct str *ret)
{
    char c;

    *ret = (struct str)STR_INIT(8192);
    while (!str_ends(ret->ptr, "\r\n\r\n") && read(fd, &c, 1) == 1)
        str_add_mem(ret, &c, 1);
}

static void serve(struct server *s, int fd)
{
    const struct reply *r = &s->replies[s->served];
    AUTO_ERR ignored = NULL;

    read_request(fd, &s->asked[s->served++]);
    if (write(fd, r->text, strlen(r->text)) < 0)
        return;
    if (r->hang)
        stop_sleep(s->over, 20000, &ignored);
}

static void *server_main(void *arg)
{
    struct server *s = arg;
    struct pollfd fds[] = { { .fd = s->fd, .events = POLLIN },
                            { .fd = stop_fd(s->over), .events = POLLIN } };

    while (poll(fds, 2, -1) > 0 && !stop_raised(s->over)) {
        AUTO_FD fd = accept(s->fd, NULL, NULL);
        if (fd >= 0 && s->replies[s->served].text)
            serve(s, fd);
    }
    return NULL;
}

static struct server *server_start(const struct reply *replies)
{
    struct server *s = xcalloc(1, sizeof(*s));
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    socklen_t len = sizeof(a);

    s->replies = replies;
    s->over = stop_new();
    s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(s->fd, (struct sockaddr *)(void *)&a, sizeof(a)), 0);
    assert_int_equal(listen(s->fd, 8), 0);
    assert_int_equal(getsockname(s->fd, (struct sockaddr *)(void *)&a, &len), 0);
    s->port = ntohs(a.sin_port);
    assert_int_equal(pthread_create(&s->thread, NULL, server_main, s), 0);
    return s;
}

static void server_stopp(struct server **sp)
{
    struct server *s = *sp;

    stop_raise(s->over, 0);
    pthread_join(s->thread, NULL);
    close(s->fd);
    stop_free(s->over);
    for (size_t i = 0; i < s->served; i++)
        str_release(&s->asked[i]);
    free(s);
}
#define AUTO_SERVER __attribute__((cleanup(server_stopp))) struct server *

static int get_with(const struct curl_http_config *config, struct http_get *get,
                    struct http_answer *ret, struct err **err)
{
    struct http *h = curl_http_open(config);
    int rc = h->ops->get(h, get, ret, err);
    h->ops->close(h);
    return rc;
}

static int get(struct http_get *g, struct http_answer *ret, struct err **err)
{
    const struct curl_http_config config = { 0 };

    return get_with(&config, g, ret, err);
}

/* A download into the private directory of the test, quick to give up. */
struct job {
    struct http_get get;
    char *url, *to, *part;
};

static struct job job_of(void **state, const struct server *s, const char *path)
{
    struct job j = { .get = HTTP_GET_DEFAULT };

    j.url = s ? xasprintf("http://127.0.0.1:%d%s", s->port, path) : xstrdup(path);
    j.to = path_join(*state, "got");
    j.part = path_join(*state, "got.part");
    j.get.url = j.url;
    j.get.to = j.to;
    j.get.max_bytes = BIG;
    j.get.pause_ms = 1;
    j.get.stall_ms = 300;
    return j;
}

static void job_release(struct job *j)
{
    free(j->url);
    free(j->to);
    free(j->part);
}
#define AUTO_JOB __attribute__((cleanup(job_release))) struct job

static void expect_text(const char *path, const char *want)
{
    AUTO_ERR e = NULL;
    AUTO_FREE char *text = file_read(path, BIG, NULL, &e);

    expect_ok(text ? 0 : -1, &e);
    assert_string_equal(text, want);
}

static void expect_refused(struct job *j, enum err_code code, const char *part)
{
    AUTO_HTTP_ANSWER a = { 0 };
    AUTO_ERR e = NULL;

    expect_err(get(&j->get, &a, &e), code, part, &e);
    assert_false(file_exists(j->to));
}

static void a_file_arrives(void **state)
{
    const struct reply replies[] = {
        { "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: \"a\"\r\nLast-Modified: Sat, 11 Jul 2026"
          " 10:02:43 GMT\r\nConnection: close\r\n\r\nhello" },
        { "HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\nConnection: close\r\n\r\n" },
        { "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" },
        { 0 },
    };
    AUTO_SERVER s = server_start(replies);
    AUTO_JOB j = job_of(state, s, "/x?secret");
    AUTO_HTTP_ANSWER a = { 0 }, b = { 0 }, c = { 0 };
    AUTO_ERR e = NULL;

    expect_ok(get(&j.get, &a, &e), &e);
    expect_text(j.to, "hello");
    assert_string_equal(a.etag, "\"a\"");
    assert_string_equal(a.modified, "Sat, 11 Jul 2026 10:02:43 GMT");
    assert_int_equal(a.size, 5);
    assert_false(a.unchanged);
    assert_false(file_exists(j.part));
    j.get.etag = a.etag;
    expect_ok(get(&j.get, &b, &e), &e);
    assert_true(b.unchanged);
    assert_non_null(strstr(s->asked[1].ptr, "If-None-Match: \"a\"\r\n"));
    expect_text(j.to, "hello");
    j.get.etag = NULL;
    expect_ok(get(&j.get, &c, &e), &e);
    expect_text(j.to, "");
    assert_null(c.etag);
}

static void a_torn_download_goes_on(void **state)
{
    const struct reply replies[] = {
        { "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nETag: \"a\"\r\n\r\nhello" },
        { "HTTP/1.1 206 Partial\r\nContent-Length: 5\r\nContent-Range: bytes 5-9/10\r\n"
          "Connection: close\r\n\r\nworld" },
        { 0 },
    };
    AUTO_SERVER s = server_start(replies);
    AUTO_JOB j = job_of(state, s, "/x");
    AUTO_HTTP_ANSWER a = { 0 };
    AUTO_ERR e = NULL;

    j.get.attempts = 1;
    expect_refused(&j, ERR_IO, "cannot download 'http://127.0.0.1:");
    expect_text(j.part, "hello");
    expect_ok(get(&j.get, &a, &e), &e);
    assert_non_null(strstr(s->asked[1].ptr, "Range: bytes=5-\r\n"));
    assert_non_null(strstr(s->asked[1].ptr, "If-Range: \"a\"\r\n"));
    expect_text(j.to, "helloworld");
    assert_int_equal(a.resumed_at, 5);
}

static void another_content_starts_anew(void **state)
{
    const struct reply replies[] = {
        { "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nETag: \"a\"\r\n\r\nhello" },
        { "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nETag: \"b\"\r\n\r\nnew" },
        { 0 },
    };
    AUTO_SERVER s = server_start(replies);
    AUTO_JOB j = job_of(state, s, "/x");
    AUTO_HTTP_ANSWER a = { 0 };
    AUTO_ERR e = NULL;

    expect_ok(get(&j.get, &a, &e), &e); /* the second attempt */
    expect_text(j.to, "new");
    assert_int_equal(s->served, 2);
    assert_int_equal(a.resumed_at, 0);
}

/* Without a validator only a URL that names its content may go on. */
static void what_cannot_be_told_apart_starts_anew(void **state)
{
    const struct reply replies[] = {
        { "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nETag: W/\"a\"\r\n\r\nhello" },
        { "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello" },
        { "HTTP/1.1 206 Partial\r\nContent-Range: bytes 5-9/10\r\nContent-Length: 5\r\n\r\nworld" },
        { 0 },
    };
    AUTO_SERVER s = server_start(replies);
    AUTO_JOB j = job_of(state, s, "/x");
    AUTO_HTTP_ANSWER a = { 0 };
    AUTO_ERR e = NULL;

    j.get.attempts = 2;
    expect_refused(&j, ERR_IO, "cannot download");
    assert_null(strstr(s->asked[1].ptr, "Range:"));
    j.get.immutable = true;
    j.get.size = 10;
    expect_ok(get(&j.get, &a, &e), &e);
    assert_null(strstr(s->asked[2].ptr, "If-Range:"));
    expect_text(j.to, "helloworld");
}

static void a_wrong_rest_is_not_taken(void **state)
{
    const struct reply replies[] = {
        { "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nETag: \"a\"\r\n\r\nhello" },
        { "HTTP/1.1 206 Partial\r\nContent-Range: bytes 7-9/10\r\nContent-Length: 3\r\n\r\nrld" },
        { "HTTP/1.1 416 No\r\nContent-Length: 0\r\n\r\n" },
        { 0 },
    };
    AUTO_SERVER s = server_start(replies);
    AUTO_JOB j = job_of(state, s, "/x");

    j.get.attempts = 2;
    expect_refused(&j, ERR_IO, "another part than the one asked for");
    assert_false(file_exists(j.part));
    j.get.attempts = 1;
    expect_refused(&j, ERR_IO, "answers with status 416");
}

static void what_may_pass_is_tried_again(void **state)
{
    const struct reply replies[] = {
        { "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy" },
        { "HTTP/1.1 429 Slow down\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n" },
        { "" },
        { "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" },
        { "HTTP/1.1 503 Busy\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n" },
        { 0 },
    };
    AUTO_SERVER s = server_start(replies);
    AUTO_JOB j = job_of(state, s, "/x");
    AUTO_HTTP_ANSWER a = { 0 };
    AUTO_ERR e = NULL;

    expect_ok(get(&j.get, &a, &e), &e);
    expect_text(j.to, "ok");
    unlink(j.to);
    expect_err(get(&j.get, &a, &e), ERR_IO, "status 503", &e);
    assert_int_equal(s->served, 5);
}

static void refusals_are_final(void **state)
{
    const struct reply replies[] = {
        { "HTTP/1.1 404 No\r\nContent-Length: 5\r\n\r\nsorry" },
        { "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n" },
        { "HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n" },
        { 0 },
    };
    AUTO_SERVER s = server_start(replies);
    AUTO_JOB j = job_of(state, s, "/x?token=geheim");

    expect_refused(&j, ERR_NOT_FOUND, "/x' is not there (404)");
    expect_refused(&j, ERR_DENIED, "the server refuses it (403)");
    expect_refused(&j, ERR_IO, "answers with status 400");
    assert_int_equal(s->served, 3);
    assert_false(file_exists(j.part));
}

static void sizes_are_limited(void **state)
{
    const struct reply replies[] = {
        { "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\nx" },
        { "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\n\r\n0123456789" },
        { "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\n\r\n0123" },
        { 0 },
    };
    AUTO_SERVER s = server_start(replies);
    AUTO_JOB j = job_of(state, s, "/x");

    expect_refused(&j, ERR_INVALID, "has more bytes than the 1048576 that are allowed");
    j.get.max_bytes = 9;
    expect_refused(&j, ERR_INVALID, "has more bytes than the 9 that are allowed");
    assert_false(file_exists(j.part));
    j.get.size = 5;
    j.get.attempts = 1;
    expect_refused(&j, ERR_IO, "is truncated: 4 of 5 bytes");
}

static void silence_is_limited(void **state)
{
    const struct reply replies[] = {
        { "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123", .hang = true },
        { 0 },
    };
    AUTO_SERVER s = server_start(replies);
    AUTO_JOB j = job_of(state, s, "/x");

    j.get.attempts = 1;
    expect_refused(&j, ERR_TIMEOUT, "the server was silent");
}

static void time_is_limited(void **state)
{
    const struct reply replies[] = { { "", .hang = true }, { 0 } };
    AUTO_SERVER s = server_start(replies);
    AUTO_JOB j = job_of(state, s, "/x");

    j.get.timeout_ms = 200;
    j.get.stall_ms = 10000;
    expect_refused(&j, ERR_TIMEOUT, "did not arrive within");
}

static void a_stop_ends_it_at_once(void **state)
{
    const struct reply replies[] = { { "", .hang = true }, { 0 } };
    AUTO_SERVER s = server_start(replies);
    AUTO_JOB j = job_of(state, s, "/x");
    AUTO_STOP stop = stop_new();

    stop_raise(stop, 0);
    j.get.stop = stop;
    expect_refused(&j, ERR_CANCELLED, "interrupted");
}

#define MOVED "HTTP/1.1 302 There\r\nConnection: close\r\nLocation: "
static void redirects_are_limited(void **state)
{
    const struct reply replies[] = {
        { MOVED "/there\r\nContent-Length: 3\r\n\r\nyon" },
        { "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhere" },
        { MOVED "file:///etc/passwd\r\nContent-Length: 0\r\n\r\n" },
        { MOVED "/a\r\nContent-Length: 0\r\n\r\n" },
        { MOVED "/b\r\nContent-Length: 0\r\n\r\n" },
        { 0 },
    };
    AUTO_SERVER s = server_start(replies);
    AUTO_JOB j = job_of(state, s, "/x");
    AUTO_HTTP_ANSWER a = { 0 };
    AUTO_ERR e = NULL;

    expect_ok(get(&j.get, &a, &e), &e);
    expect_text(j.to, "here");
    unlink(j.to);
    expect_refused(&j, ERR_INVALID, "cannot download");
    j.get.redirects = 1;
    expect_refused(&j, ERR_INVALID, "redirects");
}

static void credentials_come_from_a_private_file(void **state)
{
    const struct reply replies[] = { { "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" }, { 0 } };
    AUTO_SERVER s = server_start(replies);
    AUTO_JOB j = job_of(state, s, "/x");
    AUTO_FREE char *netrc = path_join(*state, "netrc");
    const struct curl_http_config config = { .netrc = netrc };
    static const char text[] = "machine 127.0.0.1 login ann password geheim\n";
    AUTO_HTTP_ANSWER a = { 0 };
    AUTO_ERR e = NULL;

    expect_err(get_with(&config, &j.get, &a, &e), ERR_NOT_FOUND, "no netrc file", &e);
    expect_ok(file_write(netrc, text, strlen(text), 0644, &e), &e);
    expect_err(get_with(&config, &j.get, &a, &e), ERR_DENIED, "others may read", &e);
    assert_int_equal(chmod(netrc, 0600), 0);
    expect_ok(get_with(&config, &j.get, &a, &e), &e);
    assert_non_null(strstr(s->asked[0].ptr, "Authorization: Basic YW5uOmdlaGVpbQ=="));
}

static void bad_urls_are_refused(void **state)
{
    static const struct {
        const char *url, *part;
    } bad[] = {
        { "http://ann:geheim@127.0.0.1/x", "the URL holds a user or a password" },
        { "gopher://127.0.0.1/x", "expected http, https or file" },
        { "nonsense", "is no URL" },
        { "", "is no URL" },
    };

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        AUTO_JOB j = job_of(state, NULL, bad[i].url);
        expect_refused(&j, ERR_INVALID, bad[i].part);
    }
}

static void nobody_listens(void **state)
{
    AUTO_JOB j = job_of(state, NULL, "http://127.0.0.1:1/x");

    j.get.attempts = 2;
    expect_refused(&j, ERR_IO, "cannot download 'http://127.0.0.1:1/x'");
}

static void files_are_copied(void **state)
{
    AUTO_FREE char *from = path_join(*state, "a file");
    AUTO_FREE char *url = xasprintf("file://%s/a%%20file", (char *)*state);
    AUTO_JOB j = job_of(state, NULL, url);
    AUTO_HTTP_ANSWER a = { 0 }, b = { 0 };
    AUTO_ERR e = NULL;

    expect_refused(&j, ERR_NOT_FOUND, "a file");
    expect_ok(file_write(from, "hello", 5, 0644, &e), &e);
    j.get.size = 4;
    expect_refused(&j, ERR_INVALID, "has 5 bytes, not 4");
    j.get.size = -1;
    j.get.max_bytes = 4;
    expect_refused(&j, ERR_INVALID, "more than the 4 that are allowed");
    j.get.max_bytes = 5;
    expect_ok(get(&j.get, &a, &e), &e);
    expect_text(j.to, "hello");
    j.get.etag = a.etag;
    expect_ok(get(&j.get, &b, &e), &e);
    assert_true(b.unchanged);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(a_file_arrives),
        scratch_test(a_torn_download_goes_on),
        scratch_test(another_content_starts_anew),
        scratch_test(what_cannot_be_told_apart_starts_anew),
        scratch_test(a_wrong_rest_is_not_taken),
        scratch_test(what_may_pass_is_tried_again),
        scratch_test(refusals_are_final),
        scratch_test(sizes_are_limited),
        scratch_test(silence_is_limited),
        scratch_test(time_is_limited),
        scratch_test(a_stop_ends_it_at_once),
        scratch_test(redirects_are_limited),
        scratch_test(credentials_come_from_a_private_file),
        scratch_test(bad_urls_are_refused),
        scratch_test(nobody_listens),
        scratch_test(files_are_copied),
    };

    unsetenv("http_proxy");
    return cmocka_run_group_tests_name("curl-http", tests, NULL, NULL);
}
