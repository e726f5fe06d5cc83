/*
 * fuzz-csv - reads any bytes as comma-separated values.  Whatever the bytes: an error with a
 * message that is fit for a terminal, or records of one width whose text is valid; what is written
 * of them is read as the same.
 */
#include <stdint.h>
#include <string.h>

#include "base/csv.h"
#include "base/err.h"
#include "base/str.h"
#include "must.h"

struct copy {
    struct str text; /* what was read, written again */
    size_t columns, records;
};

static int take(void *arg, int line, const struct strv *fields, struct err **err)
{
    struct copy *c = arg;

    (void)err;
    must(line > 0 && fields->len > 0 && fields->len <= CSV_COLUMNS_MAX);
    must(c->columns == 0 || c->columns == fields->len);
    c->columns = fields->len;
    c->records++;
    for (size_t i = 0; i < fields->len; i++) {
        must(strlen(fields->ptr[i]) <= CSV_FIELD_MAX && !strchr(fields->ptr[i], '\x1b'));
        csv_add(&c->text, fields->ptr[i]);
    }
    csv_end(&c->text);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct copy one = { .text = STR_INIT(SIZE_MAX / 2) }, two = { .text = STR_INIT(SIZE_MAX / 2) };
    AUTO_ERR e = NULL;
    AUTO_ERR never = NULL;
    int rc = csv_read((const char *)data, size, "f.csv", take, &one, &e);

    must((rc == 0) == !e);
    must(!e || (str_starts(e->msg, "f.csv:") && !strpbrk(e->msg, "\x1b\n")));
    must(csv_read(one.text.ptr, one.text.len, "copy", take, &two, &never) == 0);
    must(one.records == two.records && str_eq(one.text.ptr, two.text.ptr));
    str_release(&one.text);
    str_release(&two.text);
    return 0;
}
