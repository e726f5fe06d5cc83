/* script_agent - see script_agent.h. */
#include "fakes/script_agent.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/qga.h"
#include "base/base64.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "unit/base.h"

enum { REQUEST_MAX = 4 << 20 };

int64_t script_agent_now;

static int64_t now(void)
{
    return script_agent_now;
}

static void pass_time(int64_t ms)
{
    script_agent_now += ms;
}

static void remember(struct script_agent *a, const char *name, const json_t *arguments)
{
    const char *path = json_str_at(arguments, "path");
    const json_t *args = json_object_get(arguments, "arg");

    if (path) {
        free(a->path);
        a->path = xstrdup(path);
    }
    if (str_eq(name, "guest-exec")) {
        a->spawned++;
        a->last = str_ends(path, "/perl") ? "perl" : "sh";
        strv_release(&a->args);
        for (size_t i = 0; i < json_array_size(args); i++)
            strv_add(&a->args, json_string_value(json_array_get(args, i)));
    }
    if (str_eq(name, "guest-file-open"))
        strv_addf(&a->files, "%s %s", json_str_at(arguments, "mode"), path);
    if (str_eq(name, "guest-file-write"))
        strv_add(&a->files, json_str_at(arguments, "buf-b64"));
}

static int command(void *arg, const char *json, int timeout_s, char **ret_reply, struct err **err)
{
    struct script_agent *a = arg;
    const struct agent_line *l = &a->lines[a->next];
    AUTO_JSON *j = json_parse(json, strlen(json), REQUEST_MAX, "request", err);

    assert_non_null(j);
    script_agent_now += a->step_ms;
    assert_non_null(l->name);
    assert_string_equal(json_str_at(j, "execute"), l->name);
    a->next++;
    remember(a, l->name, json_object_get(j, "arguments"));
    if (l->err) {
        script_agent_now += timeout_s * 1000;
        return err_set(err, (enum err_code)l->err, "no answer");
    }
    *ret_reply = xstrdup(l->reply);
    return 0;
}

struct guest *script_agent_open(struct script_agent *a, const struct agent_line *lines)
{
    static const struct clock_ops clock = { now, now, pass_time };

    *a = (struct script_agent){ .lines = lines, .step_ms = 10 };
    script_agent_now = 0;
    clock_set(&clock);
    return qga_new(&(struct qga_channel){ command, a }, NULL);
}

void script_agent_close(struct script_agent *a, struct guest *g)
{
    free(a->path);
    strv_release(&a->args);
    strv_release(&a->files);
    qga_free(g);
}

int script_agent_teardown(void **state)
{
    (void)state;
    clock_set(NULL);
    return 0;
}

char *script_agent_exited(const char *out)
{
    AUTO_FREE char *b64 = base64_encode(out, strlen(out));

    return xasprintf("{\"return\":{\"exited\":true,\"exitcode\":0,\"out-data\":\"%s\"}}", b64);
}
