/* What domains a libvirt host has. */
#include "adapters/libvirt_domains.h"

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/lv_conn.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

#define CLONE_PREFIX "patchlab-"

struct found {
    virConnectPtr conn;
    virDomainPtr *ptr;
    int len;
};

static void found_release(struct found *f)
{
    for (int i = 0; i < f->len; i++)
        virDomainFree(f->ptr[i]);
    free(f->ptr);
    if (f->conn)
        virConnectClose(f->conn);
}

/* A clone is transient; somebody's own 'patchlab-...' is not. */
static bool is_clone(virDomainPtr d)
{
    return str_starts(virDomainGetName(d), CLONE_PREFIX) && virDomainIsPersistent(d) == 0;
}

static int add(virDomainPtr d, struct domain_list *l, struct err **err)
{
    const char *name = virDomainGetName(d);
    virDomainInfo info;

    if (is_clone(d))
        return 0;
    if (virDomainGetInfo(d, &info) < 0) {
        if (virGetLastErrorCode() == VIR_ERR_NO_DOMAIN)
            return 0;
        AUTO_FREE char *shown = str_printable(name, strlen(name), false);
        return lv_err_set(err, "cannot ask about domain '%s'", shown);
    }
    struct domain *to = domain_list_add(l, name);
    /* No title is an error to libvirt, and so is a driver that knows none. */
    to->title = virDomainGetMetadata(d, VIR_DOMAIN_METADATA_TITLE, NULL, 0);
    to->memory = (int64_t)info.maxMem * 1024;
    to->vcpus = info.nrVirtCpu;
    return 0;
}

static int list(const char *uri, struct domain_list *ret, struct err **err)
{
    __attribute__((cleanup(found_release))) struct found f = { 0 };
    AUTO_DOMAIN_LIST l = { 0 };

    f.conn = lv_open(uri, "/dev/null", err);
    if (!f.conn)
        return -1;
    f.len = virConnectListAllDomains(f.conn, &f.ptr, 0);
    if (f.len < 0) {
        f.len = 0;
        return lv_err_set(err, "cannot list the domains of '%s'", uri);
    }
    for (int i = 0; i < f.len; i++) {
        if (add(f.ptr[i], &l, err) < 0)
            return -1;
    }
    domain_list_sort(&l);
    *ret = l;
    l = (struct domain_list){ 0 };
    return 0;
}

const struct domains_ops libvirt_domains_ops = { .list = list };
