/* Reading and rewriting the header of a saved domain; see save_image.h. */
#include "adapters/save_image.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

enum { MAGIC_SIZE = 16, WORDS = 19, HEADER_SIZE = MAGIC_SIZE + 4 * WORDS, STREAM_MAGIC_SIZE = 4 };
enum { VERSION, DATA_LEN, WAS_RUNNING, COMPRESSED, COOKIE_OFFSET, UNUSED };

static const char magic[MAGIC_SIZE + 1] = "LibvirtQemudSave";
static const char stream_magic[STREAM_MAGIC_SIZE + 1] = "QEVM";
static const uint32_t version = 2;

static int refuse(struct err **err, const char *why)
{
    return err_set(err, ERR_CORRUPT, "the saved memory is not as expected: %s", why);
}

static void load_words(const unsigned char *at, uint32_t words[WORDS])
{
    memcpy(words, at, sizeof(uint32_t) * WORDS);
    for (int i = 0; i < WORDS; i++)
        words[i] = le32toh(words[i]);
}

static int check_words(const uint32_t words[WORDS], struct err **err)
{
    if (words[VERSION] != version)
        return refuse(err, "another version of the format");
    if (words[DATA_LEN] < 2 || words[DATA_LEN] > SAVE_IMAGE_DATA_MAX)
        return refuse(err, "a description of impossible length");
    if (words[WAS_RUNNING] != 1)
        return refuse(err, "the machine was not running");
    if (words[COMPRESSED] != 0)
        return refuse(err, "it is compressed");
    if (words[COOKIE_OFFSET] == 1 || words[COOKIE_OFFSET] >= words[DATA_LEN])
        return refuse(err, "a cookie out of bounds");
    for (int i = UNUSED; i < WORDS; i++)
        if (words[i] != 0)
            return refuse(err, "something in the reserved words");
    return 0;
}

/* A text that fills `len` bytes but for a NUL, and zeros behind it; NULL when it is not that. */
static char *take_text(const char *at, size_t len)
{
    size_t n = strnlen(at, len);

    for (size_t i = n; i < len; i++)
        if (at[i] != '\0')
            return NULL;
    return n > 0 && n < len ? xstrndup(at, n) : NULL;
}

static int take_texts(const char *data, const uint32_t words[WORDS], struct save_image *ret,
                      struct err **err)
{
    uint32_t xml_len = words[COOKIE_OFFSET] ? words[COOKIE_OFFSET] : words[DATA_LEN];
    AUTO_FREE char *xml = take_text(data, xml_len);
    AUTO_FREE char *cookie = NULL;

    if (!xml || !str_starts(xml, "<domain type='") || !str_ends(xml, "</domain>\n"))
        return refuse(err, "no description of a machine");
    if (words[COOKIE_OFFSET]) {
        cookie = take_text(data + xml_len, words[DATA_LEN] - xml_len);
        if (!cookie || !str_starts(cookie, "<cookie>") || !str_ends(cookie, "</cookie>\n"))
            return refuse(err, "no cookie where one should be");
    }
    ret->xml = TAKE(xml);
    ret->cookie = TAKE(cookie);
    return 0;
}

int save_image_parse(const void *bytes, size_t len, struct save_image *ret, struct err **err)
{
    const char *at = bytes;
    struct save_image s = { 0 };
    uint32_t words[WORDS];

    if (len < HEADER_SIZE || memcmp(at, magic, MAGIC_SIZE) != 0)
        return refuse(err, "no header");
    load_words((const unsigned char *)at + MAGIC_SIZE, words);
    if (check_words(words, err) < 0)
        return -1;
    s.stream_at = HEADER_SIZE + (int64_t)words[DATA_LEN];
    if ((int64_t)len < s.stream_at + STREAM_MAGIC_SIZE
        || memcmp(at + s.stream_at, stream_magic, STREAM_MAGIC_SIZE) != 0)
        return refuse(err, "no memory behind the header");
    if (take_texts(at + HEADER_SIZE, words, &s, err) < 0)
        return -1;
    *ret = s;
    return 0;
}

int save_image_read(int fd, struct save_image *ret, struct err **err)
{
    size_t max = HEADER_SIZE + SAVE_IMAGE_DATA_MAX + STREAM_MAGIC_SIZE, len = 0;
    AUTO_FREE char *bytes = xcalloc(1, max);

    while (len < max) {
        ssize_t n = pread(fd, bytes + len, max - len, (off_t)len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_set_errno(err, errno, "cannot read the saved memory");
        if (n == 0)
            break;
        len += (size_t)n;
    }
    return save_image_parse(bytes, len, ret, err);
}

int save_image_replace(struct save_image *s, const char *from, const char *to, int times,
                       struct err **err)
{
    AUTO_STR out = STR_INIT(SAVE_IMAGE_DATA_MAX / 2);
    const char *at = s->xml, *hit;
    int hits = 0;

    while ((hit = strstr(at, from))) {
        str_add_mem(&out, at, (size_t)(hit - at));
        str_add(&out, to);
        at = hit + strlen(from);
        hits++;
    }
    str_add(&out, at);
    if (hits == 0 || (times && hits != times)) {
        AUTO_FREE char *shown = str_printable(from, strlen(from), false);
        return err_set(err, ERR_CORRUPT,
                       "the saved memory is not as expected: '%s' is there %d times", shown, hits);
    }
    if (out.truncated)
        return refuse(err, "a description of impossible length");
    free(s->xml);
    s->xml = str_take(&out);
    return 0;
}

char *save_image_escape(const char *text)
{
    static const struct {
        char c;
        const char *as;
    } escapes[] = {
        { '<', "&lt;" }, { '>', "&gt;" }, { '&', "&amp;" }, { '\'', "&apos;" }, { '"', "&quot;" },
    };
    AUTO_STR s = STR_INIT(SAVE_IMAGE_DATA_MAX);

    for (; *text; text++) {
        const char *as = NULL;
        for (size_t i = 0; i < ARRAY_LEN(escapes); i++)
            if (escapes[i].c == *text)
                as = escapes[i].as;
        if (as)
            str_add(&s, as);
        else
            str_add_mem(&s, text, 1);
    }
    return str_take(&s);
}

void save_image_header(const struct save_image *s, struct str *ret)
{
    size_t xml_len = strlen(s->xml) + 1, cookie_len = s->cookie ? strlen(s->cookie) + 1 : 0;
    uint32_t words[WORDS] = {
        [VERSION] = htole32(version),
        [DATA_LEN] = htole32((uint32_t)(xml_len + cookie_len)),
        [WAS_RUNNING] = htole32(1),
        [COOKIE_OFFSET] = htole32(s->cookie ? (uint32_t)xml_len : 0),
    };

    str_add_mem(ret, magic, MAGIC_SIZE);
    str_add_mem(ret, words, sizeof(words));
    str_add_mem(ret, s->xml, xml_len);
    if (s->cookie)
        str_add_mem(ret, s->cookie, cookie_len);
}

void save_image_release(struct save_image *s)
{
    free(s->xml);
    free(s->cookie);
    *s = (struct save_image){ 0 };
}
