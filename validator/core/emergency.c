/* Which servers have what attackers use; see emergency.h. */
#include "core/emergency.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "core/server.h"

/* --- exposure -------------------------------------------------------------------------------- */

static int rank_of(const char *exposure)
{
    for (int i = 0; exposure && exposure_names[i]; i++) {
        if (str_eq(exposure_names[i], exposure))
            return i;
    }
    return -1;
}

enum known exposure_known(const char *exposure)
{
    if (!exposure)
        return NOT_KNOWN;
    return str_eq(exposure, "internal") || str_eq(exposure, "isolated") ? KNOWN_NO : KNOWN_YES;
}

enum known exposure_of_servers(const json_t *servers)
{
    enum known ret = json_array_size(servers) > 0 ? KNOWN_NO : NOT_KNOWN;
    const json_t *s;
    size_t i;

    json_array_foreach((json_t *)servers, i, s)
    {
        enum known one = exposure_known(json_str_at(s, "exposure"));
        if (one == KNOWN_YES)
            return KNOWN_YES;
        if (one == NOT_KNOWN)
            ret = NOT_KNOWN;
    }
    return ret;
}

const char *exposure_widest(const json_t *servers)
{
    int widest = -1;
    const json_t *s;
    size_t i;

    json_array_foreach((json_t *)servers, i, s)
    {
        int rank = rank_of(json_str_at(s, "exposure"));
        if (rank >= 0 && (widest < 0 || rank < widest))
            widest = rank;
    }
    return widest < 0 ? NULL : exposure_names[widest];
}

json_t *names_of_servers(const json_t *servers)
{
    json_t *names = json_array();
    const json_t *s;
    size_t i;

    json_array_foreach((json_t *)servers, i, s)
        json_array_append(names, json_object_get(s, "name"));
    return names;
}

json_t *servers_without_list(const json_t *servers)
{
    json_t *ret = json_array();
    json_t *s;
    size_t i;

    json_array_foreach((json_t *)servers, i, s)
    {
        if (!json_is_string(json_object_get(s, "packages")))
            json_array_append(ret, s);
    }
    return ret;
}

/* --- deadlines ------------------------------------------------------------------------------- */

/* The directive's own date counts when it is the earlier one. */
void exploited_judge(json_t *exploited, enum known exposed)
{
    /* What an attack needs, nobody has said. */
    enum urgency u = urgency_of(&(struct urgency_facts){ .exploited = true, .exposed = exposed });
    const char *added = json_str_at(exploited, "added"), *due = json_str_at(exploited, "due");
    char deadline[URGENCY_DATE_SIZE], given[URGENCY_DATE_SIZE];
    bool has = added && urgency_deadline(added, urgency_days(u), deadline);

    if (due && urgency_deadline(due, 0, given) && (!has || strcmp(given, deadline) < 0)) {
        memcpy(deadline, given, sizeof(given));
        has = true;
    }
    json_object_set_new(exploited, "rule", json_text(urgency_names[u]));
    json_object_set_new(exploited, "deadline", json_text(has ? deadline : NULL));
}

static void add_one(json_t *ret, const char *image, json_t *names, const char *exposure,
                    const json_t *finding, const char *today)
{
    AUTO_JSON *x = json_copy(json_object_get(finding, "exploited"));
    json_t *j = json_pack(
        "{s:o, s:O, s:o, s:O, s:O, s:O, s:O}", "image", json_text(image), "servers", names,
        "exposure", json_text(exposure), "cve", json_object_get(finding, "id"), "package",
        json_object_get(finding, "package"), "installed", json_object_get(finding, "installed"),
        "fixed_in", json_object_get(finding, "fixed_in"));

    exploited_judge(x, exposure_known(exposure));
    const char *deadline = json_str_at(x, "deadline");
    json_object_update(j, x);
    json_object_set_new(j, "overdue", json_boolean(deadline && strcmp(deadline, today) < 0));
    json_array_append_new(ret, j);
}

/* `exposure` NULL: of which it is not known. */
static json_t *names_with(const json_t *servers, const char *exposure)
{
    json_t *names = json_array();
    const json_t *s;
    size_t i;

    json_array_foreach((json_t *)servers, i, s)
    {
        if (str_eq(json_str_at(s, "exposure"), exposure))
            json_array_append(names, json_object_get(s, "name"));
    }
    return names;
}

static void add_finding(json_t *ret, const char *image, const json_t *servers,
                        const json_t *finding, const char *today)
{
    /* The last one is NULL: not known. */
    for (const char *const *exposure = exposure_names;; exposure++) {
        AUTO_JSON *names = names_with(servers, *exposure);
        bool nobody = !*exposure && json_array_size(servers) == 0;

        if (json_array_size(names) > 0 || nobody)
            add_one(ret, image, names, *exposure, finding, today);
        if (!*exposure)
            break;
    }
}

void emergencies_add(json_t *ret, const char *image, const json_t *servers, const json_t *scan,
                     const char *today)
{
    const json_t *f;
    size_t i;

    json_array_foreach(json_object_get(scan, "findings"), i, f)
    {
        if (json_is_object(json_object_get(f, "exploited")))
            add_finding(ret, image, servers, f, today);
    }
}

static int by_deadline(const void *a, const void *b)
{
    const json_t *x = *(json_t *const *)a, *y = *(json_t *const *)b;
    const char *dx = json_str_at(x, "deadline"), *dy = json_str_at(y, "deadline");
    int order = strcmp(dx ? dx : "~", dy ? dy : "~");

    return order ? order
                 : rank_of(json_str_at(x, "exposure")) - rank_of(json_str_at(y, "exposure"));
}

json_t *emergencies_sorted(const json_t *list)
{
    size_t n = json_array_size(list);
    AUTO_FREE json_t **items = xcalloc(n + 1, sizeof(*items));
    json_t *ret = json_array();

    for (size_t i = 0; i < n; i++)
        items[i] = json_array_get(list, i);
    if (n > 1)
        qsort(items, n, sizeof(*items), by_deadline);
    for (size_t i = 0; i < n; i++)
        json_array_append(ret, items[i]);
    return ret;
}
