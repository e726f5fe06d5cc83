/* What patches of the kinds "rpm" and "files" are when they come in. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "fakes/intake.h"
#include "fakes/make_rpm.h"

static char *intake_rpm(struct intake_box *b, const char *file, const struct made_rpm *m)
{
    AUTO_FREE char *path = intake_write(b, file, "", 0644);

    make_rpm(path, m);
    return TAKE(path);
}

static void rpm_packages_are_a_patch(void **state)
{
    AUTO_INTAKE_BOX b = intake_box();
    AUTO_FREE char *new = intake_rpm(
        &b, "nm-2.rpm", &(struct made_rpm){ "NetworkManager", "1.2^git3", "1", .epoch = "1" });
    AUTO_FREE char *libs = intake_rpm(&b, "libs-2.rpm",
                                      &(struct made_rpm){ "NetworkManager-libs", "1.2", "1",
                                                          .source = "NetworkManager-1-1.src.rpm" });
    AUTO_FREE char *old = intake_rpm(
        &b, "nm-1.rpm", &(struct made_rpm){ "NetworkManager", "1.2~rc1", "9", .epoch = "1" });
    AUTO_FREE char *newer = intake_rpm(
        &b, "nm-3.rpm", &(struct made_rpm){ "NetworkManager", "0.1", "1", .epoch = "2" });
    AUTO_FREE char *deb = intake_deb(&b, "x.deb", "hello", "1", NULL);
    AUTO_FREE char *cut = intake_write(&b, "cut.rpm", "MZ", 0644);
    AUTO_STRV paths = { 0 }, undo = { 0 }, wrong = { 0 };
    AUTO_ERR e = NULL;
    int64_t id;

    (void)state;
    intake_refused(&b, ERR_INVALID, "x.deb' is no .rpm file", new, deb, NULL);
    intake_refused(&b, ERR_INVALID, "nm-2.rpm' is no .deb file", deb, new, NULL);
    intake_refused(&b, ERR_INVALID, "cut.rpm': it is not an rpm package", cut, NULL);
    strv_add(&paths, new);
    strv_add(&paths, libs);
    strv_add(&undo, old);
    strv_add(&wrong, newer);
    assert_int_equal(patch_add_undo(&b.site, &paths, &wrong, NULL, &id, &b.is_new, &e), -1);
    expect_err(ERR_INVALID, "its version 2:0.1-1 is not older", &e);
    expect_ok(patch_add_undo(&b.site, &paths, &undo, NULL, &id, &b.is_new, &e) == 0, &e);
    AUTO_PATCH p = intake_patch(&b, id);
    assert_string_equal(p.kind, "rpm");
    assert_string_equal(p.name, "networkmanager");
    assert_string_equal(p.version, "1:1.2^git3-1");
    AUTO_FREE char *missing = json_canonical(
        json_object_get(json_object_get(p.manifest, "undo"), "missing"));
    assert_string_equal(missing, "[\"NetworkManager-libs:x86_64\"]");
    assert_true(json_is_null(json_object_get(p.manifest, "conffiles")));
}

#define FILES "name: app\nversion: 1\nkind: files\ninstall:\n"

static void files_are_put_somewhere(void **state)
{
    AUTO_INTAKE_BOX b = intake_box();
    AUTO_FREE char *yaml = intake_write(&b, "p/patch.yaml",
                                        FILES "  - {from: b, to: /opt/b, owner: 'app:app'}\n"
                                              "  - {from: b, to: /opt/a, mode: 600}\n"
                                              "script: {undone: run}\n",
                                        0644);
    AUTO_FREE char *dir = path_dir(yaml);

    (void)state;
    intake_refused(&b, ERR_INVALID, "script.undone is 'run', which is not there", dir, NULL);
    free(intake_write(&b, "p/run", "#!/bin/sh\n", 0755));
    intake_refused(&b, ERR_INVALID, "patch.yaml installs 'b', which is not there", dir, NULL);
    free(intake_write(&b, "p/b", "b\n", 0644));
    AUTO_PATCH p = intake_patch(&b, intake_add(&b, NULL, dir, NULL));
    AUTO_FREE char *script = json_canonical(json_object_get(p.manifest, "script"));
    AUTO_FREE char *install = json_canonical(json_object_get(p.manifest, "install"));
    assert_string_equal(script, "{\"apply\":null,\"undo\":null,\"undone\":\"run\"}");
    assert_string_equal(install,
                        "[{\"from\":\"b\",\"mode\":\"0600\",\"owner\":null,\"to\":\"/opt/a\"},"
                        "{\"from\":\"b\",\"mode\":null,\"owner\":\"app:app\",\"to\":\"/opt/b\"}]");
    assert_string_equal(p.undone, "run");
    assert_null(p.apply);
    assert_int_equal(p.install.len, 2);
    assert_int_equal(p.install.ptr[0].mode, 0600);
    assert_int_equal(p.install.ptr[1].mode, -1);
    assert_string_equal(p.install.ptr[1].owner, "app:app");
    assert_string_equal(p.install.ptr[1].to, "/opt/b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rpm_packages_are_a_patch),
        cmocka_unit_test(files_are_put_somewhere),
    };

    return cmocka_run_group_tests_name("patch-kinds", tests, NULL, NULL);
}
