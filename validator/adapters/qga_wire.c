/* Single commands of the QEMU guest agent; replies are hostile and read strictly. */
#include "adapters/qga_wire.h"

#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/stop.h"

enum { REPLY_MAX = 4 << 20, CALL_MS = 10000, POLL_MIN_MS = 20, POLL_MAX_MS = 100 };

static const char no_file[] = "No such file or directory";

json_t *qga_call(struct qga *g, const char *name, json_t *args, int64_t timeout_ms,
                 struct err **err)
{
    AUTO_JSON *request = json_pack("{s:s}", "execute", name);
    AUTO_FREE char *reply = NULL;

    if (args)
        json_object_set_new(request, "arguments", args);
    AUTO_FREE char *text = json_canonical(request);
    int seconds = timeout_ms > 1000 ? (int)(timeout_ms / 1000) : 1;
    if (stop_check(g->stop, err) < 0
        || g->channel.command(g->channel.arg, text, seconds, &reply, err) < 0)
        return NULL;

    AUTO_JSON *answer = json_parse(reply, strlen(reply), REPLY_MAX, "agent reply", err);
    if (!answer)
        return NULL;
    json_t *error = json_object_get(answer, "error");
    if (error) {
        const char *desc = json_str_at(error, "desc");
        AUTO_FREE char *shown = str_printable(desc ? desc : "", desc ? strlen(desc) : 0, false);
        err_set(err, desc && strstr(desc, no_file) ? ERR_NOT_FOUND : ERR_IO,
                "the guest agent refused '%s': %s", name, shown);
        return NULL;
    }
    json_t *value = json_object_get(answer, "return");
    if (!value) {
        err_set(err, ERR_IO, "the guest agent answered '%s' without a result", name);
        return NULL;
    }
    return json_incref(value);
}

char *qga_base64(const json_t *reply, const char *key, size_t max, size_t *ret_len,
                 struct err **err)
{
    const char *text = json_str_at(reply, key);
    size_t len = text ? strlen(text) : 0;
    char *out = len / 4 * 3 <= max + 3 ? base64_decode(text ? text : "", len, ret_len) : NULL;

    if (!out)
        err_set(err, ERR_IO, "the guest agent sent a bad '%s' of %zu characters", key, len);
    return out;
}

static json_t *json_list(const char *const *v)
{
    json_t *list = json_array();

    for (; v && *v; v++)
        json_array_append_new(list, json_text(*v));
    return list;
}

int qga_spawn(struct qga *g, const char *const *argv, const char *const *env, int64_t *ret_pid,
              struct err **err)
{
    json_t *args = json_pack("{s:s, s:o, s:o, s:b}", "path", argv[0], "arg", json_list(argv + 1),
                             "env", json_list(env), "capture-output", 1);
    AUTO_JSON *reply = qga_call(g, "guest-exec", args, CALL_MS, err);

    if (!reply)
        return -1;
    const json_t *pid = json_object_get(reply, "pid");
    if (!json_is_integer(pid))
        return err_set(err, ERR_IO, "the guest agent started a command but gave no process id");
    *ret_pid = json_integer_value(pid);
    return 0;
}

static int collect(const json_t *reply, int *ret_code, char **ret_out, size_t *ret_len,
                   struct err **err)
{
    const json_t *signo = json_object_get(reply, "signal");

    char *out = qga_base64(reply, "out-data", 2 * QGA_INLINE_MAX, ret_len, err);
    if (!out)
        return -1;
    *ret_code = signo ? 128 + (int)json_integer_value(signo) : (int)json_int_at(reply, "exitcode");
    *ret_out = out;
    return 0;
}

int qga_status(struct qga *g, int64_t pid, int *ret_code, char **ret_out, size_t *ret_len,
               struct err **err)
{
    AUTO_JSON *reply = qga_call(g, "guest-exec-status", json_pack("{s:I}", "pid", (json_int_t)pid),
                                CALL_MS, err);

    if (!reply)
        return -1;
    if (!json_is_true(json_object_get(reply, "exited")))
        return 0;
    return collect(reply, ret_code, ret_out, ret_len, err) < 0 ? -1 : 1;
}

int64_t qga_pause(int64_t elapsed_ms)
{
    int64_t pause = elapsed_ms / 4;

    return pause < POLL_MIN_MS ? POLL_MIN_MS : pause > POLL_MAX_MS ? POLL_MAX_MS : pause;
}

int qga_wait_exit(struct qga *g, int64_t pid, int64_t timeout_ms, int *ret_code, char **ret_out,
                  size_t *ret_len, struct err **err)
{
    int64_t begin = clock_mono_ms(), deadline = clock_deadline(timeout_ms);

    for (;;) {
        int rc = qga_status(g, pid, ret_code, ret_out, ret_len, err);
        if (rc)
            return rc < 0 ? -1 : 0;
        if (clock_left_ms(deadline) == 0)
            return err_set(err, ERR_TIMEOUT, "a command in the guest did not end in time");
        if (stop_sleep(g->stop, qga_pause(clock_mono_ms() - begin), err) < 0)
            return -1;
    }
}

static int read_chunks(struct qga *g, json_int_t handle, size_t max, struct str *ret,
                       struct err **err)
{
    size_t begin = ret->len;

    while (ret->len - begin < max) {
        size_t want = max - (ret->len - begin) < QGA_CHUNK ? max - (ret->len - begin) : QGA_CHUNK;
        AUTO_JSON *reply = qga_call(
            g, "guest-file-read",
            json_pack("{s:I, s:I}", "handle", handle, "count", (json_int_t)want), CALL_MS, err);
        if (!reply)
            return -1;
        size_t len = 0;
        AUTO_FREE char *data = qga_base64(reply, "buf-b64", want, &len, err);
        if (!data)
            return -1;
        str_add_mem(ret, data, len);
        if (len == 0 || ret->truncated)
            break;
    }
    return 0;
}

static json_t *open_file(struct qga *g, const char *path, const char *mode, struct err **err)
{
    json_t *handle = qga_call(g, "guest-file-open",
                              json_pack("{s:s, s:s}", "path", path, "mode", mode), CALL_MS, err);

    if (!handle)
        err_wrap(err, "open '%s' in the guest", path);
    return handle;
}

static int close_file(struct qga *g, json_int_t handle, struct err **err)
{
    AUTO_JSON *closed = qga_call(g, "guest-file-close", json_pack("{s:I}", "handle", handle),
                                 CALL_MS, err);

    return closed ? 0 : -1;
}

int qga_read(struct qga *g, const char *path, int64_t offset, size_t max, struct str *ret,
             struct err **err)
{
    AUTO_JSON *opened = open_file(g, path, "r", err);

    if (!opened)
        return -1;
    json_int_t handle = json_integer_value(opened);
    int rc = 0;
    if (offset) {
        AUTO_JSON *sought = qga_call(g, "guest-file-seek",
                                     json_pack("{s:I, s:I, s:s}", "handle", handle, "offset",
                                               (json_int_t)offset, "whence", "set"),
                                     CALL_MS, err);
        rc = sought ? 0 : -1;
    }
    if (rc == 0)
        rc = read_chunks(g, handle, max, ret, err);

    AUTO_ERR ignored = NULL;
    close_file(g, handle, &ignored);
    return rc;
}

static int write_chunk(struct qga *g, json_int_t handle, const char *data, size_t len,
                       struct err **err)
{
    AUTO_FREE char *text = base64_encode(data, len);
    json_t *args = json_pack("{s:I, s:s}", "handle", handle, "buf-b64", text);
    AUTO_JSON *reply = qga_call(g, "guest-file-write", args, CALL_MS, err);

    explicit_bzero(text, strlen(text));
    if (!reply)
        return -1;
    if (json_int_at(reply, "count") != (json_int_t)len)
        return err_set(err, ERR_IO, "the guest took %lld of %zu bytes",
                       (long long)json_int_at(reply, "count"), len);
    return 0;
}

int qga_overwrite(struct qga *g, const char *path, const void *data, size_t len, struct err **err)
{
    AUTO_JSON *opened = open_file(g, path, "w", err);
    json_int_t handle = json_integer_value(opened);
    int rc = 0;

    if (!opened)
        return -1;
    for (size_t at = 0; at < len && rc == 0; at += QGA_CHUNK) {
        size_t n = len - at < QGA_CHUNK ? len - at : QGA_CHUNK;
        rc = write_chunk(g, handle, (const char *)data + at, n, err);
    }
    AUTO_ERR unclosed = NULL;
    if (close_file(g, handle, &unclosed) < 0 && rc == 0) { /* what is written may come only now */
        *err = TAKE(unclosed);
        rc = -1;
    }
    return rc < 0 ? err_wrap(err, "write '%s' in the guest", path) : 0;
}
