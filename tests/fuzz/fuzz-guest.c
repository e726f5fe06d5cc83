/*
 * fuzz-guest - reads any bytes as a guest's answers: its list of packages, how they stand, and
 * which processes use replaced files.
 * Whatever the bytes: an error of the guest with a message that is fit for a terminal and nothing
 * read, or text that can be printed and recorded.
 */
#include <stdint.h>
#include <string.h>

#include "adapters/deb_list.h"
#include "adapters/deb_state.h"
#include "adapters/restart_systemd.h"
#include "adapters/rpm_list.h"
#include "adapters/rpm_state.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "core/apply_facts.h"
#include "must.h"

static void check_error(int rc, const struct err *e)
{
    must((rc == 0) == !e);
    if (e)
        must(e->code == ERR_GUEST && !strpbrk(e->msg, "\x1b\n\t"));
}

static void check_state(const struct pkg_state *s)
{
    struct apply_facts f = { .known = true, .after = *s };
    AUTO_APPLY_REASONS r = { 0 };
    AUTO_JSON *j = apply_facts_json(&f);

    must(json_array_size(json_object_get(j, "conffiles")) == s->conffile_count);
    apply_judge(&f, &r);
    must(r.broken.len <= s->broken_count + 1 && r.notes.len <= s->conffile_count + 1);
    for (size_t i = 1; i < s->held_count; i++)
        must(strcmp(s->held[i - 1].name, s->held[i].name) < 0);
    for (size_t i = 0; i < s->reboot.len; i++)
        must(!strpbrk(s->reboot.ptr[i], "\x1b\n\t"));
}

static void check_stale(const char *text, size_t len)
{
    AUTO_STALE_LIST l = { 0 };
    AUTO_ERR e = NULL;
    int rc = stale_list_parse(text, len, &l, &e);

    must((rc == 0) == !e && (!e || (e->code == ERR_INVALID && l.len == 0)));
    for (size_t i = 0; i < l.len; i++) {
        const struct stale_process *p = &l.ptr[i];
        must(p->pid > 0 && p->file[0] == '/' && !strpbrk(p->file, "\x1b\n\t"));
        must(!strpbrk(p->name, "\x1b\n\t") && (p->unit || !p->restarts));
        must(!p->unit || (p->unit[0] != '-' && !strpbrk(p->unit, " ;/$\n")));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What parses a guest's answers, of one kind of packages. */
struct kind {
    int (*list)(const char *text, size_t len, struct package_list *ret, struct err **err);
    int (*state)(const char *text, size_t len, struct pkg_state *ret, struct err **err);
};

static void check_kind(const struct kind *k, const char *text, size_t size)
{
    AUTO_PACKAGE_LIST list = { 0 };
    AUTO_PKG_STATE state = { 0 };
    AUTO_ERR one = NULL;
    AUTO_ERR two = NULL;

    check_error(k->list(text, size, &list, &one), one);
    must(!one || list.len == 0);
    check_error(k->state(text, size, &state, &two), two);
    must(!two || state.broken_count + state.held_count + state.conffile_count == 0);
    check_state(&state);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct kind kinds[] = {
        { deb_list_parse, deb_state_parse },
        { rpm_list_parse, rpm_state_parse },
    };

    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        check_kind(&kinds[i], (const char *)data, size);
    check_stale((const char *)data, size);
    return 0;
}
