/* Values of parameters in memory, in records and in a guest; see params.h. */
#include "core/params.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "core/testcase.h"
#include "ports/guest.h"

enum { NAME_MAX_BYTES = 64 };

/* Below a directory of the guest's memory: gone with a reboot. */
#define PARAMS_DIR "/run/patchlab-params"

bool param_name_is_valid(const char *s)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
    size_t len = strlen(s);

    return len >= 1 && len <= NAME_MAX_BYTES && strchr(letters, s[0])
           && strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

void params_release(struct params *p)
{
    for (size_t i = 0; i < p->len; i++) {
        struct testcase_values *t = &p->ptr[i];
        for (size_t k = 0; k < t->len; k++) {
            if (t->ptr[k].value)
                explicit_bzero(t->ptr[k].value, t->ptr[k].len);
            free(t->ptr[k].value);
            free(t->ptr[k].name);
        }
        free(t->ptr);
        free(t->testcase);
    }
    free(p->ptr);
    *p = (struct params){ 0 };
}

const struct testcase_values *params_of(const struct params *p, const char *testcase)
{
    for (size_t i = 0; p && i < p->len; i++) {
        if (str_eq(p->ptr[i].testcase, testcase))
            return &p->ptr[i];
    }
    return NULL;
}

json_t *params_json(const struct params *p)
{
    json_t *list = json_array();

    for (size_t i = 0; i < p->len; i++) {
        json_t *values = json_object(), *secrets = json_array();
        for (size_t k = 0; k < p->ptr[i].len; k++) {
            const struct param_value *v = &p->ptr[i].ptr[k];
            if (v->secret)
                json_array_append_new(secrets, json_string(v->name));
            else
                json_object_set_new(values, v->name, json_text(v->value));
        }
        json_array_append_new(list, json_pack("{s:s, s:o, s:o}", "testcase", p->ptr[i].testcase,
                                              "values", values, "secrets", secrets));
    }
    return list;
}

/* --- in a guest ----------------------------------------------------------------------------- */

static char *dir_of(const char *testcase, const char *user)
{
    return xasprintf(PARAMS_DIR "/%s/%s", testcase, user ? user : "root");
}

/* Every user that a check of it runs as; the ready command runs as root. */
static void find_users(const struct testcase *t, struct strv *ret)
{
    strv_add(ret, "root");
    for (size_t i = 0; i < t->check_count; i++) {
        if (t->checks[i].user && !strv_has(ret, t->checks[i].user))
            strv_add(ret, t->checks[i].user);
    }
}

int params_push(struct guest *g, const struct testcase *t, const struct testcase_values *v,
                struct err **err)
{
    AUTO_STRV users = { 0 }, paths = { 0 };

    if (!v || v->len == 0)
        return 0;
    find_users(t, &users);
    AUTO_FREE struct guest_file *files = xcalloc(users.len * v->len, sizeof(*files));
    for (size_t u = 0; u < users.len; u++) {
        AUTO_FREE char *dir = dir_of(t->name, users.ptr[u]);
        for (size_t i = 0; i < v->len; i++)
            strv_addf(&paths, "%s/%s", dir, v->ptr[i].name);
    }
    for (size_t i = 0; i < paths.len; i++)
        files[i] = (struct guest_file){
            .path = paths.ptr[i],
            .user = users.ptr[i / v->len],
            .data = v->ptr[i % v->len].value,
            .len = v->ptr[i % v->len].len,
        };
    if (g->ops->write_files(g, files, paths.len, err) < 0)
        return err_wrap(err, "give the parameters of testcase '%s' to the guest", t->name);
    return 0;
}

void params_env(const struct testcase_values *v, const char *user, struct strv *ret)
{
    if (!v || v->len == 0)
        return;
    AUTO_FREE char *dir = dir_of(v->testcase, user);
    strv_addf(ret, "PATCHLAB_PARAMS=%s", dir);
    for (size_t i = 0; i < v->len; i++) {
        AUTO_FREE char *name = xstrdup(v->ptr[i].name);
        for (char *c = name; *c; c++)
            *c = (char)(*c == '-' ? '_' : toupper((unsigned char)*c));
        if (!v->ptr[i].secret)
            strv_addf(ret, "PATCHLAB_PARAM_%s=%s", name, v->ptr[i].value);
    }
}
