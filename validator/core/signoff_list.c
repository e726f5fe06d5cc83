/* Sign-offs read back, and the words that they are made of. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/signoff.h"
#include "store/store.h"

const char *const role_names[] = { "owner", "gatekeeper", NULL };
const char *const decision_names[] = { "approve", "refuse", NULL };

bool person_is_valid(const char *s)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                  "._+~@-";
    size_t len = strlen(s);

    return len >= 1 && len <= 128 && strspn(s, letters) == len && !strchr("._+~@-", s[0]);
}

bool remark_is_blank(const char *remark)
{
    return !remark || remark[strspn(remark, " \t\r\n")] == '\0';
}

int person_check(const char *person, struct err **err)
{
    if (person_is_valid(person))
        return 0;
    AUTO_FREE char *shown = str_printable(person, strlen(person), false);
    err_set(err, ERR_INVALID, "'%s' is no name of a person", shown);
    return err_hint(err,
                    "use letters, digits and . _ + ~ @ -, at most 128, such as ann@example.org");
}

int person_check_word(const char *person, const char *remark, const char *needed, const char *hint,
                      struct err **err)
{
    if (person_check(person, err) < 0)
        return -1;
    if (needed && remark_is_blank(remark)) {
        err_set(err, ERR_INVALID, "%s", needed);
        return err_hint(err, "%s", hint);
    }
    if (remark && strlen(remark) > REMARK_MAX)
        return err_set(err, ERR_INVALID, "the remark is longer than %d bytes", REMARK_MAX);
    return 0;
}

static int add_row(struct signoff_list *l, struct query *q, struct err **err)
{
    int role = str_index(role_names, query_text(q, 1));
    int decision = str_index(decision_names, query_text(q, 3));

    if (role < 0 || decision < 0)
        return err_set(err, ERR_CORRUPT, "sign-off %" PRId64 " has an unknown %s", query_int(q, 0),
                       role < 0 ? "role" : "decision");
    l->ptr = xreallocarray(l->ptr, l->len + 1, sizeof(*l->ptr));
    l->ptr[l->len++] = (struct signoff){
        .role = (enum role)role,
        .person = xstrdup(query_text(q, 2)),
        .decision = (enum decision)decision,
        .remark = xstrdup(query_text(q, 4)),
        .covers = xstrdup(query_text(q, 5)),
        .at = query_int(q, 6),
    };
    return 0;
}

int signoff_list(struct store *s, int64_t run, struct signoff_list *ret, struct err **err)
{
    AUTO_SIGNOFF_LIST l = { 0 };
    AUTO_QUERY q = store_query(s,
                               "SELECT id, role, person, decision, remark, covers, at"
                               " FROM signoff WHERE run = ? ORDER BY id",
                               ARGS(A_INT(run)), err);
    int rc;

    if (!q)
        return -1;
    while ((rc = query_step(q, err)) > 0)
        if (add_row(&l, q, err) < 0)
            return -1;
    if (rc < 0)
        return -1;
    *ret = l;
    l = (struct signoff_list){ 0 };
    return 0;
}

void signoff_list_release(struct signoff_list *l)
{
    for (size_t i = 0; i < l->len; i++) {
        free(l->ptr[i].person);
        free(l->ptr[i].remark);
        free(l->ptr[i].covers);
    }
    free(l->ptr);
    *l = (struct signoff_list){ 0 };
}
