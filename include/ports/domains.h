/* domains - the virtual machines that a host has, for the inventory. */
#ifndef PORTS_DOMAINS_H
#define PORTS_DOMAINS_H

#include <stddef.h>
#include <stdint.h>

struct err;

struct domain {
    char *name;
    char *title;    /* NULL: it has none */
    int64_t memory; /* bytes */
    int vcpus;
};

struct domain_list { /* sorted by name */
    struct domain *ptr;
    size_t len;
};

struct domains_ops {
    /* All that the host at this address knows, running or not, but for patchlab's own clones. */
    int (*list)(const char *uri, struct domain_list *ret, struct err **err);
};

struct domain *domain_list_add(struct domain_list *l, const char *name); /* to be filled in */
void domain_list_sort(struct domain_list *l);
void domain_list_release(struct domain_list *l);
#define AUTO_DOMAIN_LIST __attribute__((cleanup(domain_list_release))) struct domain_list

#endif
