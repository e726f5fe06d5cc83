/*
 * reports - any bytes as a report of test results, whatever its format: an error with a message
 * that is fit for a terminal, or results within the limits, fit to be shown, no name twice.
 */
#ifndef FUZZ_REPORTS_H
#define FUZZ_REPORTS_H

#include <stddef.h>
#include <stdint.h>

#include "must.h"
#include "ports/results.h"

static inline void must_be_results(const struct sub_result_list *l)
{
    AUTO_STRV names = { 0 };

    for (size_t i = 0; i < l->len; i++) {
        const struct sub_result *r = &l->ptr[i];
        must(r->outcome <= SUB_SKIP && (!r->todo || r->outcome == SUB_SKIP));
        must(strlen(r->name) <= SUB_NAME_MAX && r->message.len <= SUB_MESSAGE_MAX);
        must(strlen(r->message.ptr) == r->message.len && r->duration_ms >= -1);
        must_be_shown(r->name, false);
        must_be_shown(r->message.ptr, true);
        strv_add(&names, r->name);
    }
    strv_sort(&names);
    for (size_t i = 1; i < names.len; i++)
        must(!str_eq(names.ptr[i - 1], names.ptr[i]));
    must(l->len <= SUB_RESULTS_MAX && l->messages <= SUB_MESSAGES_MAX + SUB_MESSAGE_MAX);
    must(!l->skipped || l->len == 0);
    if (l->skipped)
        must_be_shown(l->skipped, false);
}

static inline void fuzz_report(const struct result_format *format, const uint8_t *data, size_t size)
{
    AUTO_SUB_RESULTS l = { 0 };
    AUTO_ERR e = NULL;
    int rc = format->parse((const char *)data, size, &l, &e);

    must((rc == 0) == !e);
    must(!e || (l.len == 0 && !strpbrk(e->msg, "\x1b\n")));
    must_be_results(&l);
}

#endif
