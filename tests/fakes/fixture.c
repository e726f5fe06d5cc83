#include "fakes/fixture.h"

#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "core/evidence.h"

static int64_t serial; /* so that every digest is another one */
static int64_t now_ms;

void expect_ok(bool ok, struct err **e)
{
    if (ok && !*e)
        return;
    if (*e)
        print_error("unexpected error: %s\n", (*e)->msg);
    fail();
}

void expect_err(enum err_code code, const char *part, struct err **e)
{
    if (!*e)
        fail_msg("no error, but expected: %s", part);
    if ((*e)->code != code || !strstr((*e)->msg, part))
        fail_msg("expected %s '%s', found %s '%s'", err_code_name(code), part,
                 err_code_name((*e)->code), (*e)->msg);
    err_clear(e);
}

static void open_in(struct fixture *f)
{
    AUTO_FREE char *blobs = path_join(f->dir, "blobs");
    AUTO_ERR e = NULL;

    f->s = store_open(f->dir, &e);
    expect_ok(f->s, &e);
    f->b = blobs_open(blobs, &e);
    expect_ok(f->b, &e);
}

struct fixture fixture_open(void)
{
    const char *parent = getenv("TMPDIR");
    struct fixture f = { 0 };
    AUTO_ERR e = NULL;

    f.dir = dir_temp(parent ? parent : "/tmp", "patchlab-test-", &e);
    expect_ok(f.dir, &e);
    open_in(&f);
    return f;
}

void fixture_shut(struct fixture *f)
{
    store_close(f->s);
    blobs_close(f->b);
    f->s = NULL;
    f->b = NULL;
}

void fixture_close(struct fixture *f)
{
    AUTO_ERR e = NULL;

    clock_set(NULL);
    fixture_shut(f);
    expect_ok(dir_remove(f->dir, &e) == 0, &e);
    free(f->dir);
}

void fixture_reopen(struct fixture *f)
{
    fixture_shut(f);
    open_in(f);
}

static void new_digest(char ret[DIGEST_HEX_SIZE])
{
    serial++;
    digest_mem(&serial, sizeof(serial), ret);
}

static int64_t insert(struct fixture *f, const char *sql, const struct arg *args)
{
    AUTO_ERR e = NULL;

    expect_ok(store_exec(f->s, sql, args, &e) == 1, &e);
    return store_last_id(f->s);
}

int64_t fixture_image(struct fixture *f, const char *name, const char *const *servers)
{
    json_t *names = json_array();
    AUTO_JSON *spec = json_pack("{s:{s:o}}", "represents", "servers", names);
    AUTO_FREE char *text = NULL;
    char digest[DIGEST_HEX_SIZE];

    for (; *servers; servers++)
        json_array_append_new(names, json_string(*servers));
    text = json_canonical(spec);
    new_digest(digest);
    return insert(f, "INSERT INTO image (name, digest, spec, created) VALUES (?, ?, ?, 1)",
                  ARGS(A_TEXT(name), A_TEXT(digest), A_TEXT(text)));
}

int64_t fixture_patch(struct fixture *f, const char *name)
{
    char digest[DIGEST_HEX_SIZE];

    new_digest(digest);
    return insert(f,
                  "INSERT INTO patch (name, version, kind, digest, manifest, created)"
                  " VALUES (?, '1.10', 'deb', ?, '{}', 1)",
                  ARGS(A_TEXT(name), A_TEXT(digest)));
}

int64_t fixture_run_of(struct fixture *f, int64_t image, int64_t patch)
{
    AUTO_FREE char *spec = NULL;
    char digest[DIGEST_HEX_SIZE];

    new_digest(digest);
    spec = xasprintf("{\"testcases\":[{\"digest\":\"%s\",\"name\":\"web-shop\"}]}", digest);
    return insert(f,
                  "INSERT INTO run (image, patch, spec, state, created)"
                  " VALUES (?, ?, ?, 'queued', 1)",
                  ARGS(A_INT(image), A_INT(patch), A_TEXT(spec)));
}

int64_t fixture_run(struct fixture *f, ...)
{
    const char *servers[16] = { NULL };
    size_t n = 0;
    va_list ap;

    va_start(ap, f);
    do {
        assert_true(n < ARRAY_LEN(servers));
        servers[n] = va_arg(ap, const char *);
    } while (servers[n++]);
    va_end(ap);
    return fixture_run_of(f, fixture_image(f, "debian-12", servers), fixture_patch(f, "openssl"));
}

static void append(struct fixture *f, int64_t run, const char *kind, json_t *body, char *ret_hash)
{
    AUTO_ERR e = NULL;

    expect_ok(evidence_append(f->s, run, kind, body, ret_hash, &e) == 0, &e);
}

void fixture_verdict(struct fixture *f, int64_t run, const char *verdict)
{
    AUTO_JSON *body = json_pack("{s:s}", "verdict", verdict);
    AUTO_FREE char *summary = json_canonical(body);
    char hash[DIGEST_HEX_SIZE];
    AUTO_ERR e = NULL;
    AUTO_TX tx = tx_begin(f->s, &e);

    expect_ok(tx, &e);
    append(f, run, "run.verdict", body, hash);
    expect_ok(store_exec(f->s,
                         "UPDATE run SET state = 'done', verdict = ?, summary = ?,"
                         " verdict_hash = ?, ended = 2 WHERE id = ?",
                         ARGS(A_TEXT(verdict), A_TEXT(summary), A_TEXT(hash), A_INT(run)), &e)
                  == 1,
              &e);
    expect_ok(tx_commit(&tx, &e) == 0, &e);
}

void fixture_record(struct fixture *f, int64_t run, const char *text)
{
    AUTO_JSON *body = json_pack("{s:s}", "text", text);
    AUTO_ERR e = NULL;
    AUTO_TX tx = tx_begin(f->s, &e);

    expect_ok(tx, &e);
    append(f, run, "note", body, NULL);
    expect_ok(tx_commit(&tx, &e) == 0, &e);
}

void fixture_raw(struct fixture *f, const char *sql)
{
    AUTO_FREE char *path = path_join(f->dir, "patchlab.db");
    sqlite3 *db = NULL;
    int rc = sqlite3_open(path, &db);

    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db, "PRAGMA ignore_check_constraints = ON; PRAGMA synchronous = OFF",
                          NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
    if (rc != SQLITE_OK)
        print_error("raw SQL: %s\n", sqlite3_errmsg(db));
    sqlite3_close(db);
    assert_int_equal(rc, SQLITE_OK);
}

void fixture_drop_triggers(struct fixture *f)
{
    fixture_raw(f, "DROP TRIGGER evidence_no_update; DROP TRIGGER evidence_no_delete;"
                   "DROP TRIGGER evidence_in_order; DROP TRIGGER evidence_moves_tip;"
                   "DROP TRIGGER signoff_no_update; DROP TRIGGER signoff_no_delete;"
                   "DROP TRIGGER signoff_no_replace");
}

int64_t fixture_count(struct fixture *f, const char *sql)
{
    AUTO_ERR e = NULL;
    int64_t n = 0;

    expect_ok(store_int(f->s, sql, NO_ARGS, 0, &n, &e) == 0, &e);
    return n;
}

static int64_t fake_wall(void)
{
    return now_ms;
}

static int64_t fake_mono(void)
{
    return now_ms;
}

static void fake_sleep(int64_t ms)
{
    now_ms += ms;
}

void fixture_time(int64_t ms)
{
    static const struct clock_ops ops = { fake_wall, fake_mono, fake_sleep };

    now_ms = ms;
    clock_set(&ops);
}

/* It ends by a signal, as after exit() valgrind would call the parent's memory lost. */
int64_t fixture_fork(int (*child)(void *arg), void *arg)
{
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0)
        raise(child(arg) == 0 ? SIGKILL : SIGTERM);
    return pid;
}

bool fixture_wait(int64_t pid)
{
    int status = 0;

    assert_int_equal(waitpid((pid_t)pid, &status, 0), (pid_t)pid);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}
