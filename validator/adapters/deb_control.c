/* deb_control - a strict reader of one control stanza; see deb_control.h. */
#include "adapters/deb_control.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "adapters/deb_name.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

enum { SHOWN_MAX = 100 };

struct stanza {
    const char *pos, *end;
    int line;
    struct strv names;
    bool one_line; /* the field that was read last must not be continued */
    char *package, *version, *arch, *source;
};

static void stanza_release(struct stanza *s)
{
    strv_release(&s->names);
    free(s->package);
    free(s->version);
    free(s->arch);
    free(s->source);
}

static const struct wanted {
    const char *name;
    size_t offset;
} wanted[] = {
    { "Package", offsetof(struct stanza, package) },
    { "Version", offsetof(struct stanza, version) },
    { "Architecture", offsetof(struct stanza, arch) },
    { "Source", offsetof(struct stanza, source) },
};

/* Without blanks around it. */
static char *trimmed(const char *s, size_t len)
{
    while (len > 0 && (*s == ' ' || *s == '\t')) {
        s++;
        len--;
    }
    while (len > 0 && (s[len - 1] == ' ' || s[len - 1] == '\t'))
        len--;
    return xstrndup(s, len);
}

static bool is_blank(const char *s, const char *end)
{
    while (s < end && (*s == ' ' || *s == '\t' || *s == '\n'))
        s++;
    return s == end;
}

/* Printable ASCII but ':'; neither a comment nor a signature's dashes at the front. */
static bool field_name_is_valid(const char *s, size_t len)
{
    if (len == 0 || len > SHOWN_MAX || s[0] == '#' || s[0] == '-')
        return false;
    for (size_t i = 0; i < len; i++)
        if (s[i] < '!' || s[i] > '~')
            return false;
    return true;
}

static bool has_name(const struct strv *names, const char *name)
{
    for (size_t i = 0; i < names->len; i++)
        if (strcasecmp(names->ptr[i], name) == 0)
            return true;
    return false;
}

static int take_field(struct stanza *s, const char *line, size_t len, struct err **err)
{
    const char *colon = memchr(line, ':', len);

    if (!colon || !field_name_is_valid(line, (size_t)(colon - line)))
        return err_set(err, ERR_INVALID, "line %d is not 'Field: value'", s->line);
    AUTO_FREE char *name = xstrndup(line, (size_t)(colon - line));
    if (has_name(&s->names, name))
        return err_set(err, ERR_INVALID, "line %d: field '%s' stands there twice", s->line, name);
    if (s->names.len >= DEB_CONTROL_FIELDS_MAX)
        return err_set(err, ERR_INVALID, "more than %d fields", DEB_CONTROL_FIELDS_MAX);
    strv_add(&s->names, name);
    s->one_line = false;
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
        if (strcasecmp(wanted[i].name, name) != 0)
            continue;
        char **to = (char **)(void *)((char *)s + wanted[i].offset);
        *to = trimmed(colon + 1, len - (size_t)(colon + 1 - line));
        s->one_line = true;
    }
    return 0;
}

static int next_line(struct stanza *s, struct err **err)
{
    const char *line = s->pos;
    const char *nl = memchr(line, '\n', (size_t)(s->end - line));
    const char *end = nl ? nl : s->end;

    s->line++;
    s->pos = nl ? nl + 1 : s->end;
    if (is_blank(line, end)) {
        if (!is_blank(s->pos, s->end))
            return err_set(err, ERR_INVALID, "line %d ends the stanza, but more follows", s->line);
        s->pos = s->end;
        return 0;
    }
    if (line[0] != ' ' && line[0] != '\t')
        return take_field(s, line, (size_t)(end - line), err);
    if (s->names.len == 0 || s->one_line)
        return err_set(err, ERR_INVALID, "line %d continues no field that may be continued",
                       s->line);
    return 0;
}

static int check(const char *field, const char *value, bool (*valid)(const char *),
                 struct err **err)
{
    if (!value)
        return err_set(err, ERR_INVALID, "field '%s' is missing", field);
    if (valid(value))
        return 0;
    AUTO_FREE char *shown = str_printable(value, strnlen(value, SHOWN_MAX), false);
    return err_set(err, ERR_INVALID, "'%s' is no valid value of field '%s'", shown, field);
}

/* "openssl (3.0.11-1)": the version of the source is not ours to know. */
static int check_source(struct stanza *s, struct err **err)
{
    if (!s->source)
        s->source = xstrdup(s->package);
    char *blank = strchr(s->source, ' ');
    if (blank && blank[1] == '(' && str_ends(blank, ")"))
        *blank = '\0';
    return check("Source", s->source, deb_name_is_valid, err);
}

int deb_control_parse(const char *text, size_t len, struct package_info *ret, struct err **err)
{
    __attribute__((cleanup(stanza_release))) struct stanza s = { .pos = text, .end = text + len };

    if (len > DEB_CONTROL_MAX)
        return err_set(err, ERR_INVALID, "it is larger than %u bytes", DEB_CONTROL_MAX);
    if (memchr(text, '\0', len))
        return err_set(err, ERR_INVALID, "it is not text");
    while (s.pos < s.end)
        if (next_line(&s, err) < 0)
            return -1;
    if (check("Package", s.package, deb_name_is_valid, err) < 0
        || check("Version", s.version, deb_version_is_valid, err) < 0
        || check("Architecture", s.arch, deb_arch_is_valid, err) < 0 || check_source(&s, err) < 0)
        return -1;
    *ret = (struct package_info){
        .name = TAKE(s.package),
        .version = TAKE(s.version),
        .arch = TAKE(s.arch),
        .source = TAKE(s.source),
    };
    return 0;
}
