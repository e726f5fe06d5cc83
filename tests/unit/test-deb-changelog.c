/* The changelog inside a .deb, and patches whose packages have one. */
#include "adapters/libarchive.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "fakes/intake.h"
#include "fakes/make_archive.h"

#define CHANGELOG \
    "tool (2) x; urgency=low\n\n  * CVE-2024-1111\n\ntool (1.5) x\n\n  * CVE-2024-2222\n"

enum { MAX = 1 << 20 };

static char *read_all(const char *path, size_t *ret_len)
{
    AUTO_ERR e = NULL;
    char *text = file_read(path, 64 << 20, ret_len, &e);

    expect_ok(text, &e);
    return text;
}

static char *gzipped(struct intake_box *b, const char *text, size_t *ret_len)
{
    AUTO_FREE char *path = path_join(b->work, "gz");
    AUTO_STR s = STR_INIT(32 << 20);

    str_add(&s, text);
    make_compressed(path, "gz", &s);
    return read_all(path, ret_len);
}

/* A package "tool" whose data.tar has one file of this name and content. */
static char *make_tool(struct intake_box *b, const char *name, const char *content, size_t len)
{
    static const char control[] =
        "Package: tool\nVersion: 2\nArchitecture: all\nMaintainer: a <a@b>\nDescription: x\n";
    AUTO_FREE char *tar = path_join(b->work, "tar");
    char *deb = path_join(b->work, "tool.deb");
    AUTO_STR data = STR_INIT(64 << 20), s = STR_INIT(64 << 20);
    const struct made entries[] = { { "./control", .text = control } };
    AUTO_ERR e = NULL;
    size_t control_len;

    make_archive(tar, "tar", entries, 1);
    AUTO_FREE char *control_tar = read_all(tar, &control_len);
    add_tar_header(&data, name, '0', (int64_t)len);
    str_add_mem(&data, content, len);
    for (size_t i = len; i % 512; i++)
        str_add_mem(&data, "", 1);
    add_tar_end(&data);
    str_add(&s, "!<arch>\n");
    add_ar_member(&s, "debian-binary", "2.0\n", 4);
    add_ar_member(&s, "control.tar", control_tar, control_len);
    add_ar_member(&s, "data.tar", data.ptr, data.len);
    expect_ok(file_write(deb, s.ptr, s.len, 0644, &e) == 0, &e);
    return deb;
}

static char *changelog_of(const char *deb, size_t max, size_t *ret_len)
{
    AUTO_ERR e = NULL;
    char *text = NULL;

    expect_ok(archive_ops.package_changelog(deb, "tool", max, NULL, &text, ret_len, &e) == 0, &e);
    return text;
}

static void it_is_found_and_unpacked(void **state)
{
    static const char *const names[] = {
        "./usr/share/doc/tool/changelog.Debian.gz",
        "usr/share/doc/tool/changelog.gz",
    };
    AUTO_INTAKE_BOX b = intake_box();
    size_t packed_len, len;
    AUTO_FREE char *packed = gzipped(&b, CHANGELOG, &packed_len);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        AUTO_FREE char *deb = make_tool(&b, names[i], packed, packed_len);
        AUTO_FREE char *text = changelog_of(deb, MAX, &len);
        assert_string_equal(text, CHANGELOG);
        assert_int_equal(len, strlen(CHANGELOG));
    }
}

static void another_file_is_none(void **state)
{
    static const char *const names[] = {
        "./usr/share/doc/other/changelog.Debian.gz",
        "./usr/share/doc/tool/changelog",
        "./usr/share/doc/tool/../tool/changelog.gz",
    };
    AUTO_INTAKE_BOX b = intake_box();
    size_t len;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        AUTO_FREE char *deb = make_tool(&b, names[i], "x", 1);
        AUTO_FREE char *text = changelog_of(deb, MAX, &len);
        assert_null(text);
    }
}

static void a_long_one_is_cut_off(void **state)
{
    AUTO_INTAKE_BOX b = intake_box();
    AUTO_STR bomb = STR_INIT(32 << 20);
    size_t packed_len, len;

    (void)state;
    str_add(&bomb, CHANGELOG);
    while (!bomb.truncated)
        str_add(&bomb, "                                                                ");
    AUTO_FREE char *packed = gzipped(&b, bomb.ptr, &packed_len);
    AUTO_FREE char *deb = make_tool(&b, "./usr/share/doc/tool/changelog.gz", packed, packed_len);
    AUTO_FREE char *text = changelog_of(deb, MAX, &len);
    assert_int_equal(len, MAX);
    assert_int_equal(strncmp(text, CHANGELOG, strlen(CHANGELOG)), 0);
}

static void a_damaged_one_is_an_error(void **state)
{
    AUTO_INTAKE_BOX b = intake_box();
    size_t packed_len, len;
    AUTO_FREE char *packed = gzipped(&b, CHANGELOG, &packed_len);
    AUTO_FREE char *deb = make_tool(&b, "usr/share/doc/tool/changelog.gz", packed, packed_len - 9);
    AUTO_ERR e = NULL;
    char *text = NULL;

    (void)state;
    assert_int_equal(archive_ops.package_changelog(deb, "tool", MAX, NULL, &text, &len, &e), -1);
    expect_err(ERR_INVALID, "cannot read the changelog of package", &e);
    assert_null(text);
}

/* --- patches --- */

static json_t *claims_of(struct intake_box *b, const char *yaml)
{
    size_t packed_len;
    AUTO_FREE char *packed = gzipped(b, CHANGELOG, &packed_len);
    AUTO_FREE char *deb = make_tool(b, "./usr/share/doc/tool/changelog.gz", packed, packed_len);
    AUTO_FREE char *spec = intake_write(b, "patch/patch.yaml", yaml, 0644);
    AUTO_FREE char *dir = path_dir(spec);
    AUTO_FREE char *to = path_join(dir, "tool.deb");
    AUTO_ERR e = NULL;

    expect_ok(file_copy(deb, to, 0644, &e) == 0, &e);
    AUTO_PATCH p = intake_patch(b, intake_add(b, NULL, dir, NULL));
    return json_incref(json_object_get(p.manifest, "claims"));
}

#define YAML "name: tool\nversion: '2'\nkind: deb\n"

static void the_topmost_entry_is_claimed(void **state)
{
    AUTO_INTAKE_BOX b = intake_box();

    (void)state;
    AUTO_JSON *claims = claims_of(&b, YAML);
    AUTO_FREE char *text = json_canonical(claims);
    assert_string_equal(text, "[{\"cve\":\"CVE-2024-1111\",\"origin\":\"changelog\",\"package\":"
                              "\"tool\",\"version\":\"2\"}]");
}

static void with_what_it_replaces_all_newer_ones_are(void **state)
{
    AUTO_INTAKE_BOX b = intake_box();

    (void)state;
    AUTO_JSON *claims = claims_of(&b, YAML "replaces: [too 1, tool 1.0]\n");
    assert_int_equal(json_array_size(claims), 2);
    AUTO_JSON *none = claims_of(&b, YAML "replaces: [tool 2]\n");
    assert_int_equal(json_array_size(none), 0);
}

static void what_is_said_is_no_claim(void **state)
{
    AUTO_INTAKE_BOX b = intake_box();

    (void)state;
    AUTO_JSON *claims = claims_of(&b, YAML "replaces: [tool 1]\ncves: [CVE-2024-1111]\n");
    assert_int_equal(json_array_size(claims), 1);
    assert_string_equal(json_str_at(json_array_get(claims, 0), "cve"), "CVE-2024-2222");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_found_and_unpacked),
        cmocka_unit_test(another_file_is_none),
        cmocka_unit_test(a_long_one_is_cut_off),
        cmocka_unit_test(a_damaged_one_is_an_error),
        cmocka_unit_test(the_topmost_entry_is_claimed),
        cmocka_unit_test(with_what_it_replaces_all_newer_ones_are),
        cmocka_unit_test(what_is_said_is_no_claim),
    };

    return cmocka_run_group_tests_name("deb-changelog", tests, NULL, NULL);
}
