/*
 * fuzz-control - reads any bytes as a control file.  Whatever the bytes: an error with a message
 * that is fit for a terminal, or stanzas that lie within the text.
 */
#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/control_file.h"
#include "must.h"

static void check(const struct control_stanza *s, const char *begin, const char *end)
{
    must(s->len > 0 && s->len <= CONTROL_FIELDS_MAX && s->line > 0);
    must(s->text >= begin && s->text + s->text_len <= end);
    for (size_t i = 0; i < s->len; i++) {
        const struct control_field *f = &s->fields[i];
        AUTO_FREE char *name = xstrndup(f->name, f->name_len);
        AUTO_FREE char *text = control_text(s, name);

        must(f->value >= f->name + f->name_len && f->value + f->value_len <= end);
        must(control_find(s, name) == f);
        must(!text || !strchr(text, '\n'));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct control_reader r = control_reader(text, size, "fuzz");
    AUTO_CONTROL_STANZA s = { 0 };
    AUTO_ERR e = NULL;
    int rc;

    while ((rc = control_next(&r, &s, &e)) > 0)
        check(&s, text, text + size);
    must((rc == 0) == !e);
    if (e)
        must(str_starts(e->msg, "fuzz:") && !strpbrk(e->msg, "\x1b\n"));
    return 0;
}
