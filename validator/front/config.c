/* DIR/config.yaml, strictly; see wire.h. */
#include <stddef.h>
#include <stdlib.h>

#include "base/decode.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/node.h"
#include "core/run.h"
#include "front/wire.h"

const char *const accel_choices[] = { "auto", "kvm", "tcg", NULL };

static int decode_lab(const struct decoder *d, const struct node *n, const char *path, void *target,
                      struct err **err)
{
    static const struct field fields[] = {
        { "uri", FIELD_TEXT, offsetof(struct config, lab_uri) },
        { "accel", FIELD_ENUM, offsetof(struct config, lab_accel), .names = accel_choices },
        { "clones", FIELD_INT, offsetof(struct config, lab_clones), .min = 1, .max = 1000 },
        { 0 },
    };

    return decode_map(d, n, path, fields, target, err);
}

static int decode_http(const struct decoder *d, const struct node *n, const char *path,
                       void *target, struct err **err)
{
    static const struct field fields[] = {
        { "netrc", FIELD_TEXT, offsetof(struct config, http_netrc) },
        { "ca", FIELD_TEXT, offsetof(struct config, http_ca) },
        { "timeout", FIELD_DURATION, offsetof(struct config, http_timeout), .min = 1000,
          .max = 24 * 3600 * 1000 },
        { "stall", FIELD_DURATION, offsetof(struct config, http_stall), .min = 1000,
          .max = 3600 * 1000 },
        { "attempts", FIELD_INT, offsetof(struct config, http_attempts), .min = 1, .max = 20 },
        { 0 },
    };

    return decode_map(d, n, path, fields, target, err);
}

static int decode_scan(const struct decoder *d, const struct node *n, const char *path,
                       void *target, struct err **err)
{
    static const struct field fields[] = {
        { "scanner", FIELD_NAME, offsetof(struct config, scan_scanner) },
        { "applications", FIELD_INT, offsetof(struct config, scan_applications), .min = 1,
          .max = RUN_APPLICATIONS_MAX },
        { 0 },
    };

    return decode_map(d, n, path, fields, target, err);
}

static int decode_gate(const struct decoder *d, const struct node *n, const char *path,
                       void *target, struct err **err)
{
    struct field fields[POINT_MAX_ + 1] = { { 0 } };

    for (int i = 0; i < POINT_MAX_; i++)
        fields[i] = (struct field){ point_names[i], FIELD_ENUM,
                                    offsetof(struct config, gates.level) + (size_t)i * sizeof(int),
                                    .names = gate_level_names };
    return decode_map(d, n, path, fields, target, err);
}

int config_read(const char *path, struct config *ret, struct err **err)
{
    static const struct field fields[] = {
        { "lab", FIELD_CUSTOM, 0, .decode = decode_lab },
        { "http", FIELD_CUSTOM, 0, .decode = decode_http },
        { "scan", FIELD_CUSTOM, 0, .decode = decode_scan },
        { "cache", FIELD_TEXT, offsetof(struct config, cache) },
        { "testcases", FIELD_TEXTS, offsetof(struct config, testcases) },
        { "gate", FIELD_CUSTOM, 0, .decode = decode_gate },
        { "observe", FIELD_BOOL, offsetof(struct config, observe) },
        { "params", FIELD_TEXT, offsetof(struct config, params) },
        { 0 },
    };
    struct config c = { .observe = true, .gates = GATES_DEFAULT };
    struct decoder d = { .file = path };

    if (!file_exists(path)) {
        *ret = c;
        return 0;
    }
    AUTO_NODE n = node_read(path, err);
    if (!n)
        return -1;
    if (decode_map(&d, n, "", fields, &c, err) < 0) {
        config_release(&c);
        return -1;
    }
    *ret = c;
    return 0;
}

void config_release(struct config *c)
{
    free(c->lab_uri);
    free(c->cache);
    free(c->params);
    free(c->http_netrc);
    free(c->http_ca);
    free(c->scan_scanner);
    strv_release(&c->testcases);
    *c = (struct config){ 0 };
}
