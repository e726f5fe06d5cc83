/* The params file and the files of its secrets; see params.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/decode.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/node.h"
#include "core/params.h"
#include "core/testcase.h"

/* The file, taken apart; both are NULL when it does not have the key. */
struct source {
    const char *file;
    const struct node *values, *secrets;
};

/* --- its form ------------------------------------------------------------------------------- */

static int check_names(const struct decoder *d, const struct node *n, const char *path,
                       struct err **err)
{
    if (n->kind != NODE_MAP)
        return decode_error(d, n, path, err, "expected a map of parameters by their names");
    for (size_t i = 0; i < n->len; i++) {
        AUTO_FREE char *below = xasprintf("%s.%s", path, n->keys[i]);
        if (!param_name_is_valid(n->keys[i]))
            return decode_error(d, n->items[i], below, err,
                                "expected a name of a-z, 0-9 and '-', a letter first, at most 64");
    }
    return 0;
}

static int decode_values(const struct decoder *d, const struct node *n, const char *path,
                         void *target, struct err **err)
{
    if (check_names(d, n, path, err) < 0)
        return -1;
    for (size_t i = 0; i < n->len; i++) {
        const struct field fields[] = { { n->keys[i], FIELD_TEXT, 0 }, { 0 } };
        const struct node one = { .kind = NODE_MAP,
                                  .line = n->line,
                                  .items = &n->items[i],
                                  .keys = &n->keys[i],
                                  .key_lines = &n->key_lines[i],
                                  .len = 1 };
        AUTO_FREE char *value = NULL;
        if (decode_map(d, &one, path, fields, &value, err) < 0)
            return -1;
    }
    *(const struct node **)target = n;
    return 0;
}

static int decode_secrets(const struct decoder *d, const struct node *n, const char *path,
                          void *target, struct err **err)
{
    static const struct field fields[] = { { "file", FIELD_TEXT, 0, .required = true }, { 0 } };

    if (check_names(d, n, path, err) < 0)
        return -1;
    for (size_t i = 0; i < n->len; i++) {
        AUTO_FREE char *below = xasprintf("%s.%s", path, n->keys[i]);
        AUTO_FREE char *file = NULL;
        if (decode_map(d, n->items[i], below, fields, &file, err) < 0)
            return -1;
    }
    *(const struct node **)target = n;
    return 0;
}

static int take_apart(const struct node *n, const char *file, struct source *ret, struct err **err)
{
    static const struct field fields[] = {
        { "values", FIELD_CUSTOM, offsetof(struct source, values), .decode = decode_values },
        { "secrets", FIELD_CUSTOM, offsetof(struct source, secrets), .decode = decode_secrets },
        { 0 },
    };
    const struct decoder d = { file };

    ret->file = file;
    return decode_map(&d, n, "", fields, ret, err);
}

/* --- a secret ------------------------------------------------------------------------------- */

/* Looked at through the descriptor that is read, so that nobody can exchange the file. */
static int open_secret(const char *path, struct err **err)
{
    AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat st;

    if (fd < 0 || fstat(fd, &st) != 0)
        return err_set_errno(err, errno, "cannot open '%s'", path);
    if (!S_ISREG(st.st_mode))
        return err_set(err, ERR_INVALID, "'%s' is no regular file", path);
    if (st.st_mode & 077) {
        err_set(err, ERR_INVALID, "others than its owner have a right to '%s' (mode %04o)", path,
                (unsigned)st.st_mode & 07777);
        return err_hint(err, "chmod 600 '%s'", path);
    }
    int found = fd;
    fd = -1;
    return found;
}

static int read_all(int fd, char *buf, size_t max, size_t *ret_len, const char *path,
                    struct err **err)
{
    size_t len = 0;
    ssize_t n;

    while (len < max && (n = read(fd, buf + len, max - len)) != 0) {
        if (n < 0)
            return err_set_errno(err, errno, "cannot read '%s'", path);
        len += (size_t)n;
    }
    *ret_len = len;
    return 0;
}

/* One newline at the end is the editor's, no part of it. */
static int check_size(struct param_value *v, const char *path, struct err **err)
{
    if (v->len > 0 && v->value[v->len - 1] == '\n')
        v->len--;
    v->value[v->len] = '\0';
    if (v->len > SECRET_MAX)
        return err_set(err, ERR_INVALID, "'%s' has more than %u bytes", path, SECRET_MAX);
    if (v->len < SECRET_MIN) {
        err_set(err, ERR_INVALID, "'%s' has less than %u bytes", path, SECRET_MIN);
        return err_hint(err, "so short a secret cannot be kept out of what the checks print");
    }
    return 0;
}

static int read_secret(const char *path, struct param_value *v, struct err **err)
{
    AUTO_FD fd = open_secret(path, err);

    if (fd < 0)
        return -1;
    v->value = xcalloc(SECRET_MAX + 3, 1); /* one too many, its newline, and the end */
    if (read_all(fd, v->value, SECRET_MAX + 2, &v->len, path, err) < 0)
        return -1;
    return check_size(v, path, err);
}

/* --- the values of a testcase --------------------------------------------------------------- */

static const struct node *given_as(const struct node *map, const char *name)
{
    return map ? node_get(map, name) : NULL;
}

static int take_secret(const struct source *s, const struct node *n, struct param_value *v,
                       struct err **err)
{
    const char *file = node_get(n, "file")->text;
    AUTO_FREE char *dir = path_dir(s->file);
    AUTO_FREE char *path = file[0] == '/' ? xstrdup(file) : path_join(dir, file);

    if (read_secret(path, v, err) < 0)
        return err_wrap(err, "%s:%d: secret '%s'", s->file, n->line, v->name);
    return 0;
}

static int check_kind(const struct source *s, const struct param *p, const struct testcase *t,
                      struct err **err)
{
    const struct node *n = given_as(p->secret ? s->values : s->secrets, p->name);

    if (!n)
        return 0;
    return err_set(err, ERR_INVALID, "%s:%d: parameter '%s' of testcase '%s' is %s", s->file,
                   n->line, p->name, t->name,
                   p->secret ? "a secret: give it below 'secrets'"
                             : "no secret: give it below 'values'");
}

static int missing(const struct source *s, const struct param *p, const struct testcase *t,
                   struct err **err)
{
    err_set(err, ERR_INVALID, "parameter '%s' of testcase '%s' has no value: %s", p->name, t->name,
            p->title);
    if (s->file)
        return err_hint(err, "give it below '%s' in '%s'", p->secret ? "secrets" : "values",
                        s->file);
    return err_hint(err, "name a file of values with --params, or put one for the image into the "
                         "directory 'params' of config.yaml");
}

static int take_param(const struct source *s, const struct param *p, const struct testcase *t,
                      struct testcase_values *ret, struct err **err)
{
    const struct node *n = given_as(p->secret ? s->secrets : s->values, p->name);
    const char *text = n && !p->secret ? n->text : p->fallback;

    if (check_kind(s, p, t, err) < 0)
        return -1;
    if (!n && p->required)
        return missing(s, p, t, err);
    if (!n && !text)
        return 0;
    struct param_value *v = &ret->ptr[ret->len++];
    *v = (struct param_value){ .name = xstrdup(p->name), .secret = p->secret };
    if (p->secret)
        return take_secret(s, n, v, err);
    v->value = xstrdup(text);
    v->len = strlen(text);
    return 0;
}

int params_read(const char *file, const struct testcase *testcases, size_t n, struct params *ret,
                struct err **err)
{
    AUTO_NODE document = file ? node_read(file, err) : NULL;
    AUTO_PARAMS all = { 0 };
    struct source s = { 0 };

    if (file && (!document || take_apart(document, file, &s, err) < 0))
        return -1;
    all.ptr = xcalloc(n + 1, sizeof(*all.ptr));
    for (size_t i = 0; i < n; i++) {
        const struct testcase *t = &testcases[i];
        if (t->param_count == 0)
            continue;
        struct testcase_values *v = &all.ptr[all.len++];
        v->testcase = xstrdup(t->name);
        v->ptr = xcalloc(t->param_count, sizeof(*v->ptr));
        for (size_t k = 0; k < t->param_count; k++) {
            if (take_param(&s, &t->params[k], t, v, err) < 0)
                return -1;
        }
    }
    *ret = all;
    all = (struct params){ 0 };
    return 0;
}
