/* node_map - building up lists and maps while a document is read. */
#ifndef VALIDATOR_BASE_NODE_MAP_H
#define VALIDATOR_BASE_NODE_MAP_H

#include <stdbool.h>
#include <stddef.h>

struct node;

void node_add_item(struct node *list, struct node *item); /* takes the item */
void node_add_member(struct node *map, const char *key, int line, struct node *value);

/* Index of the first member whose key stands before it already. */
bool node_find_duplicate(const struct node *map, size_t *ret);

#endif
