/* What may be said of a server, field by field; pure. */
#include <stdlib.h>
#include <string.h>

#include "base/decode.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/category.h"
#include "core/server.h"
#include "core/signoff.h"
#include "core/urgency.h"
#include "core/window.h"

enum { SHOWN_MAX = 100 };

const char *const exposure_names[] = { "internet", "partner", "internal", "isolated", NULL };
const char *const data_value_names[] = { "low", "moderate", "high", NULL };
const char *const redundancy_names[] = { "none", "standby", "cluster", NULL };

static char *shown(const char *text)
{
    return str_printable(text, strnlen(text, SHOWN_MAX), false);
}

static int check_image(const char *text, struct err **err)
{
    AUTO_FREE char *s = shown(text);

    if (name_is_valid(text))
        return 0;
    return err_set(err, ERR_INVALID, "'%s' is no name of an image", s);
}

static int check_person(const char *text, struct err **err)
{
    return person_check(text, err);
}

static int check_window(const char *text, struct err **err)
{
    struct window w;

    return window_parse(text, &w, err);
}

static int check_date(const char *text, struct err **err)
{
    char same[URGENCY_DATE_SIZE];
    AUTO_FREE char *s = shown(text);

    if (urgency_deadline(text, 0, same) && str_eq(same, text))
        return 0;
    return err_set(err, ERR_INVALID, "'%s' is no day such as 2026-11-24", s);
}

const struct server_field_spec server_fields[SERVER_FIELDS] = {
    [SERVER_CATEGORY] = { "category", category_names },
    [SERVER_IMAGE] = { "image", .check = check_image },
    [SERVER_OWNER] = { "owner", .check = check_person },
    [SERVER_SUPPORT] = { "support" },
    [SERVER_USERS] = { "users" },
    [SERVER_LOCATION] = { "location" },
    [SERVER_PURPOSE] = { "purpose" },
    [SERVER_EXPOSURE] = { "exposure", exposure_names },
    [SERVER_DATA_VALUE] = { "data_value", data_value_names },
    [SERVER_REDUNDANCY] = { "redundancy", redundancy_names },
    [SERVER_WINDOW] = { "window", .check = check_window },
    [SERVER_LAST_PATCHED] = { "last_patched", .check = check_date },
    [SERVER_TICKET] = { "ticket" },
};

int server_field_of(const char *name)
{
    for (int i = 0; i < SERVER_FIELDS; i++) {
        if (str_eq(server_fields[i].name, name))
            return i;
    }
    return -1;
}

/* Without the blanks around it. */
static char *trimmed(const char *text)
{
    size_t len;

    text += strspn(text, " \t");
    len = strlen(text);
    while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t'))
        len--;
    return xstrndup(text, len);
}

static int check_word(const char *const *words, const char *text, struct err **err)
{
    AUTO_STRV all = { 0 };

    for (; *words; words++) {
        if (str_eq(*words, text))
            return 0;
        strv_add(&all, *words);
    }
    AUTO_FREE char *s = shown(text), *list = strv_join(&all, ", ");
    return err_set(err, ERR_INVALID, "expected one of %s; found '%s'", list, s);
}

/* What a terminal would take for more than text is no text. */
static int check_text(const char *text, struct err **err)
{
    AUTO_FREE char *clean = str_printable(text, strlen(text), false);

    if (strlen(text) > SERVER_TEXT_MAX)
        return err_set(err, ERR_INVALID, "it is longer than %d bytes", SERVER_TEXT_MAX);
    if (!str_eq(clean, text) || strchr(text, '\t'))
        return err_set(err, ERR_INVALID, "it is not one line of plain text");
    return 0;
}

int server_row_name(struct server_row *r, const char *text, struct err **err)
{
    AUTO_FREE char *name = trimmed(text);

    str_lower(name);
    if (!name_is_valid(name)) {
        AUTO_FREE char *s = shown(name);
        err_set(err, ERR_INVALID, "'%s' is no name for a server", s);
        return err_hint(err, "use a-z, 0-9 and '.', '_', '+', '~', '-', at most 128");
    }
    free(r->name);
    r->name = TAKE(name);
    return 0;
}

int server_row_set(struct server_row *r, enum server_field f, const char *text, struct err **err)
{
    const struct server_field_spec *spec = &server_fields[f];
    AUTO_FREE char *value = trimmed(text);
    int rc = check_text(value, err);

    if (rc == 0 && spec->words)
        str_lower(value);
    if (rc == 0 && *value && spec->words)
        rc = check_word(spec->words, value, err);
    if (rc == 0 && *value && spec->check)
        rc = spec->check(value, err);
    if (rc < 0)
        return err_wrap(err, "%s", spec->name);
    free(r->value[f]);
    r->value[f] = TAKE(value);
    return 0;
}

void server_row_release(struct server_row *r)
{
    free(r->name);
    free(r->where);
    for (size_t i = 0; i < SERVER_FIELDS; i++)
        free(r->value[i]);
    *r = (struct server_row){ 0 };
}
