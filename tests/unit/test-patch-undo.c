/* The older packages that take a patch back: how they come in, and which are refused. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "fakes/intake.h"

static int64_t add(struct intake_box *b, const char *package, const char *undo, struct err **err)
{
    AUTO_STRV paths = { 0 }, older = { 0 };
    int64_t id = -1;

    strv_add(&paths, package);
    if (undo)
        strv_add(&older, undo);
    return patch_add_undo(&b->site, &paths, &older, NULL, &id, &b->is_new, err) < 0 ? -1 : id;
}

static void refused(struct intake_box *b, const char *package, const char *undo, const char *part)
{
    AUTO_FREE char *before = intake_files(b);
    AUTO_ERR e = NULL;

    assert_int_equal(add(b, package, undo, &e), -1);
    expect_err(ERR_INVALID, part, &e);
    AUTO_FREE char *after = intake_files(b);
    assert_string_equal(after, before);
}

static char *undo_text(const struct patch *p)
{
    return json_canonical(json_object_get(p->manifest, "undo"));
}

static void an_older_package_comes_along(void **state)
{
    AUTO_INTAKE_BOX b = intake_box();
    AUTO_FREE char *new = intake_deb(&b, "a_2.deb", "aa", "2", NULL);
    AUTO_FREE char *old = intake_deb(&b, "a_1.deb", "aa", "1", NULL);
    AUTO_ERR e = NULL;

    (void)state;
    int64_t id = add(&b, new, old, &e);
    expect_ok(id > 0, &e);
    AUTO_PATCH p = intake_patch(&b, id);
    AUTO_FREE char *text = undo_text(&p);
    assert_string_equal(text, "{\"missing\":[],\"packages\":[{\"arch\":\"amd64\",\"file\":"
                              "\"undo/a_1.deb\",\"name\":\"aa\",\"version\":\"1\"}]}");
    assert_true(strv_has(&p.files, "undo/a_1.deb"));
    assert_int_equal(json_array_size(json_object_get(p.manifest, "packages")), 1);
    assert_string_equal(p.version, "2");
    assert_string_equal(json_str_at(p.manifest, "conffiles"), "keep");
    /* Without it, it is another patch, and says what is lacking. */
    int64_t other = add(&b, new, NULL, &e);
    expect_ok(other > 0 && other != id, &e);
    AUTO_PATCH q = intake_patch(&b, other);
    AUTO_FREE char *lacks = undo_text(&q);
    assert_string_equal(lacks, "{\"missing\":[\"aa:amd64\"],\"packages\":[]}");
}

/* As a directory of packages alone, and with a patch.yaml. */
static void a_folder_of_them_does_the_same(void **state)
{
    AUTO_INTAKE_BOX b = intake_box();
    AUTO_FREE char *new = intake_deb(&b, "dir/a_2.deb", "aa", "2", NULL);
    AUTO_FREE char *old = intake_deb(&b, "dir/undo/a_1.deb", "aa", "1", NULL);
    AUTO_FREE char *dir = path_join(b.work, "dir");
    AUTO_ERR e = NULL;

    (void)state;
    int64_t bare = intake_add(&b, NULL, dir, NULL);
    int64_t same = add(&b, new, old, &e);
    assert_true(same == bare);
    AUTO_FREE char *more = intake_deb(&b, "dir/b_2.deb", "bb", "2", NULL);
    free(intake_write(&b, "dir/patch.yaml",
                      "name: x\nversion: \"1\"\nkind: deb\nconffiles: replace\n"
                      "new-packages: [bb]\n",
                      0644));
    AUTO_PATCH p = intake_patch(&b, intake_add(&b, NULL, dir, NULL));
    AUTO_FREE char *text = undo_text(&p);
    assert_true(str_starts(text, "{\"missing\":[],"));
    assert_int_equal(p.conffiles, CONFFILES_REPLACE);
    assert_string_equal(json_str_at(p.manifest, "conffiles"), "replace");
    refused(&b, dir, old, "older packages are named, but the patch has a patch.yaml");
    free(intake_write(&b, "dir/patch.yaml",
                      "name: x\nversion: \"1\"\nkind: deb\nnew-packages: [cc]\n", 0644));
    refused(&b, dir, NULL, "lists 'cc' under 'new-packages', which is not there");
}

static void what_takes_nothing_back_is_refused(void **state)
{
    AUTO_INTAKE_BOX b = intake_box();
    AUTO_FREE char *a = intake_deb(&b, "a_2.deb", "aa", "2", NULL);
    AUTO_FREE char *newer = intake_deb(&b, "a_3.deb", "aa", "3", NULL);
    AUTO_FREE char *other = intake_deb(&b, "b_1.deb", "bb", "1", NULL);
    AUTO_FREE char *text = intake_write(&b, "a_0.deb", "nothing", 0644);
    AUTO_FREE char *one = intake_deb(&b, "twice/undo/one.deb", "aa", "1", NULL);
    AUTO_FREE char *two = intake_deb(&b, "twice/undo/two.deb", "aa", "1", NULL);
    AUTO_FREE char *dir = path_join(b.work, "twice");

    (void)state;
    refused(&b, a, a, "'undo/a_2.deb' takes nothing back: its version 2 is not older");
    refused(&b, a, newer, "its version 3 is not older");
    refused(&b, a, other, "'undo/b_1.deb' takes nothing back: the patch has no package 'bb'");
    refused(&b, a, text, "a_0.deb");
    refused(&b, a, b.work, "is no .deb file");
    refused(&b, dir, NULL, "holds neither a patch.yaml nor packages of one kind alone");
    free(intake_deb(&b, "twice/a_2.deb", "aa", "2", NULL));
    refused(&b, dir, NULL, "the older package 'aa:amd64 1' is there twice");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_older_package_comes_along),
        cmocka_unit_test(a_folder_of_them_does_the_same),
        cmocka_unit_test(what_takes_nothing_back_is_refused),
    };

    return cmocka_run_group_tests_name("patch-undo", tests, NULL, NULL);
}
