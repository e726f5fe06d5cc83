/* queue_entry - reading queue entries; shared by listing and leasing. */
#ifndef CORE_QUEUE_ENTRY_H
#define CORE_QUEUE_ENTRY_H

#include <stdint.h>

#include "base/json.h"

struct err;
struct store;

/* One entry as queue_list() shows it, with the token in its lease. */
json_t *queue_leased_entry(struct store *s, int64_t id, struct err **err);

#endif
