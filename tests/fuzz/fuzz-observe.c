/*
 * fuzz-observe - reads any bytes as what a guest says of itself.  Whatever the bytes: an error with
 * a message that is fit for a terminal, or items that can be stored and read back.
 */
#include <stdint.h>
#include <string.h>

#include "adapters/observe.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/observe.h"
#include "must.h"

static void check(const struct observation *o)
{
    AUTO_OBSERVATION back = { 0 };
    AUTO_CHANGE_LIST l = { 0 };
    struct stated stated = { 0 };
    AUTO_ERR e = NULL;

    must(o->len <= OBSERVATION_MAX);
    for (size_t i = 0; i < o->len; i++) {
        must(seen_kind(o->ptr[i].kind) != NULL);
        must(i == 0 || seen_order(&o->ptr[i - 1], &o->ptr[i]) < 0);
    }
    AUTO_JSON *j = observation_json(o);
    must(j && observation_from_json(j, &back, &e) == 0);
    observe_diff(&back, o, &l);
    observe_explain(&l, &back, o, &stated);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_OBSERVATION o = { 0 };
    AUTO_ERR e = NULL;
    int rc = observe_parse((const char *)data, size, NULL, &o, &e);

    must((rc == 0) == !e);
    if (rc == 0)
        check(&o);
    else
        must(e->code == ERR_INVALID && !strpbrk(e->msg, "\x1b\n"));
    return 0;
}
