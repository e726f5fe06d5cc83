/* decode_kind - one reader for each kind of value; decode.c walks the keys. */
#ifndef VALIDATOR_BASE_DECODE_KIND_H
#define VALIDATOR_BASE_DECODE_KIND_H

struct decoder;
struct err;
struct field;
struct node;

int decode_value(const struct decoder *d, const struct node *n, const char *path,
                 const struct field *f, void *target, struct err **err);

#endif
