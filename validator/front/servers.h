/* servers - which servers of the inventory a command is about; cmd_server.c. */
#ifndef FRONT_SERVERS_H
#define FRONT_SERVERS_H

struct cli;
struct err;
struct server_row;

/* --category into the row, which is empty; without the option it stays so. */
int servers_category(const struct cli *c, struct server_row *ret, struct err **err);

#endif
