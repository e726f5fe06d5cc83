/* pkg_state_data - life cycle of what a package manager says of itself. */
#include <stdlib.h>

#include "base/mem.h"
#include "ports/pkgmgr.h"

void pkg_state_add_broken(struct pkg_state *s, const char *name, const char *version,
                          const char *state)
{
    s->broken = xgrow(s->broken, s->broken_count, sizeof(*s->broken));
    s->broken[s->broken_count++] = (struct broken_package){
        .name = xstrdup(name),
        .version = xstrdup(version),
        .state = xstrdup(state),
    };
}

void pkg_state_add_held(struct pkg_state *s, const char *name, const char *version,
                        const char *offered)
{
    s->held = xgrow(s->held, s->held_count, sizeof(*s->held));
    s->held[s->held_count++] = (struct held_package){
        .name = xstrdup(name),
        .version = xstrdup(version),
        .offered = xstrdup(offered),
    };
}

void pkg_state_add_conffile(struct pkg_state *s, const struct conffile *c)
{
    s->conffiles = xgrow(s->conffiles, s->conffile_count, sizeof(*s->conffiles));
    s->conffiles[s->conffile_count++] = (struct conffile){
        .path = xstrdup(c->path),
        .package = xstrdup(c->package),
        .other = xstrdup(c->other),
        .asker = xstrdup(c->asker),
        .replaced = c->replaced,
    };
}

static void conffile_release(struct conffile *c)
{
    free(c->path);
    free(c->package);
    free(c->other);
    free(c->asker);
}

void pkg_state_release(struct pkg_state *s)
{
    for (size_t i = 0; i < s->broken_count; i++) {
        free(s->broken[i].name);
        free(s->broken[i].version);
        free(s->broken[i].state);
    }
    for (size_t i = 0; i < s->held_count; i++) {
        free(s->held[i].name);
        free(s->held[i].version);
        free(s->held[i].offered);
    }
    for (size_t i = 0; i < s->conffile_count; i++)
        conffile_release(&s->conffiles[i]);
    free(s->broken);
    free(s->held);
    free(s->conffiles);
    strv_release(&s->reboot);
    *s = (struct pkg_state){ 0 };
}
