/* port_data - life cycle of the plain data that the ports pass; every layer above uses it. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ports/archive.h"
#include "ports/disk.h"
#include "ports/guest.h"
#include "ports/http.h"
#include "ports/lab.h"
#include "ports/pkgmgr.h"

const char *const firmware_names[] = {
    [FIRMWARE_BIOS] = "bios",
    [FIRMWARE_UEFI] = "uefi",
    NULL,
};

void package_info_release(struct package_info *p)
{
    free(p->name);
    free(p->version);
    free(p->arch);
    free(p->source);
    *p = (struct package_info){ 0 };
}

void disk_info_release(struct disk_info *i)
{
    free(i->format);
    *i = (struct disk_info){ 0 };
}

void http_answer_release(struct http_answer *a)
{
    free(a->etag);
    free(a->modified);
    *a = (struct http_answer){ 0 };
}

void guest_result_release(struct guest_result *r)
{
    /* A result that was never filled in is all zero, without even the empty string. */
    if (r->output.ptr)
        str_release(&r->output);
    if (r->report.ptr)
        str_release(&r->report);
    *r = (struct guest_result){ 0 };
}

void package_list_add_source(struct package_list *l, const char *name, const char *version,
                             const char *source, const char *source_version)
{
    l->ptr = xgrow(l->ptr, l->len, sizeof(*l->ptr));
    l->ptr[l->len++] = (struct package){
        .name = xstrdup(name),
        .version = xstrdup(version),
        .source = source ? xstrdup(source) : xstrndup(name, strcspn(name, ":")),
        .source_version = xstrdup(source_version ? source_version : version),
    };
}

void package_list_add(struct package_list *l, const char *name, const char *version)
{
    package_list_add_source(l, name, version, NULL, NULL);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct package *)a)->name, ((const struct package *)b)->name);
}

void package_list_sort(struct package_list *l)
{
    if (l->len > 1)
        qsort(l->ptr, l->len, sizeof(*l->ptr), by_name);
}

void package_list_release(struct package_list *l)
{
    for (size_t i = 0; i < l->len; i++) {
        free(l->ptr[i].name);
        free(l->ptr[i].version);
        free(l->ptr[i].source);
        free(l->ptr[i].source_version);
    }
    free(l->ptr);
    *l = (struct package_list){ 0 };
}

void patch_places_release(struct patch_places *p)
{
    for (size_t i = 0; i < p->len; i++) {
        free(p->ptr[i].from);
        free(p->ptr[i].to);
        free(p->ptr[i].owner);
    }
    free(p->ptr);
    *p = (struct patch_places){ 0 };
}

void warm_facts_release(struct warm_facts *f)
{
    free(f->host);
    free(f->cpu);
    free(f->versions);
    free(f->accel);
    free(f->machine);
    free(f->disk);
    free(f->unusable);
    *f = (struct warm_facts){ 0 };
}
