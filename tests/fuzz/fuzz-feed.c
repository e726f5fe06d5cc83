/*
 * fuzz-feed - reads any bytes as vulnerability data; the first byte chooses the format.  Whatever
 * the bytes: an error with a message that is fit for a terminal, or statements whose texts are fit
 * to be stored, and spans of versions that can be asked.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "adapters/feed_text.h"
#include "adapters/feeds.h"
#include "base/err.h"
#include "base/mem.h"
#include "core/vuln_span.h"
#include "must.h"

static void must_be_text(const char *s)
{
    must(s && feed_text_is_valid(s));
}

static void must_be_texts(const struct strv *v)
{
    for (size_t i = 0; v && i < v->len; i++)
        must_be_text(v->ptr[i]);
}

static int on_affected(void *arg, const struct feed_affected *a, struct err **err)
{
    AUTO_VULN_SPANS spans = { 0 };

    (void)arg;
    (void)err;
    must_be_text(a->advisory);
    must_be_text(a->ecosystem);
    must_be_text(a->package);
    must_be_texts(a->cves);
    must_be_texts(a->versions);
    must_be_texts(a->spared);
    must(a->severity <= SEVERITY_CRITICAL && a->names <= FEED_NAMES_EITHER);
    vuln_spans(a, a->names == FEED_NAMES_EITHER ? version_rpm_compare : version_deb_compare,
               &spans);
    for (size_t i = 0; i < spans.len; i++) {
        const struct vuln_span *s = &spans.ptr[i];
        must(!s->fixed || !s->last);
        if (s->introduced)
            must_be_text(s->introduced);
    }
    return 0;
}

static int on_exploited(void *arg, const struct feed_exploited *x, struct err **err)
{
    (void)arg;
    (void)err;
    must_be_text(x->cve);
    must_be_text(x->name);
    must_be_text(x->added);
    if (x->due)
        must_be_text(x->due);
    return 0;
}

static int on_likelihood(void *arg, const struct feed_likelihood *l, struct err **err)
{
    (void)arg;
    (void)err;
    must_be_text(l->cve);
    must(l->score >= 0 && l->score <= 100000);
    return 0;
}

static void on_dated(void *arg, const char *when)
{
    (void)arg;
    must_be_text(when);
}

static const struct feed_format *choose(uint8_t c)
{
    static const struct {
        uint8_t letter;
        const struct feed_format *format;
    } choices[] = {
        { 'o', &feed_osv }, { 't', &feed_tracker }, { 'd', &feed_debsecan },
        { 'k', &feed_kev }, { 'e', &feed_epss },    { 'j', &feed_json },
    };

    for (size_t i = 0; i < ARRAY_LEN(choices); i++) {
        if (choices[i].letter == c)
            return choices[i].format;
    }
    return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct feed_format *f = size ? choose(data[0]) : NULL;
    struct feed_sink sink = { on_affected, on_exploited, on_likelihood, on_dated, NULL };
    AUTO_ERR e = NULL;
    char path[64];

    if (!f)
        return 0;
    int fd = memfd_create("feed", MFD_CLOEXEC);
    must(fd >= 0 && write(fd, data + 1, size - 1) == (ssize_t)(size - 1));
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    struct feed_input in = { .path = path, .release = f->needs_release ? "Debian:12" : NULL };
    int rc = f->read(&in, &sink, &e);
    must((rc == 0) == !e);
    must(!e || !strpbrk(e->msg, "\x1b\n"));
    close(fd);
    return 0;
}
