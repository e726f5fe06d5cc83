/*
 * Who listens where, from /proc/net; the processes' names from /proc/PID.
 *
 * An item's key is "tcp 0.0.0.0:80" and its value the names of the programs that hold the socket.
 * /proc prints addresses as words of the machine's own order; a guest is little-endian, like us.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/observe_table.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "ports/observer.h"

enum {
    TCP_LISTEN = 0x0a,
    UDP_OPEN = 0x07,
    UNIX_LISTENS = 0x10000,
    HOLDERS_SHOWN = 16,
    PROCESSES_MAX = 100000,
};

/* A process's name, or that it holds a socket: sorted by number, then text. */
struct fact {
    unsigned long number; /* process, or inode of a socket */
    const char *text;     /* name, or "PID" */
};
struct facts {
    struct fact *ptr;
    size_t len;
};

static void facts_release(struct facts *f)
{
    free(f->ptr);
}
#define AUTO_FACTS __attribute__((cleanup(facts_release))) struct facts

static void facts_add(struct facts *f, unsigned long number, const char *text)
{
    if (f->len >= PROCESSES_MAX)
        return;
    f->ptr = xgrow(f->ptr, f->len, sizeof(*f->ptr));
    f->ptr[f->len++] = (struct fact){ number, text };
}

static int by_number(const void *a, const void *b)
{
    const struct fact *fa = a, *fb = b;

    return fa->number != fb->number ? (fa->number < fb->number ? -1 : 1)
                                    : strcmp(fa->text, fb->text);
}

static void facts_sort(struct facts *f)
{
    if (f->len > 1)
        qsort(f->ptr, f->len, sizeof(*f->ptr), by_number);
}

/* The first one with this number; f->len when there is none. */
static size_t facts_find(const struct facts *f, unsigned long number)
{
    size_t lo = 0, hi = f->len;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (f->ptr[mid].number < number)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < f->len && f->ptr[lo].number == number ? lo : f->len;
}

/* Lines "/proc/PID/comm:NAME". */
static void read_names(struct observe_text text, struct facts *ret)
{
    for (char *line; (line = observe_line(&text));) {
        unsigned long pid = 0;
        int at = 0;
        if (sscanf(line, "/proc/%10lu/comm:%n", &pid, &at) == 1 && at > 0)
            facts_add(ret, pid, line + at);
    }
    facts_sort(ret);
}

/* Lines "/proc/PID/fd/N socket:[INODE]"; the text becomes the PID. */
static void read_holders(struct observe_text text, struct facts *ret)
{
    for (char *line; (line = observe_line(&text));) {
        unsigned long inode = 0;
        int at = 0;
        if (sscanf(line, "/proc/%n%*10[0-9]/fd/%*[0-9] socket:[%20lu]", &at, &inode) == 1)
            facts_add(ret, inode, line + at);
    }
    facts_sort(ret);
}

struct processes {
    struct facts names, holders;
};

/* "held by nginx": each name once. */
static char *holders_of(const struct processes *p, unsigned long inode)
{
    AUTO_STRV names = { 0 };
    size_t first = facts_find(&p->holders, inode);

    for (size_t i = first; i < p->holders.len && p->holders.ptr[i].number == inode; i++) {
        size_t n = facts_find(&p->names, strtoul(p->holders.ptr[i].text, NULL, 10));
        const char *name = n < p->names.len ? p->names.ptr[n].text : "?";
        if (names.len < HOLDERS_SHOWN && !strv_has(&names, name))
            strv_add(&names, name);
    }
    strv_sort(&names);
    AUTO_FREE char *joined = names.len ? strv_join(&names, ", ") : xstrdup("the kernel");
    return xasprintf("held by %s", joined);
}

/* "0100007F:0035" of `words` words; the caller frees, NULL when it is something else. */
static char *address(const char *hex, int words)
{
    unsigned char raw[16] = { 0 };
    unsigned port = 0;
    char text[INET6_ADDRSTRLEN];

    for (int i = 0; i < words; i++) {
        unsigned word = 0;
        if (sscanf(hex + (size_t)i * 8, "%8x", &word) != 1)
            return NULL;
        memcpy(raw + (size_t)i * 4, &word, 4);
    }
    if (hex[words * 8] != ':' || sscanf(hex + words * 8 + 1, "%4x", &port) != 1
        || !inet_ntop(words == 1 ? AF_INET : AF_INET6, raw, text, sizeof(text)))
        return NULL;
    return xasprintf(words == 1 ? "%s:%u" : "[%s]:%u", text, port);
}

/* "sl local remote state queues timer retransmits uid timeout inode ..." */
static void take_inet(const struct observer *o, struct observe_work *w, const struct processes *p,
                      const char *proto, const char *line)
{
    char local[64] = "";
    unsigned state = 0;
    unsigned long inode = 0;
    bool udp = str_starts(proto, "udp");

    if (sscanf(line, " %*[0-9]: %63[0-9A-Fa-f:] %*s %x %*s %*s %*s %*s %*s %lu", local, &state,
               &inode)
            != 3
        || state != (udp ? UDP_OPEN : TCP_LISTEN))
        return;
    int words = str_ends(proto, "6") ? 4 : 1;
    if (strlen(local) != (size_t)words * 8 + 5)
        return;
    AUTO_FREE char *at = address(local, words);
    if (!at)
        return;
    AUTO_FREE char *key = xasprintf("%s %s", proto, at);
    AUTO_FREE char *holders = holders_of(p, inode);
    observe_add(w, o->kind, key, holders);
}

/* "Num RefCount Protocol Flags Type St Inode Path" */
static void take_unix(const struct observer *o, struct observe_work *w, const struct processes *p,
                      const char *line)
{
    unsigned flags = 0;
    unsigned long inode = 0;
    int at = 0;

    if (sscanf(line, "%*[0-9a-fA-F]: %*x %*x %x %*x %*x %lu %n", &flags, &inode, &at) < 2 || at == 0
        || !(flags & UNIX_LISTENS) || !line[at])
        return;
    AUTO_FREE char *key = xasprintf("unix %s", line + at);
    AUTO_FREE char *holders = holders_of(p, inode);
    observe_add(w, o->kind, key, holders);
}

static int take_sockets(const struct observer *o, struct observe_work *w, const struct processes *p,
                        struct observe_text text, struct err **err)
{
    static const char before[] = "/proc/net/";

    for (char *line; (line = observe_line(&text));) {
        char *rest = strchr(line, ':');
        if (!rest || !str_starts(line, before))
            return err_set(err, ERR_INVALID, "its list of sockets is garbled");
        *rest++ = '\0';
        const char *proto = line + strlen(before);
        if (str_eq(proto, "unix"))
            take_unix(o, w, p, rest);
        else
            take_inet(o, w, p, proto, rest);
    }
    return 0;
}

int observe_sockets(const struct observer *o, struct observe_work *w, struct observe_text text,
                    struct err **err)
{
    AUTO_FACTS names = { 0 }, holders = { 0 };

    read_names(w->names, &names);
    read_holders(w->holders, &holders);
    struct processes p = { names, holders };
    return take_sockets(o, w, &p, text, err);
}
