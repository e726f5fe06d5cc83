/* oval_source - the definitions that OVAL results are about, as far as findings need them. */
#ifndef VALIDATOR_ADAPTERS_OVAL_SOURCE_H
#define VALIDATOR_ADAPTERS_OVAL_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "ports/scanner.h"

struct err;
struct xml_element;

#define OVAL_DEFINITIONS_SPACE "http://oval.mitre.org/XMLSchema/oval-definitions-5"

struct oval_definition {
    char *id, *product;
    bool counts; /* class vulnerability or patch */
    enum severity severity;
    struct strv cves;
};
struct oval_test {
    char *id, *object, *state; /* the latter two: references, or NULL */
};
struct oval_text { /* of an object the name of a package, of a state the version that fixes it */
    char *id, *text;
};

struct oval_source {
    struct oval_definition *definitions;
    struct oval_test *tests;
    struct oval_text *objects, *states;
    size_t definition_count, test_count, object_count, state_count;
    /* While it is read. */
    int area;
    struct str *capture; /* where text goes, or NULL */
    struct str text;
};

/* The elements below oval_definitions, which is at depth `root`. */
int oval_source_open(struct oval_source *s, const struct xml_element *e, size_t root,
                     struct err **err);
int oval_source_text(struct oval_source *s, const char *text, size_t len, struct err **err);
int oval_source_close(struct oval_source *s, const struct xml_element *e, size_t root,
                      struct err **err);

/* Before anything is looked up. */
void oval_source_sort(struct oval_source *s);
const struct oval_definition *oval_source_definition(const struct oval_source *s, const char *id);
/* What a test looks for; NULL where it does not say. */
void oval_source_test(const struct oval_source *s, const char *id, const char **ret_package,
                      const char **ret_fixed);
void oval_source_release(struct oval_source *s);

#endif
