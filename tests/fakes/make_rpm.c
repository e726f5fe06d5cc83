/* make_rpm - writes rpm packages for tests; see make_rpm.h. */
#include "fakes/make_rpm.h"

#include "base/digest.h"
#include "unit/base.h"

enum { LEAD = 96, RPM_MAX = 1 << 20, INT32 = 4, INT64 = 5, STRING = 6, BIN = 7, ARRAY = 8 };

static void add_be32(struct str *s, uint32_t v)
{
    const unsigned char b[] = { (unsigned char)(v >> 24), (unsigned char)(v >> 16),
                                (unsigned char)(v >> 8), (unsigned char)v };

    str_add_mem(s, b, sizeof(b));
}

static void add_entry(struct str *s, uint32_t tag, uint32_t type, uint32_t offset, uint32_t count)
{
    add_be32(s, tag);
    add_be32(s, type);
    add_be32(s, offset);
    add_be32(s, count);
}

static void align(struct str *s, size_t to)
{
    while (s->len % to)
        str_add_mem(s, "", 1);
}

static void add_data(struct str *data, const struct made_tag *t)
{
    if (t->type == INT64)
        add_be32(data, (uint32_t)(t->number >> 32));
    if (t->type == INT32 || t->type == INT64)
        add_be32(data, (uint32_t)t->number);
    else
        str_add_mem(data, t->text, strlen(t->text) + 1);
}

void add_rpm_header(struct str *s, uint32_t region, const struct made_tag *tags, size_t n)
{
    AUTO_STR index = STR_INIT(RPM_MAX);
    AUTO_STR data = STR_INIT(RPM_MAX);

    for (size_t i = 0; i < n; i++) {
        align(&data, tags[i].type == INT64 ? 8 : tags[i].type == INT32 ? 4 : 1);
        add_entry(&index, tags[i].tag, tags[i].type, (uint32_t)data.len,
                  tags[i].count ? tags[i].count : 1);
        add_data(&data, &tags[i]);
    }
    uint32_t trailer = (uint32_t)data.len;
    add_entry(&data, region, BIN, -(uint32_t)(16 * (n + 1)), 16);
    str_add_mem(s, "\x8e\xad\xe8\x01\0\0\0\0", 8);
    add_be32(s, (uint32_t)n + 1);
    add_be32(s, (uint32_t)data.len);
    add_entry(s, region, BIN, trailer, 16);
    str_add_mem(s, index.ptr, index.len);
    str_add_mem(s, data.ptr, data.len);
}

static void add_main(struct str *s, const struct made_rpm *m, const char *payload_sha256)
{
    AUTO_FREE char *usual = xasprintf("%s-%s-%s.src.rpm", m->name ? m->name : "x",
                                      m->version ? m->version : "x", m->release ? m->release : "x");
    const char *source = m->source ? m->source : usual;
    const struct made_tag all[] = {
        { 1000, STRING, m->name },
        { 1001, STRING, m->version },
        { 1002, STRING, m->release },
        { 1003, INT32, m->epoch, m->epoch ? strtoull(m->epoch, NULL, 10) : 0 },
        { 1022, STRING, m->arch ? m->arch : "x86_64" },
        { 1044, STRING, *source ? source : NULL },
        { 5092, ARRAY, payload_sha256 },
        { 5093, INT32, "", 8 },
    };
    struct made_tag tags[ARRAY_LEN(all)];
    size_t n = 0;

    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        if (all[i].text)
            tags[n++] = all[i];
    }
    add_rpm_header(s, 63, tags, n);
}

void add_rpm(struct str *s, const struct made_rpm *m)
{
    const char *payload = m->payload ? m->payload : "payload";
    char header_hex[DIGEST_HEX_SIZE], payload_hex[DIGEST_HEX_SIZE],
        lead[LEAD] = "\xed\xab\xee\xdb\3";
    AUTO_STR main = STR_INIT(RPM_MAX);

    digest_mem(payload, strlen(payload), payload_hex);
    add_main(&main, m, payload_hex);
    digest_mem(main.ptr, main.len, header_hex);
    const struct made_tag tags[] = {
        { 273, STRING, header_hex },
        { 1000, INT32, NULL, main.len + strlen(payload) },
    };
    str_add_mem(s, lead, sizeof(lead));
    add_rpm_header(s, 62, tags, ARRAY_LEN(tags));
    align(s, 8);
    str_add_mem(s, main.ptr, main.len);
    str_add(s, payload);
}

void make_rpm(const char *path, const struct made_rpm *m)
{
    AUTO_STR s = STR_INIT(RPM_MAX);
    AUTO_ERR e = NULL;

    add_rpm(&s, m);
    expect_ok(file_write(path, s.ptr, s.len, 0644, &e), &e);
}
