/*
 * fuzz-server - reads any bytes as an inventory; the first byte chooses the format.  Whatever the
 * bytes: an error with a message that is fit for a terminal, or servers whose names differ and
 * whose values are canonical: said once more they are the same.
 */
#include <stdint.h>
#include <string.h>

#include "base/decode.h"
#include "base/err.h"
#include "base/str.h"
#include "core/server_import.h"
#include "must.h"

static void check(const struct server_row *r)
{
    must(r->name && name_is_valid(r->name) && r->where && !strpbrk(r->where, "\x1b\n"));
    for (int i = 0; i < SERVER_FIELDS; i++) {
        AUTO_SERVER_ROW again = { 0 };
        AUTO_ERR e = NULL;

        if (!r->value[i])
            continue;
        must(strlen(r->value[i]) <= SERVER_TEXT_MAX && !strpbrk(r->value[i], "\x1b\n\t"));
        must(server_row_set(&again, (enum server_field)i, r->value[i], &e) == 0);
        must(str_eq(again.value[i], r->value[i]));
    }
}

static int read_rows(uint8_t format, const char *text, size_t len, struct server_rows *ret,
                     struct err **err)
{
    if (format == 'a')
        return server_rows_from_ansible(text, len, "file", ret, err);
    if (format == 'j')
        return server_rows_from_json(text, len, "file", ret, err);
    return server_rows_from_csv(text, len, "file", ret, err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_SERVER_ROWS rows = { 0 };
    AUTO_ERR e = NULL;

    if (size == 0)
        return 0;
    int rc = read_rows(data[0], (const char *)data + 1, size - 1, &rows, &e);
    must((rc == 0) == !e);
    if (e)
        must(rows.len == 0 && str_starts(e->msg, "file") && !strpbrk(e->msg, "\x1b\n"));
    for (size_t i = 0; i < rows.len; i++)
        check(&rows.ptr[i]);
    return 0;
}
