/* Files that are put in place and taken back: for real, in directories of the test. */
#include "unit/base.h"

#include <sys/stat.h>
#include <unistd.h>

#include "adapters/pkgmgrs.h"
#include "fakes/answer_guest.h"
#include "fakes/put_file.h"

enum { TEXT_MAX = 4096 };

/* A patch with the files "new" and "tool" (executable) and programs that write "LOG". */
struct scene {
    char *dir, *patch, *root, *log, *notes;
    struct answer_guest guest;
    struct strv files;
    struct patch_place at[4];
    struct patch_places places;
    struct patch_in_guest p;
};

static void program(struct scene *s, const char *name, int status)
{
    AUTO_FREE char *text = xasprintf("#!/bin/sh\necho %s $(cat %s/etc/app.conf) >>%s\nexit %d\n",
                                     name, s->root, s->log, status);

    put_file(s->patch, name, text, 0755);
}

static struct scene scene(const char *dir)
{
    static const char *const names[] = { "new", "tool", "apply", "undo", "undone", NULL };
    struct scene s = {
        .dir = xstrdup(dir),
        .patch = path_join(dir, "patch"),
        .root = path_join(dir, "root"),
        .log = path_join(dir, "log"),
        .notes = path_join(dir, "notes"),
        .guest = answer_guest(NULL),
        .files = answer_guest_files(names),
    };

    put_file(s.patch, "new", "new\n", 0644);
    put_file(s.patch, "tool", "tool\n", 0755);
    program(&s, "apply", 0);
    program(&s, "undo", 0);
    program(&s, "undone", 0);
    put_file(s.root, "etc/app.conf", "old\n", 0640);
    return s;
}

static void scene_release(struct scene *s)
{
    for (size_t i = 0; i < ARRAY_LEN(s->at); i++) {
        free(s->at[i].to);
        free(s->at[i].owner);
    }
    free(s->dir);
    free(s->patch);
    free(s->root);
    free(s->log);
    free(s->notes);
    strv_release(&s->files);
    answer_guest_release(&s->guest);
}
#define AUTO_SCENE __attribute__((cleanup(scene_release))) struct scene

static void install(struct scene *s, const char *from, const char *to, int mode, const char *owner)
{
    s->at[s->places.len++] = (struct patch_place){
        .from = (char *)from,
        .to = path_join(s->root, to),
        .mode = mode,
        .owner = xstrdup(owner),
    };
}

static int act(struct scene *s, bool undo, char *text)
{
    const struct pkgmgr *kind = &pkg_files;
    AUTO_GUEST_RESULT r = { 0 };
    AUTO_ERR e = NULL;

    s->places.ptr = s->at;
    s->guest.notes = s->notes;
    s->p.dir = s->patch;
    s->p.files = &s->files;
    s->p.name = "app";
    s->p.install = &s->places;
    s->p.timeout_ms = 60000;
    s->p.output_max = TEXT_MAX - 1;
    expect_ok((undo ? kind->undo : kind->apply)(&s->guest.guest, &s->p, &r, &e), &e);
    snprintf(text, TEXT_MAX, "%s", r.output.ptr);
    return r.exit_code;
}

/* "mode text" of ROOT/path, or "-". */
static void is(const struct scene *s, const char *path, const char *want)
{
    AUTO_FREE char *full = path_join(s->root, path);
    AUTO_ERR e = NULL;
    struct stat st;

    if (lstat(full, &st) < 0) {
        assert_string_equal("-", want);
        return;
    }
    AUTO_FREE char *text = file_read(full, TEXT_MAX, NULL, &e);
    expect_ok(text ? 0 : -1, &e);
    AUTO_FREE char *found = xasprintf("%04o %s", (unsigned)st.st_mode & 07777, text);
    assert_string_equal(found, want);
}

static void nothing_is_left(const struct scene *s)
{
    AUTO_FREE char *etc = path_join(s->root, "etc");
    AUTO_STRV files = { 0 };
    AUTO_ERR e = NULL;

    assert_false(file_exists(s->notes));
    expect_ok(dir_list(etc, &files, &e), &e);
    for (size_t i = 0; i < files.len; i++)
        assert_null(strstr(files.ptr[i], ".patchlab"));
}

static bool needs_root(void)
{
    if (geteuid() == 0)
        return true;
    print_message("owners are root's to give\n");
    return false;
}

/* --- tests ---------------------------------------------------------------------------------- */

static void files_come_and_go(void **state)
{
    AUTO_SCENE s = scene(*state);
    char text[TEXT_MAX];

    if (!needs_root())
        skip();
    install(&s, "new", "etc/app.conf", -1, NULL);
    install(&s, "new", "opt/a b/data", 0600, "nobody:nogroup");
    install(&s, "tool", "opt/a b/tool", -1, NULL);
    s.p.apply = "apply";
    s.p.undo = "undo";
    s.p.undone = "undone";
    assert_int_equal(act(&s, false, text), 0);
    is(&s, "etc/app.conf", "0640 new\n"); /* as the one that was there */
    is(&s, "opt/a b/data", "0600 new\n");
    is(&s, "opt/a b/tool", "0755 tool\n");
    AUTO_FREE char *data = path_join(s.root, "opt/a b/data");
    struct stat st;
    assert_int_equal(stat(data, &st), 0);
    assert_int_equal(st.st_uid, 65534);
    assert_non_null(strstr(text, "etc/app.conf in place"));
    /* Once more: what was saved stays. */
    assert_int_equal(act(&s, false, text), 0);
    assert_int_equal(act(&s, true, text), 0);
    is(&s, "etc/app.conf", "0640 old\n");
    is(&s, "opt", "-");
    nothing_is_left(&s);
    AUTO_ERR e = NULL;
    AUTO_FREE char *log = file_read(s.log, TEXT_MAX, NULL, &e);
    assert_string_equal(log, "apply new\napply new\nundo new\nundone old\n");
    assert_int_equal(act(&s, true, text), 1);
    assert_non_null(strstr(text, "the patch was not applied here"));
}

static void attributes_come_back(void **state)
{
    AUTO_SCENE s = scene(*state);
    AUTO_FREE char *conf = path_join(s.root, "etc/app.conf");
    struct stat before, after;
    char text[TEXT_MAX];

    if (!needs_root())
        skip();
    assert_int_equal(chown(conf, 12, 34), 0);
    assert_int_equal(chmod(conf, 04711), 0);
    assert_int_equal(stat(conf, &before), 0);
    install(&s, "new", "etc/app.conf", -1, NULL);
    assert_int_equal(act(&s, false, text), 0);
    is(&s, "etc/app.conf", "4711 new\n");
    assert_int_equal(act(&s, true, text), 0);
    assert_int_equal(stat(conf, &after), 0);
    is(&s, "etc/app.conf", "4711 old\n");
    assert_int_equal(after.st_uid, 12);
    assert_int_equal(after.st_gid, 34);
    assert_int_equal(after.st_mtim.tv_nsec, before.st_mtim.tv_nsec);
}

static void one_that_fails_leaves_none(void **state)
{
    AUTO_SCENE s = scene(*state);
    AUTO_FREE char *folder = path_join(s.root, "etc/folder");
    AUTO_FREE char *link = path_join(s.root, "etc/link");
    static const struct {
        const char *from, *to, *owner, *says;
    } table[] = {
        { "new", "etc/folder", NULL, "etc/folder is no regular file" },
        { "new", "etc/link", NULL, "etc/link is a symbolic link" },
        { "new", "etc/other", "nobody-here:root", "there is no passwd entry 'nobody-here' for" },
        { "new", "etc/other", "root:nobody-here", "there is no group entry 'nobody-here' for" },
        { "new", "etc/app.conf/below", NULL, "patchlab: cannot" },
        { "undo", "etc/other", NULL, "undo is not there" },
    };

    if (!needs_root())
        skip();
    assert_int_equal(mkdir(folder, 0755), 0);
    assert_int_equal(symlink("app.conf", link), 0);
    AUTO_FREE char *undo = path_join(s.patch, "undo");
    assert_int_equal(unlink(undo), 0);
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        char text[TEXT_MAX];

        s.places.len = 0;
        install(&s, "new", "etc/app.conf", -1, NULL);
        install(&s, table[i].from, table[i].to, -1, table[i].owner);
        assert_int_not_equal(act(&s, false, text), 0);
        if (!strstr(text, table[i].says))
            fail_msg("case %zu says: %s", i, text);
        is(&s, "etc/app.conf", "0640 old\n");
        is(&s, "etc/other", "-");
        nothing_is_left(&s);
        for (size_t k = 0; k < s.places.len; k++) {
            free(s.at[k].to);
            free(s.at[k].owner);
            s.at[k] = (struct patch_place){ 0 };
        }
    }
}

static void a_program_that_fails_takes_it_back(void **state)
{
    AUTO_SCENE s = scene(*state);
    AUTO_ERR e = NULL;
    char text[TEXT_MAX];

    if (!needs_root())
        skip();
    program(&s, "apply", 7);
    s.p.apply = "apply";
    s.p.undo = "undo";
    s.p.undone = "undone";
    install(&s, "new", "etc/app.conf", -1, NULL);
    install(&s, "new", "etc/more/file", -1, NULL);
    assert_int_equal(act(&s, false, text), 7);
    is(&s, "etc/app.conf", "0640 old\n");
    is(&s, "etc/more", "-");
    nothing_is_left(&s);
    AUTO_FREE char *log = file_read(s.log, TEXT_MAX, NULL, &e);
    assert_string_equal(log, "apply new\nundo new\nundone old\n");
}

/* The undo program's failure is told, and all is put back nevertheless. */
static void undo_goes_on(void **state)
{
    AUTO_SCENE s = scene(*state);
    char text[TEXT_MAX];

    if (!needs_root())
        skip();
    program(&s, "undo", 9);
    s.p.undo = "undo";
    install(&s, "new", "etc/app.conf", -1, NULL);
    install(&s, "new", "etc/more/file", -1, NULL);
    assert_int_equal(act(&s, false, text), 0);
    put_file(s.root, "etc/more/own", "x", 0644);
    assert_int_equal(act(&s, true, text), 1);
    assert_non_null(strstr(text, "it ended with status 9"));
    assert_non_null(strstr(text, "etc/more is not empty"));
    is(&s, "etc/app.conf", "0640 old\n");
    is(&s, "etc/more/file", "-");
    nothing_is_left(&s);
}

static void what_is_unsafe_is_refused(void **state)
{
    AUTO_SCENE s = scene(*state);
    struct patch_place at = { .from = (char[]){ "new" }, .to = (char[]){ "/a/../b" }, .mode = -1 };
    struct patch_places places = { &at, 1 }, none = { 0 };
    struct patch_in_guest p = {
        .dir = s.patch, .files = &s.files, .name = "app", .install = &none
    };
    AUTO_GUEST_RESULT r = { 0 };
    AUTO_ERR e = NULL;

    expect_err(pkg_files.apply(&s.guest.guest, &p, &r, &e), ERR_INVALID, "what to put where", &e);
    p.install = &places;
    expect_err(pkg_files.apply(&s.guest.guest, &p, &r, &e), ERR_INVALID,
               "cannot apply the patch: '/a/../b' is no safe place", &e);
    at.from = (char[]){ "other" };
    expect_err(pkg_files.apply(&s.guest.guest, &p, &r, &e), ERR_INVALID,
               "'other' is none of its files", &e);
    p.undo = "../undo";
    expect_err(pkg_files.undo(&s.guest.guest, &p, &r, &e), ERR_INVALID,
               "cannot undo the patch: '../undo' is none of its files", &e);
    p.name = "../app";
    expect_err(pkg_files.undo(&s.guest.guest, &p, &r, &e), ERR_INVALID, "is no safe name", &e);
    assert_int_equal(s.guest.calls, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(files_come_and_go),
        scratch_test(attributes_come_back),
        scratch_test(one_that_fails_leaves_none),
        scratch_test(a_program_that_fails_takes_it_back),
        scratch_test(undo_goes_on),
        scratch_test(what_is_unsafe_is_refused),
    };

    return cmocka_run_group_tests_name("pkg-files", tests, NULL, NULL);
}
