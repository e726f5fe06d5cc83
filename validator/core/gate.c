/* The gate: policy only, no database, no clock. */
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/signoff.h"

static bool same_person(const struct signoff *a, const struct signoff *b)
{
    return strcasecmp(a->person, b->person) == 0;
}

/* No later decision of the same person in the same role has replaced it. */
static bool stands(const struct signoff_list *l, size_t i)
{
    for (size_t k = i + 1; k < l->len; k++)
        if (l->ptr[k].role == l->ptr[i].role && same_person(&l->ptr[k], &l->ptr[i]))
            return false;
    return true;
}

static bool approves(const struct gate_facts *f, size_t i, enum role role)
{
    const struct signoff *s = &f->signoffs->ptr[i];

    return s->role == role && s->decision == DECISION_APPROVE && stands(f->signoffs, i);
}

static bool is_valid(const struct gate_facts *f, size_t i)
{
    return f->covers && str_eq(f->signoffs->ptr[i].covers, f->covers);
}

static bool check_verdict(const struct gate_facts *f, struct strv *missing)
{
    if (str_eq(f->verdict, "pass") || (str_eq(f->verdict, "review") && f->only_open))
        return true;
    if (f->verdict)
        strv_addf(missing, "the verdict is '%s', not 'pass'", f->verdict);
    else
        strv_add(missing, "the run has no verdict yet");
    return false;
}

static bool add_all(const struct strv *sentences, struct strv *missing)
{
    for (size_t i = 0; sentences && i < sentences->len; i++)
        strv_add(missing, sentences->ptr[i]);
    return !sentences || sentences->len == 0;
}

/* What people have to settle after the verdict. */
static bool check_open_matters(const struct gate_facts *f, struct strv *missing)
{
    bool ok = add_all(f->manual_failed, missing);

    ok = add_all(f->manual_open, missing) && ok;
    if (f->open_changes == 0)
        return ok;
    strv_addf(missing,
              "%zu change%s nobody has acknowledged: 'patchlab run changes %lld' shows them,"
              " 'patchlab run acknowledge %lld' takes them on",
              f->open_changes, f->open_changes == 1 ? "" : "s", (long long)f->run,
              (long long)f->run);
    return false;
}

static bool check_refusals(const struct gate_facts *f, struct strv *missing)
{
    const struct signoff_list *l = f->signoffs;
    bool ok = true;

    for (size_t i = 0; i < l->len; i++) {
        const struct signoff *s = &l->ptr[i];
        const char *remark = s->remark ? s->remark : "no reason given";
        AUTO_FREE char *shown = str_printable(remark, strlen(remark), false);

        if (s->decision != DECISION_REFUSE || !stands(l, i))
            continue;
        strv_addf(missing, "%s '%s' refused: %s", role_names[s->role], s->person, shown);
        ok = false;
    }
    return ok;
}

/* NULL when it is no JSON, which is then simply not what stands now. */
static json_t *parse_covers(const char *text)
{
    AUTO_ERR unread = NULL;

    return json_parse(text, strlen(text), strlen(text), "covers", &unread);
}

/* One sentence for each digest that is no longer the one that was approved. */
static void say_what_changed(const struct gate_facts *f, const struct signoff *s,
                             struct strv *missing)
{
    static const char *const keys[] = { "image", "patch", "testcases", "verdict" };
    AUTO_JSON *then = parse_covers(s->covers), *now = parse_covers(f->covers);
    bool found = false;

    for (size_t i = 0; then && now && i < ARRAY_LEN(keys); i++) {
        if (json_equal(json_object_get(then, keys[i]), json_object_get(now, keys[i])))
            continue;
        strv_addf(missing, "the %s changed since %s '%s' approved", keys[i], role_names[s->role],
                  s->person);
        found = true;
    }
    if (!found)
        strv_addf(missing, "what %s '%s' approved is not what stands now", role_names[s->role],
                  s->person);
}

/* The index of a valid approval, preferably of somebody else than `not_of`; -1 when none. */
static long find_approval(const struct gate_facts *f, enum role role, const struct signoff *not_of)
{
    long found = -1;

    for (size_t i = 0; i < f->signoffs->len; i++) {
        if (!approves(f, i, role) || !is_valid(f, i))
            continue;
        if (!not_of || !same_person(&f->signoffs->ptr[i], not_of))
            return (long)i;
        found = (long)i;
    }
    return found;
}

static bool check_role(const struct gate_facts *f, enum role role, struct strv *missing)
{
    const struct signoff *last = NULL;

    if (find_approval(f, role, NULL) >= 0)
        return true;
    for (size_t i = 0; i < f->signoffs->len; i++)
        if (approves(f, i, role))
            last = &f->signoffs->ptr[i];
    if (last && f->covers)
        say_what_changed(f, last, missing);
    else
        strv_addf(missing, "%s has not approved", role_names[role]);
    return false;
}

/* Some owner and some gatekeeper who are not the same person. */
static bool check_four_eyes(const struct gate_facts *f, struct strv *missing)
{
    const struct signoff *l = f->signoffs->ptr;
    bool same = true;

    for (size_t i = 0; same && i < f->signoffs->len; i++)
        if (approves(f, i, ROLE_OWNER) && is_valid(f, i))
            same = same_person(&l[find_approval(f, ROLE_GATEKEEPER, &l[i])], &l[i]);
    if (same)
        strv_addf(missing, "owner and gatekeeper are the same person, '%s'",
                  l[find_approval(f, ROLE_OWNER, NULL)].person);
    return !same;
}

bool gate_open(const struct gate_facts *f, struct strv *ret_missing)
{
    bool ok = check_verdict(f, ret_missing);
    bool roles = true;

    ok = check_open_matters(f, ret_missing) && ok;
    ok = check_refusals(f, ret_missing) && ok;
    for (int role = 0; role < ROLE_MAX_; role++)
        roles = check_role(f, (enum role)role, ret_missing) && roles;
    return roles && check_four_eyes(f, ret_missing) && ok;
}
