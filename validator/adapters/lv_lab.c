/* The lab on libvirt: opening it, its facts, closing it; see adapters/libvirt_lab.h. */
#include "adapters/lv_lab.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/accel.h"
#include "adapters/kvm_hide.h"
#include "adapters/lab_permit.h"
#include "adapters/libvirt_lab.h"
#include "adapters/lv_warm.h"
#include "adapters/reaper.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"

static char *version_text(unsigned long v)
{
    return xasprintf("%lu.%lu.%lu", v / 1000000, v / 1000 % 1000, v % 1000);
}

static int learn_facts(struct lv_lab *l, struct err **err)
{
    unsigned long libvirt = 0, qemu = 0;

    if (virConnectGetLibVersion(l->conn, &libvirt) < 0 || virConnectGetVersion(l->conn, &qemu) < 0)
        return lv_err_set(err, "cannot ask libvirt for its version");
    AUTO_FREE char *a = version_text(libvirt);
    AUTO_FREE char *b = version_text(qemu);
    l->versions = xasprintf("libvirt %s, QEMU %s", a, b);
    l->base.facts = (struct lab_facts){
        .uri = l->uri,
        .accel = l->kvm ? "kvm" : "tcg",
        .versions = l->versions,
    };
    return 0;
}

/* Names of clones carry the slot, so that one daemon can serve many patchlabs. */
static int sweep_domains(struct lv_lab *l, struct err **err)
{
    AUTO_FREE char *prefix = xasprintf("patchlab-%s-", l->slot.name);
    virDomainPtr *domains = NULL;
    int n = virConnectListAllDomains(l->conn, &domains, VIR_CONNECT_LIST_DOMAINS_ACTIVE);
    int swept = 0;

    if (n < 0)
        return lv_err_set(err, "cannot list the domains of '%s'", l->uri);
    for (int i = 0; i < n; i++) {
        if (str_starts(virDomainGetName(domains[i]), prefix)) {
            virDomainDestroy(domains[i]);
            swept++;
        }
        virDomainFree(domains[i]);
    }
    free(domains);
    return swept;
}

static int lv_sweep(struct lab *lab, int *ret, struct err **err)
{
    struct lv_lab *l = (struct lv_lab *)lab;
    int n = sweep_domains(l, err);

    if (n < 0)
        return -1;
    *ret = l->swept + n;
    l->swept = 0;
    return 0;
}

static void lv_close(struct lab *lab)
{
    struct lv_lab *l = (struct lv_lab *)lab;
    AUTO_ERR ignored = NULL;

    lv_standbys_release(&l->standbys);
    if (l->conn) {
        sweep_domains(l, &ignored);
        virConnectClose(l->conn);
    }
    if (l->slot.dir) {
        AUTO_ERR e = NULL;
        lab_slot_sweep(l->slot.dir, &e);
    }
    lab_slot_release(&l->slot);
    free(l->lab_dir);
    free(l->uri);
    free(l->versions);
    free(l);
}

static const struct lab_ops lv_lab_ops = {
    .clone = lv_clone_new,
    .warm_facts = lv_warm_facts,
    .standby = lv_standby,
    .sweep = lv_sweep,
    .close = lv_close,
};

static int choose_accel(const struct lab_config *config, const struct stop *stop, bool *ret_kvm,
                        struct err **err)
{
    AUTO_ACCEL found = { 0 };

    if (config->accel) {
        *ret_kvm = str_eq(config->accel, "kvm");
        return 0;
    }
    if (accel_detect(stop, &found, err) < 0)
        return -1;
    log_debug(LOG_LAB, "accelerator %s: %s", found.kvm ? "kvm" : "tcg", found.reason);
    *ret_kvm = found.kvm;
    return 0;
}

static int connect_lab(struct lv_lab *l, const struct lab_config *config, const struct stop *stop,
                       struct err **err)
{
    AUTO_FREE char *own = path_join(config->dir, "cache");
    const char *cache = config->cache ? config->cache : own;

    if (lab_slot_take(config->dir, cache, &l->slot, &l->swept, err) < 0
        || choose_accel(config, stop, &l->kvm, err) < 0)
        return -1;
    l->embedded = !config->uri;
    if (l->embedded && !l->kvm)
        kvm_hide(l->slot.dir);
    if (l->embedded)
        reaper_start();
    l->uri = config->uri ? xstrdup(config->uri) : xasprintf("qemu:///embed?root=%s", l->slot.dir);
    AUTO_FREE char *log = path_join(l->slot.dir, "libvirt.log");
    l->conn = lv_open(l->uri, log, err);
    if (!l->conn)
        return -1;
    return learn_facts(l, err);
}

struct lab *libvirt_lab_open(const struct lab_config *config, const struct stop *stop,
                             struct err **err)
{
    struct lv_lab *l = xcalloc(1, sizeof(*l));

    l->base.ops = &lv_lab_ops;
    l->lab_dir = xstrdup(config->dir);
    l->clones = config->clones > 0 ? config->clones : lab_permit_default();
    l->slot.lock = -1;
    lv_standbys_init(&l->standbys);
    if (connect_lab(l, config, stop, err) < 0) {
        lv_close(&l->base);
        return NULL;
    }
    return &l->base;
}
