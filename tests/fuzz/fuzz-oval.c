/*
 * What scanners print and what they are given: 'o' OVAL results, 'f' OVAL definitions, 'd' what
 * debsecan prints, 'c' a changelog.  Every text that comes out is one line of valid UTF-8, every
 * list sorted, every error harmless to print.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "adapters/debsecan_output.h"
#include "adapters/feed_text.h"
#include "adapters/feeds.h"
#include "adapters/oval_results.h"
#include "base/err.h"
#include "base/mem.h"
#include "core/changelog.h"
#include "core/version.h"
#include "ports/pkgmgr.h"
#include "must.h"

static void check_error(int rc, const struct err *e)
{
    must((rc == 0) == !e);
    must(!e || !strpbrk(e->msg, "\x1b\n"));
}

static void check_findings(struct finding_list *l)
{
    finding_list_merge(l, version_deb_compare);
    for (size_t i = 0; i < l->len; i++) {
        const struct finding *f = &l->ptr[i], *before = i ? f - 1 : NULL;
        must(feed_text_is_valid(f->id) && feed_text_is_valid(f->package));
        must(!f->fixed_in || feed_text_is_valid(f->fixed_in));
        must(f->installed && f->binaries && f->source);
        must(!before || strcmp(before->id, f->id) < 0
             || (strcmp(before->id, f->id) == 0 && strcmp(before->package, f->package) < 0));
    }
}

static void fuzz_results(const char *text, size_t len)
{
    AUTO_PACKAGE_LIST packages = { 0 };
    AUTO_FINDING_LIST l = { 0 };
    AUTO_ERR e = NULL;

    package_list_add_source(&packages, "libssl3:amd64", "3.0.11-1", "openssl", "3.0.11-1");
    package_list_add(&packages, "openssl", "3.0.11-1");
    const struct oval_reading in = { "feed", &packages, NULL };
    check_error(oval_results_parse(text, len, &in, &l, &e), e);
    check_findings(&l);
}

static void fuzz_debsecan(const char *text, size_t len)
{
    AUTO_FINDING_LIST l = { 0 };
    AUTO_ERR e = NULL;

    check_error(debsecan_output_parse(text, len, "feed", version_deb_compare, &l, &e), e);
    check_findings(&l);
}

static void on_dated(void *arg, const char *when)
{
    (void)arg;
    must(feed_text_is_valid(when));
}

static void fuzz_definitions(const char *text, size_t len)
{
    const struct feed_sink sink = { .dated = on_dated };
    AUTO_ERR e = NULL;
    char path[64];
    int fd = memfd_create("oval", MFD_CLOEXEC);

    must(fd >= 0 && write(fd, text, len) == (ssize_t)len);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    const struct feed_input in = { .path = path };
    check_error(feed_oval.read(&in, &sink, &e), e);
    close(fd);
}

static void fuzz_changelog(const char *text, size_t len)
{
    AUTO_JSON *list = json_array();
    const json_t *claim;
    size_t i;

    changelog_claims(text, len, "a", len % 2 ? "1.0" : NULL, list);
    json_array_foreach(list, i, claim)
    {
        must(feed_text_is_valid(json_str_at(claim, "cve")));
        must(feed_text_is_valid(json_str_at(claim, "version")));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    AUTO_FREE char *text = xstrndup("", 0);
    text = xreallocarray(text, size, 1); /* just as long as it is: what reads beyond it, shows */
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    switch (data[0]) {
    case 'o':
        fuzz_results(text, size - 1);
        break;
    case 'f':
        fuzz_definitions(text, size - 1);
        break;
    case 'd':
        fuzz_debsecan(text, size - 1);
        break;
    case 'c':
        fuzz_changelog(text, size - 1);
        break;
    }
    return 0;
}
