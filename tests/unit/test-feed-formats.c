/* The formats of vulnerability data: what each says, and what it refuses. */
#include "unit/base.h"

#include <zlib.h>

#include "adapters/feeds.h"
#include "fakes/feed_notes.h"

static char *put(const char *dir, const char *name, const void *data, size_t len)
{
    AUTO_ERR e = NULL;
    char *path = path_join(dir, name);
    AUTO_FREE char *parent = path_dir(path);

    expect_ok(dir_make(parent, 0755, &e), &e);
    expect_ok(file_write(path, data, len, 0644, &e), &e);
    return path;
}

static int read_file(const struct feed_format *f, const char *path, struct feed_notes *n,
                     struct err **err)
{
    struct feed_input in = { .path = path, .release = f->needs_release ? "Debian:12" : NULL };

    return f->read(&in, &n->sink, err);
}

struct good {
    const struct feed_format *format;
    const char *text, *said;
};

struct bad {
    const struct feed_format *format;
    const char *text, *message;
};

static const struct good goods[] = {
    { &feed_osv,
      "{\"id\":\"DEBIAN-CVE-2024-1\",\"modified\":\"2024-05-01T00:00:00Z\",\"upstream\":"
      "[\"CVE-2024-1\"],\"affected\":[{\"package\":{\"ecosystem\":\"Debian:12\",\"name\":"
      "\"openssl\",\"purl\":\"pkg:deb/debian/openssl\"},\"ranges\":[{\"type\":\"ECOSYSTEM\","
      "\"events\":[{\"introduced\":\"0\"},{\"fixed\":\"3.0.14-1\"}]}],\"versions\":[\"3.0.11-1\"],"
      "\"ecosystem_specific\":{\"urgency\":\"low\"}}]}",
      "dated 2024-05-01T00:00:00Z\n"
      "DEBIAN-CVE-2024-1 (CVE-2024-1) Debian:12 openssl/src low [>0 <3.0.14-1] @3.0.11-1\n" },
    /* A list; several CVEs; a range of another kind; no range; a binary name of Red Hat. */
    { &feed_osv,
      "[{\"id\":\"DSA-1\",\"upstream\":[\"CVE-1-1\",\"CVE-1-2\",\"X-1\"],\"affected\":["
      "{\"package\":{\"ecosystem\":\"Debian:12\",\"name\":\"a\"},\"ranges\":[{\"type\":\"GIT\","
      "\"events\":[{\"introduced\":\"abc\"}]},{\"type\":\"ECOSYSTEM\",\"events\":["
      "{\"introduced\":\"1\"},{\"last_affected\":\"2\"},{\"introduced\":\"3\"}]}]},"
      "{\"ranges\":[]},"
      "{\"package\":{\"ecosystem\":\"Debian:13\",\"name\":\"a\"},\"versions\":[\"5\"]}]},"
      "{\"id\":\"RHSA-1\",\"aliases\":[\"CVE-2-1\"],\"database_specific\":{\"severity\":"
      "\"Important\"},\"affected\":[{\"package\":{\"ecosystem\":\"Red Hat:8::baseos\",\"name\":"
      "\"b\"}}]},"
      "{\"id\":\"CVE-3-1\",\"affected\":[{\"package\":{\"ecosystem\":\"Alpine:v3.16\",\"name\":"
      "\"c\"}}]},"
      "{\"id\":\"GHSA-1\",\"affected\":[]}]",
      "DSA-1 (CVE-1-1+CVE-1-2) Debian:12 a/src unknown [] [>1 =2 >3]\n"
      "DSA-1 (CVE-1-1+CVE-1-2) Debian:13 a/src unknown @5\n"
      "RHSA-1 (CVE-2-1) Red Hat:8::baseos b/any high\n"
      "CVE-3-1 (CVE-3-1) Alpine:v3.16 c/src unknown\n" },
    { &feed_osv,
      "{\"id\":\"X\",\"withdrawn\":\"2024-01-01T00:00:00Z\",\"affected\":[{\"package\":"
      "{\"ecosystem\":\"Debian:12\",\"name\":\"a\"}}]}",
      "" },
    /* A severity in words counts before a vector, and the worst vector of several. */
    { &feed_osv,
      "[{\"id\":\"V-1\",\"severity\":[{\"type\":\"CVSS_V4\",\"score\":\"CVSS:4.0/AV:N\"},"
      "{\"type\":\"CVSS_V3\",\"score\":\"CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N\"},"
      "{\"type\":\"CVSS_V3\",\"score\":\"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H\"}],"
      "\"affected\":[{\"package\":{\"ecosystem\":\"Debian:12\",\"name\":\"a\"}},"
      "{\"package\":{\"ecosystem\":\"Debian:12\",\"name\":\"b\"},\"ecosystem_specific\":"
      "{\"urgency\":\"low\"}}]},{\"id\":\"V-2\",\"severity\":5,\"affected\":[{\"package\":"
      "{\"ecosystem\":\"Debian:12\",\"name\":\"a\"}}]}]",
      "V-1 () Debian:12 a/src critical\nV-1 () Debian:12 b/src low\n"
      "V-2 () Debian:12 a/src unknown\n" },
    { &feed_osv, "[]", "" },

    { &feed_tracker,
      "{\"openssl\":{\"CVE-2024-1\":{\"description\":\"x\",\"releases\":{"
      "\"bookworm\":{\"status\":\"resolved\",\"fixed_version\":\"3.0.14-1\","
      "\"urgency\":\"medium\"},"
      "\"bullseye\":{\"status\":\"open\",\"urgency\":\"not yet assigned\"},"
      "\"buster\":{\"status\":\"resolved\",\"fixed_version\":\"0\",\"urgency\":\"unimportant\"},"
      "\"trixie\":{\"status\":\"undetermined\"},"
      "\"zurg\":{\"status\":\"open\"}}}},"
      "\"nginx\":{\"TEMP-1\":{\"releases\":{\"sid\":{\"status\":\"open\",\"urgency\":\"high\"}}},"
      "\"CVE-2024-2\":{}}}",
      "CVE-2024-1 (CVE-2024-1) Debian:12 openssl/src medium [>0 <3.0.14-1]\n"
      "CVE-2024-1 (CVE-2024-1) Debian:11 openssl/src unknown [>0]\n"
      "TEMP-1 (TEMP-1) Debian:sid nginx/src high [>0]\n" },
    { &feed_tracker, "{}", "" },

    { &feed_debsecan,
      "VERSION 1\n"
      "CVE-2024-1,,An issue, with a comma\n"
      "CVE-2024-2,,\n"
      "\n"
      "openssl,0, MRF,3.0.14-1,3.0.11-1~deb12u3 3.0.13-1\n"
      "libssl3,1,BH? ,,\n"
      "\n"
      "openssl,libssl3 openssl\n",
      "CVE-2024-1 (CVE-2024-1) Debian:12 openssl/src medium [>0 <3.0.14-1] -3.0.11-1~deb12u3"
      " -3.0.13-1\n"
      "CVE-2024-2 (CVE-2024-2) Debian:12 libssl3/bin high [>0]\n" },

    { &feed_kev,
      "{\"catalogVersion\":\"1\",\"dateReleased\":\"2024-05-01T00:00:00Z\",\"count\":2,"
      "\"vulnerabilities\":[{\"cveID\":\"CVE-1-1\",\"vulnerabilityName\":\"Bad Thing\","
      "\"dateAdded\":\"2024-04-01\",\"dueDate\":\"2024-04-22\",\"knownRansomwareCampaignUse\":"
      "\"Known\"},{\"cveID\":\"CVE-1-2\",\"vulnerabilityName\":\"Other\",\"dateAdded\":"
      "\"2024-04-02\"}]}",
      "dated 2024-05-01T00:00:00Z\n"
      "CVE-1-1 'Bad Thing' 2024-04-01..2024-04-22 ransom\n"
      "CVE-1-2 'Other' 2024-04-02..\n" },

    { &feed_epss,
      "#model_version:v2025.03.14,score_date:2026-11-24T00:00:00+0000\n"
      "cve,epss,percentile\nCVE-1-1,0.01297,0.79\nCVE-1-2,1,1\nCVE-1-3,0.97,1.0\n"
      "CVE-1-4,1e-05,0.1\n",
      "dated 2026-11-24T00:00:00+0000\nCVE-1-1 1297\nCVE-1-2 100000\nCVE-1-3 97000\nCVE-1-4 0\n" },

    { &feed_json,
      "{\"date\":\"2026-11-24\",\"advisories\":["
      "{\"id\":\"ACME-1\",\"cves\":[\"CVE-1-1\"],\"severity\":\"high\",\"release\":\"Debian:12\","
      "\"package\":\"acme\",\"names\":\"binary\",\"introduced\":\"1.0\",\"fixed\":\"2.0\"},"
      "{\"id\":\"ACME-2\",\"release\":\"Debian:12\",\"package\":\"acme\",\"versions\":[\"3\"]},"
      "{\"id\":\"ACME-3\",\"release\":\"Debian:12\",\"package\":\"acme\",\"last_affected\":\"4\"},"
      "{\"id\":\"ACME-4\",\"release\":\"Debian:12\",\"package\":\"acme\"}]}",
      "dated 2026-11-24\n"
      "ACME-1 (CVE-1-1) Debian:12 acme/bin high [>1.0 <2.0]\n"
      "ACME-2 () Debian:12 acme/any unknown [] @3\n"
      "ACME-3 () Debian:12 acme/any unknown [>0 =4]\n"
      "ACME-4 () Debian:12 acme/any unknown [>0]\n" },
};

static const struct bad bads[] = {
    { &feed_osv, "", "not valid JSON" },
    { &feed_osv, "{\"id\":1}", "'id' is not one line" },
    { &feed_osv, "{}", "'id' is missing" },
    { &feed_osv, "{\"id\":\"a\\u001b[2J\"}", "'id' is not one line" },
    { &feed_osv, "{\"id\":\"A\",\"id\":\"B\"}", "not valid JSON" },
    { &feed_osv, "{\"id\":\"A\",\"upstream\":{}}", "record 'A': 'upstream' is not a list" },
    { &feed_osv, "{\"id\":\"A\",\"affected\":[{\"package\":{}}]}", "'ecosystem' is missing" },
    { &feed_osv,
      "{\"id\":\"A\",\"affected\":[{\"package\":{\"ecosystem\":\"Debian:12\",\"name\":\"a\"},"
      "\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":[{\"fixed\":7}]}]}]}",
      "'fixed' is not one line" },
    { &feed_osv, "[{\"id\":\"A\"},", "a value expected" },
    { &feed_tracker, "[]", "an object of source packages expected" },
    { &feed_tracker, "{\"a\":[]}", "source package 'a' is not an object" },
    { &feed_tracker, "{\"a\":{\"CVE-1\":7x}}", "not valid JSON" },
    { &feed_tracker, "{\"a\":{\"CVE-1\":{\"releases\":{\"bookworm\":{}}}}}",
      "'CVE-1' of 'a': 'status' is missing" },
    { &feed_tracker, "{\"\\u0007\":{}}", "has no proper name" },
    { &feed_tracker, "{\"a\":{\"CVE-1\":{}}", "expected" },
    { &feed_debsecan, "VERSION 2\n", ":1: 'VERSION 1' expected" },
    { &feed_debsecan, "VERSION 1\nCVE-1\n", ":2: 'NAME,FLAGS,DESCRIPTION' expected" },
    { &feed_debsecan, "VERSION 1\nCVE-1,,\n\na,1,   F,,\n\n", "the number of a vulnerability" },
    { &feed_debsecan, "VERSION 1\nCVE-1,,\n\na,-1,   F,,\n\n", "the number of a vulnerability" },
    { &feed_debsecan, "VERSION 1\nCVE-1,,\n\na,0,F,,\n\n", ":4: 'PACKAGE,NUMBER" },
    { &feed_debsecan, "VERSION 1\nCVE-1,,\n\na,0,    ,1\n\n", "'PACKAGE,NUMBER" },
    { &feed_debsecan, "VERSION 1\n\na,0,    ,1,\n\n", "the number of a vulnerability" },
    { &feed_debsecan, "VERSION 1\nCVE-1,,\n\na,0,    ,1,\n", "a third section expected" },
    { &feed_kev, "{}", "a list 'vulnerabilities' expected" },
    { &feed_kev, "{\"vulnerabilities\":[{}]}", "'cveID' is missing" },
    { &feed_kev, "{\"vulnerabilities\":[{\"cveID\":\"CVE-1\"}]}",
      "'CVE-1': 'vulnerabilityName' is missing" },
    { &feed_epss, "", "it is empty" },
    { &feed_epss, "CVE-1-1,0.5,0.5\n", ":1: 'cve,epss,percentile' expected" },
    { &feed_epss, "cve,epss,percentile\nCVE-1-1,2,0.5\n", ":2: a score from 0 to 1 expected" },
    { &feed_epss, "cve,epss,percentile\nCVE-1-1,1.5,0.5\n", "a score from 0 to 1" },
    { &feed_epss, "cve,epss,percentile\nCVE-1-1,x,0.5\n", "a score from 0 to 1" },
    { &feed_epss, "cve,epss,percentile\nCVE-1-1,0.5\n", "'CVE,SCORE,PERCENTILE' expected" },
    { &feed_json, "{}", "a list 'advisories' expected" },
    { &feed_json, "{\"advisories\":[{\"id\":\"A\",\"package\":\"a\"}]}",
      "advisory 'A': 'release' is missing" },
    { &feed_json,
      "{\"advisories\":[{\"id\":\"A\",\"package\":\"a\",\"release\":\"Debian:12\",\"fixed\":\"1\","
      "\"last_affected\":\"1\"}]}",
      "exclude each other" },
    { &feed_json,
      "{\"advisories\":[{\"id\":\"A\",\"package\":\"a\",\"release\":\"Debian:12\","
      "\"names\":\"all\"}]}",
      "'names' is 'source', 'binary' or 'either'" },
};

static void formats_say_what_they_hold(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(goods); i++) {
        AUTO_FREE char *path = put(*state, "data", goods[i].text, strlen(goods[i].text));
        AUTO_FEED_NOTES n;
        AUTO_ERR e = NULL;

        feed_notes_init(&n);
        expect_ok(read_file(goods[i].format, path, &n, &e), &e);
        assert_string_equal(n.text.ptr, goods[i].said);
    }
}

static void what_is_wrong_is_named(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(bads); i++) {
        AUTO_FREE char *path = put(*state, "data", bads[i].text, strlen(bads[i].text));
        AUTO_FEED_NOTES n;
        AUTO_ERR e = NULL;

        feed_notes_init(&n);
        expect_err(read_file(bads[i].format, path, &n, &e), ERR_INVALID, bads[i].message, &e);
    }
}

static void a_directory_of_osv_is_read_as_one(void **state)
{
    static const char record[] = "{\"id\":\"CVE-1-1\",\"affected\":[{\"package\":{\"ecosystem\":"
                                 "\"Debian:12\",\"name\":\"a\"}}]}";
    free(put(*state, "tree/a/1.json", record, strlen(record)));
    free(put(*state, "tree/2.json", "[]", 2));
    free(put(*state, "tree/README", "not JSON", 8));
    AUTO_FREE char *tree = path_join(*state, "tree");
    AUTO_FEED_NOTES n;
    AUTO_ERR e = NULL;

    feed_notes_init(&n);
    expect_ok(read_file(&feed_osv, tree, &n, &e), &e);
    assert_string_equal(n.text.ptr, "CVE-1-1 (CVE-1-1) Debian:12 a/src unknown\n");
    free(put(*state, "tree/b/3.json", "{", 1));
    expect_err(read_file(&feed_osv, tree, &n, &e), ERR_INVALID, "b/3.json", &e);
}

static void a_missing_file_is_not_found(void **state)
{
    for (size_t i = 0; feed_formats[i]; i++) {
        AUTO_FREE char *path = path_join(*state, "nothing");
        AUTO_FEED_NOTES n;
        AUTO_ERR e = NULL;

        feed_notes_init(&n);
        expect_err(read_file(feed_formats[i], path, &n, &e), ERR_NOT_FOUND, "nothing", &e);
    }
}

static const char epss[] = "cve,epss,percentile\nCVE-1-1,0.5,0.5\n";

/* window_bits: as zlib counts them; +16 for gzip. */
static size_t pack(const char *text, size_t len, int window_bits, char *ret, size_t size)
{
    z_stream z = { .next_in = (unsigned char *)(uintptr_t)text, .avail_in = (unsigned)len };

    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_out = (unsigned char *)ret;
    z.avail_out = (unsigned)size;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    deflateEnd(&z);
    return size - z.avail_out;
}

static void compressed_data_is_unpacked(void **state)
{
    static const int bits[] = { 15, 15 + 16 };

    for (size_t i = 0; i < ARRAY_LEN(bits); i++) {
        char packed[1000];
        size_t len = pack(epss, strlen(epss), bits[i], packed, sizeof(packed));
        AUTO_FREE char *path = put(*state, "epss.gz", packed, len);
        AUTO_FEED_NOTES n;
        AUTO_ERR e = NULL;

        feed_notes_init(&n);
        expect_ok(read_file(&feed_epss, path, &n, &e), &e);
        assert_string_equal(n.text.ptr, "CVE-1-1 50000\n");

        AUTO_FREE char *cut = put(*state, "cut.gz", packed, len - 5);
        expect_err(read_file(&feed_epss, cut, &n, &e), ERR_INVALID, "truncated", &e);
        packed[len / 2] ^= 0x55;
        packed[len / 2 + 1] ^= 0x55;
        AUTO_FREE char *torn = put(*state, "torn.gz", packed, len);
        expect_err(read_file(&feed_epss, torn, &n, &e), ERR_INVALID, "damaged", &e);
    }
}

/* 300 MB of the same byte in 300 kB. */
static void a_bomb_is_refused(void **state)
{
    enum { SIZE = 300 << 20 };
    AUTO_FREE char *text = xcalloc(SIZE, 1);
    AUTO_FREE char *packed = xcalloc(1 << 20, 1);
    size_t len = pack(text, SIZE, 15 + 16, packed, 1 << 20);
    AUTO_FREE char *path = put(*state, "bomb.gz", packed, len);
    AUTO_FEED_NOTES n;
    AUTO_ERR e = NULL;

    feed_notes_init(&n);
    expect_err(read_file(&feed_epss, path, &n, &e), ERR_INVALID, "unpacks to more than", &e);
}

static void nul_characters_are_refused(void **state)
{
    static const char text[] = "cve,epss,percentile\nCVE-1-1,0.5\0,0.5\n";
    AUTO_FREE char *path = put(*state, "data", text, sizeof(text) - 1);
    AUTO_FEED_NOTES n;
    AUTO_ERR e = NULL;

    feed_notes_init(&n);
    expect_err(read_file(&feed_epss, path, &n, &e), ERR_INVALID, "NUL", &e);
    expect_err(read_file(&feed_debsecan, path, &n, &e), ERR_INVALID, "NUL", &e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(formats_say_what_they_hold),        scratch_test(what_is_wrong_is_named),
        scratch_test(a_directory_of_osv_is_read_as_one), scratch_test(a_missing_file_is_not_found),
        scratch_test(compressed_data_is_unpacked),       scratch_test(a_bomb_is_refused),
        scratch_test(nul_characters_are_refused),
    };

    return cmocka_run_group_tests_name("feed-formats", tests, NULL, NULL);
}
