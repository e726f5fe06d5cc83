/*
 * bench-match - how long matching many servers with many advisories takes, and how much memory.
 *
 * Synthetic: advisories spread over source packages as Debian's are (few packages have most), each
 * server with its own choice of packages and versions, so no result of one serves another.
 * usage: bench-match [SERVERS [ADVISORIES [PACKAGES-OF-A-SERVER]]]      prints one line of JSON
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/mem.h"
#include "core/vulns.h"
#include "ports/feed.h"
#include "ports/pkgmgr.h"

enum { SOURCES = 30000, SERVERS = 1000, ADVISORIES = 300000, INSTALLED = 600 };

static unsigned seed = 1;

static unsigned pick(unsigned n)
{
    seed = seed * 1664525u + 1013904223u;
    return (unsigned)(((unsigned long long)(seed >> 8) * n) >> 24);
}

/* Half of the advisories go to a hundredth of the sources. */
static unsigned *spread(int advisories)
{
    unsigned *count = xcalloc(SOURCES, sizeof(*count));

    for (int i = 0; i < advisories; i++)
        count[pick(2) ? pick(SOURCES / 100) : pick(SOURCES)]++;
    return count;
}

static struct vulns *make_data(int advisories)
{
    AUTO_FREE unsigned *count = spread(advisories);
    struct vulns *v = vulns_new();
    int cve = 0;

    for (unsigned s = 0; s < SOURCES; s++) {
        AUTO_FREE char *package = xasprintf("source-%06u", s);
        for (unsigned i = 0; i < count[s]; i++) {
            AUTO_FREE char *id = xasprintf("CVE-2025-%d", 10000 + cve++);
            AUTO_FREE char *fixed = xasprintf("1.%u.%u-1~deb12u%u", pick(40), pick(20), pick(9));
            struct vuln row = {
                .ecosystem = "Debian:12",
                .package = package,
                .names = FEED_NAMES_SOURCE,
                .id = id,
                .advisory = id,
                .feed = "bench",
                .fixed = pick(5) ? fixed : NULL,
            };
            vulns_add(v, &row);
        }
    }
    return v;
}

static void make_server(struct package_list *ret, int installed)
{
    for (int i = 0; i < installed; i++) {
        unsigned s = pick(20) ? pick(SOURCES) : pick(SOURCES / 100);
        AUTO_FREE char *name = xasprintf("binary-%06u-%d:amd64", s, i);
        AUTO_FREE char *source = xasprintf("source-%06u", s);
        AUTO_FREE char *version = xasprintf("1.%u.%u-1~deb12u%u", pick(40), pick(20), pick(9));
        package_list_add_source(ret, name, version, source, version);
    }
    package_list_sort(ret);
}

static int argument(int argc, char **argv, int i, int fallback)
{
    return argc > i ? (int)strtol(argv[i], NULL, 10) : fallback;
}

int main(int argc, char **argv)
{
    int servers = argument(argc, argv, 1, SERVERS);
    int advisories = argument(argc, argv, 2, ADVISORIES);
    int installed = argument(argc, argv, 3, INSTALLED);
    AUTO_VULNS v = make_data(advisories);
    int64_t spent = 0;
    size_t findings = 0;
    struct rusage used;

    for (int i = 0; i < servers; i++) {
        AUTO_PACKAGE_LIST packages = { 0 };
        AUTO_FINDING_LIST found = { 0 };

        make_server(&packages, installed);
        int64_t begin = clock_mono_ms();
        vulns_match(v, &packages, "Debian:12", &found);
        spent += clock_mono_ms() - begin;
        findings += found.len;
    }
    getrusage(RUSAGE_SELF, &used);
    printf(
        "{\"bench\":\"match\",\"servers\":%d,\"advisories\":%zu,\"packages\":%d,\"findings\":%zu,"
        "\"ms\":%lld,\"peak_kib\":%ld}\n",
        servers, vulns_count(v), installed, findings, (long long)spent, used.ru_maxrss);
    return 0;
}
