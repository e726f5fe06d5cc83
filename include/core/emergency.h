/*
 * emergency - what attackers are known to use, which servers have it, and the day by which it must
 * be dealt with (urgency.h); pure.
 *
 * Servers are given as server_list_of_image() does: [{"name", "exposure", ...}].  What the
 * internet or a partner can reach counts as exposed, and so does what nobody has said.
 */
#ifndef CORE_EMERGENCY_H
#define CORE_EMERGENCY_H

#include "base/json.h"
#include "core/urgency.h"

/* `exposure`: of exposure_names[], or NULL. */
enum known exposure_known(const char *exposure);
/* Of several servers: by the one that is exposed most. */
enum known exposure_of_servers(const json_t *servers);
/* The widest that is known among them, or NULL. */
const char *exposure_widest(const json_t *servers);
/* [names] */
json_t *names_of_servers(const json_t *servers);
/* Those without a list of packages of their own. */
json_t *servers_without_list(const json_t *servers);

/* "rule" and "deadline" of an object with "added" and "due". */
void exploited_judge(json_t *exploited, enum known exposed);

/*
 * Adds an entry for each finding of a scan that is exploited and each exposure among the servers:
 * they may have other deadlines.  `image` is NULL when the servers told the list themselves.
 */
void emergencies_add(json_t *ret, const char *image, const json_t *servers, const json_t *scan,
                     const char *today);

/* The nearest deadline first; of these, exposure that is not known, then the widest one. */
json_t *emergencies_sorted(const json_t *list);

#endif
