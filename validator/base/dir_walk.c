/*
 * dir_walk - the files below a directory that somebody else filled; see base/file.h.
 *
 * Every step opens relative to the directory above it and follows no symlink, so nothing that is
 * swapped in meanwhile leads outside.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/dir_open.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"

enum { DEPTH_MAX = 64 };

struct walk {
    const char *root;
    size_t max_files, seen;
    struct strv found;
    int depth;
};

static int visit(struct walk *w, int dirfd, const char *name, const char *rel, struct err **err);

/* For messages: names of hostile origin may hold terminal escapes. */
static char *shown(const struct walk *w, const char *rel)
{
    AUTO_FREE char *path = path_join(w->root, rel);

    return str_printable(path, strlen(path), false);
}

static int walk_dir(struct walk *w, DIR *dir, const char *rel, struct err **err)
{
    for (const struct dirent *e = dir_next(dir); e; e = dir_next(dir)) {
        AUTO_FREE char *below = path_join(rel, e->d_name);
        if (visit(w, dirfd(dir), e->d_name, below, err) < 0)
            return -1;
    }
    if (errno) {
        int why = errno;
        AUTO_FREE char *path = shown(w, rel);
        return err_set_errno(err, why, "cannot read directory '%s'", path);
    }
    return 0;
}

static int walk_below(struct walk *w, int parent, const char *name, const char *rel,
                      struct err **err)
{
    AUTO_DIR dir = dir_open_at(parent, name);

    if (!dir) {
        int why = errno;
        AUTO_FREE char *path = shown(w, rel);
        return err_set_errno(err, why, "cannot open directory '%s'", path);
    }
    w->depth++;
    int rc = walk_dir(w, dir, rel, err);
    w->depth--;
    return rc;
}

static const char *kind_of(mode_t mode)
{
    if (S_ISLNK(mode))
        return "a symbolic link";
    if (S_ISFIFO(mode))
        return "a fifo";
    if (S_ISSOCK(mode))
        return "a socket";
    return "a device";
}

static int visit(struct walk *w, int dirfd, const char *name, const char *rel, struct err **err)
{
    AUTO_FREE char *path = shown(w, rel);
    struct stat st;

    /* Directories count too: a tree of a million empty ones is an attack as well. */
    if (++w->seen > w->max_files)
        return err_set(err, ERR_INVALID, "'%s' holds more than %zu files", w->root, w->max_files);
    if (!path_is_safe(rel))
        return err_set(err, ERR_INVALID, "'%s' has a name that is not allowed", path);
    if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return err_set_errno(err, errno, "cannot look at '%s'", path);
    if (S_ISDIR(st.st_mode) && w->depth == DEPTH_MAX)
        return err_set(err, ERR_INVALID, "'%s' is nested deeper than %d levels", path, DEPTH_MAX);
    if (S_ISDIR(st.st_mode))
        return walk_below(w, dirfd, name, rel, err);
    if (!S_ISREG(st.st_mode))
        return err_set(err, ERR_INVALID, "'%s' is %s, only files and directories are allowed", path,
                       kind_of(st.st_mode));
    strv_add(&w->found, rel);
    return 0;
}

int dir_walk(const char *root, size_t max_files, struct strv *ret, struct err **err)
{
    struct walk w = { .root = root, .max_files = max_files };

    if (walk_below(&w, AT_FDCWD, root, "", err) < 0) {
        strv_release(&w.found);
        return -1;
    }
    strv_sort(&w.found);
    *ret = w.found;
    return 0;
}
