/* patch_add: directories, archives and packages; every refusal, and that it leaves nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/stop.h"
#include "fakes/intake.h"
#include "fakes/make_archive.h"
#include "ports/archive.h"

#define YAML(more) "name: motd\nversion: \"1\"\nkind: script\n" more
#define SCRIPT "script: {apply: apply.sh, undo: undo.sh}\n"
#define DATA_SHA256 "6667b2d1aab6a00caa5aee5af8ad9f1465e567abf1c209d15727d57b3e8f6e5f"
#define OTHER_SHA256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static void every_sample_is_accepted(void **state)
{
    static const char samples[] = "tests/samples/patches";
    AUTO_INTAKE_BOX b = intake_box();
    AUTO_STRV names = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    expect_ok(dir_list(samples, &names, &e) == 0, &e);
    assert_true(names.len >= 5);
    for (size_t i = 0; i < names.len; i++) {
        AUTO_FREE char *dir = path_join(samples, names.ptr[i]);
        AUTO_PATCH p = intake_patch(&b, intake_add(&b, NULL, dir, NULL));

        assert_string_equal(p.name, names.ptr[i]);
        assert_true(b.is_new);
    }
}

/* --- archives ------------------------------------------------------------------------------- */

/* In whatever it comes, at the top of it or in a directory. */
static void an_archive_is_its_directory(void **state)
{
    static const char *const kinds[] = { "tar", "tar.gz", "tar.xz", "tar.zst", "tar.bz2", "zip" };
    AUTO_INTAKE_BOX b = intake_box();
    AUTO_FREE char *dir = intake_script(&b, "motd", "");
    int64_t id = intake_add(&b, NULL, dir, NULL);

    (void)state;
    for (size_t i = 0; i < 2 * ARRAY_LEN(kinds); i++) {
        const char *top = i % 2 ? "motd-1/" : "";
        AUTO_FREE char *yaml = xasprintf("%spatch.yaml", top);
        AUTO_FREE char *apply = xasprintf("%sapply.sh", top);
        AUTO_FREE char *undo = xasprintf("%sundo.sh", top);
        AUTO_FREE char *data = xasprintf("%sdata", top);
        AUTO_FREE char *name = xasprintf("motd.%s", kinds[i / 2]);
        AUTO_FREE char *file = path_join(b.work, name);

        make_archive(file, kinds[i / 2],
                     (struct made[]){
                         { yaml, .text = YAML(SCRIPT) },
                         { apply, .text = "#!/bin/sh\necho apply\n", .mode = 0755 },
                         { undo, .text = "#!/bin/sh\necho undo\n", .mode = 0755 },
                         { data, .text = "data\n" },
                     },
                     4);
        assert_int_equal(intake_add(&b, NULL, file, NULL), id);
        assert_false(b.is_new);
    }
}

static void a_hostile_archive_is_refused(void **state)
{
    static const struct {
        struct made made[2];
        enum err_code code;
        const char *part;
    } cases[] = {
        { { { "../evil", .text = "x" }, { "a", .text = "x" } }, ERR_INVALID, "unsafe name" },
        { { { "a", .symlink = "/etc/shadow" }, { "b", .text = "x" } }, ERR_INVALID, "symbolic" },
        { { { "a", .text = "x" }, { "a", .text = "y" } }, ERR_INVALID, "twice" },
        { { { "a", .text = "x" }, { "b.deb", .text = "y" } }, ERR_INVALID, "neither a patch.yaml" },
        { { { "d/", .type = S_IFDIR }, { "e/", .type = S_IFDIR } }, ERR_INVALID, "neither" },
        { { { "a\xe2\x80\xae", .text = "x" }, { "patch.yaml", .text = YAML(SCRIPT) } },
          ERR_INVALID,
          "': file 'a\\u202e' has a name that is not printable" },
        { { { "p/patch.yaml", .text = "name: x\nvresion: 1\n" }, { "p/a", .text = "x" } },
          ERR_INVALID,
          "hostile.tar': patch.yaml:2: key 'vresion': unknown key, did you mean 'version'?" },
        { { { "patch.yaml/a", .text = "x" }, { "b", .text = "x" } }, ERR_INVALID, "neither" },
    };
    AUTO_INTAKE_BOX b = intake_box();
    AUTO_FREE char *file = path_join(b.work, "hostile.tar");

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        make_archive(file, "tar", cases[i].made, 2);
        intake_refused(&b, cases[i].code, cases[i].part, file, NULL);
    }
}

static void what_is_no_archive_is_refused(void **state)
{
    AUTO_INTAKE_BOX b = intake_box();
    AUTO_FREE char *file = intake_write(&b, "patch.yaml", YAML(SCRIPT), 0644);
    AUTO_STRV paths = { 0 };
    AUTO_ERR e = NULL;
    int64_t id;
    bool is_new;

    (void)state;
    intake_refused(&b, ERR_INVALID, "its format is not known", file, NULL);
    strv_add(&paths, file);
    assert_int_equal(patch_add(&b.site, &paths, NULL, &id, &is_new, &e), -1);
    assert_string_equal(e->hint, "name the directory that holds it");
    intake_refused(&b, ERR_NOT_FOUND, "cannot look at '/nowhere/x.tar'", "/nowhere/x.tar", NULL);
    intake_refused(&b, ERR_INVALID, "no directory, archive or package is named", NULL);
}

/* --- packages ------------------------------------------------------------------------------- */

static void packages_are_called_like_their_source(void **state)
{
    AUTO_INTAKE_BOX b = intake_box();
    AUTO_FREE char *one = intake_deb(&b, "libssl3.deb", "libssl3", "3.0.11-1~deb12u2", "openssl");
    AUTO_FREE char *two = intake_deb(&b, "openssl.deb", "openssl", "3.0.11-1~deb12u2", NULL);
    AUTO_PATCH p = intake_patch(&b, intake_add(&b, NULL, one, two, NULL));
    json_t *packages = json_object_get(p.manifest, "packages");
    AUTO_FREE char *first = json_canonical(json_array_get(packages, 0));

    (void)state;
    assert_string_equal(p.name, "openssl");
    assert_string_equal(p.version, "3.0.11-1~deb12u2");
    assert_string_equal(p.kind, "deb");
    assert_null(p.apply);
    assert_int_equal(p.timeout_ms, 15 * 60 * 1000);
    assert_int_equal(p.files.len, 2);
    assert_int_equal(json_array_size(packages), 2);
    assert_string_equal(first, "{\"arch\":\"amd64\",\"file\":\"libssl3.deb\",\"name\":\"libssl3\","
                               "\"source\":\"openssl\",\"version\":\"3.0.11-1~deb12u2\"}");
    /* The order in which they are named and a name that says the same make no other patch. */
    assert_int_equal(intake_add(&b, NULL, two, one, NULL), p.id);
    assert_int_equal(intake_add(&b, "openssl", two, one, NULL), p.id);
    assert_false(b.is_new);
}

/* A folder or an archive of them is the same as the files one by one, whatever their modes. */
static void it_does_not_matter_how_packages_come(void **state)
{
    AUTO_INTAKE_BOX b = intake_box();
    AUTO_FREE char *deb = intake_deb(&b, "pool/main/hello.deb", "hello", "2.10-3", NULL);
    AUTO_FREE char *dir = path_join(b.work, "pool");
    AUTO_FREE char *zip = path_join(b.work, "hello.tar.zst");
    AUTO_FREE char *twin = NULL;
    AUTO_ERR e = NULL;
    size_t len;
    int64_t id = intake_add(&b, NULL, deb, NULL);

    (void)state;
    assert_int_equal(chmod(deb, 0755), 0);
    assert_int_equal(intake_add(&b, NULL, dir, NULL), id);
    AUTO_FREE char *bytes = file_read(deb, 1 << 20, &len, &e);
    AUTO_STR tar = STR_INIT(1 << 20);
    add_tar_header(&tar, "x/hello.deb", '0', (int64_t)len);
    str_add_mem(&tar, bytes, len);
    str_add_mem(&tar, (char[512]){ 0 }, (512 - len % 512) % 512);
    add_tar_end(&tar);
    make_compressed(zip, "zst", &tar);
    assert_int_equal(intake_add(&b, NULL, zip, NULL), id);
    twin = intake_deb(&b, "pool/hello.deb", "hello", "2.10-4", NULL);
    intake_refused(&b, ERR_INVALID, "two packages are called 'hello.deb'", dir, NULL);
}

static void versions_that_differ(void **state)
{
    AUTO_INTAKE_BOX b = intake_box();
    AUTO_FREE char *bsd = intake_deb(&b, "a.deb", "bsdutils", "1:2.38-5", "util-linux");
    AUTO_FREE char *util = intake_deb(&b, "b.deb", "util-linux", "2.38-5", NULL);
    AUTO_FREE char *mount = intake_deb(&b, "c.deb", "mount", "2.38-5", "util-linux (2.38)");
    AUTO_FREE char *other = intake_deb(&b, "d.deb", "hello", "2.38-5", NULL);
    AUTO_PATCH named = intake_patch(&b, intake_add(&b, NULL, bsd, util, mount, NULL));
    AUTO_PATCH mixed = intake_patch(&b, intake_add(&b, NULL, bsd, mount, NULL));
    AUTO_PATCH shared = intake_patch(&b, intake_add(&b, "november", mount, other, NULL));
    AUTO_PATCH all = intake_patch(&b, intake_add(&b, "november", bsd, other, NULL));

    (void)state;
    assert_string_equal(named.name, "util-linux");
    assert_string_equal(named.version, "2.38-5");
    assert_string_equal(mixed.name, "util-linux");
    assert_string_equal(mixed.version, "1");
    assert_string_equal(shared.name, "november");
    assert_string_equal(shared.version, "2.38-5");
    assert_string_equal(all.version, "1");
    intake_refused(&b, ERR_INVALID, "'bsdutils' and others have no source package in common", bsd,
                   other, NULL);
}

static void packages_that_are_none_are_refused(void **state)
{
    AUTO_INTAKE_BOX b = intake_box();
    AUTO_FREE char *good = intake_deb(&b, "good.deb", "hello", "1", NULL);
    AUTO_FREE char *again = intake_deb(&b, "again.deb", "hello", "2", NULL);
    AUTO_FREE char *bad = intake_write(&b, "bad.deb", "MZ", 0644);
    AUTO_FREE char *tar = intake_write(&b, "x.tar", "", 0644);
    AUTO_FREE char *folder = intake_write(&b, "folder/x", "", 0644);
    AUTO_FREE char *dir = path_dir(folder);
    AUTO_FREE char *missing = path_join(b.work, "missing.deb");

    (void)state;
    intake_refused(&b, ERR_INVALID, "bad.deb", good, bad, NULL);
    intake_refused(&b, ERR_INVALID, "package 'hello:amd64' is there twice", good, again, NULL);
    intake_refused(&b, ERR_INVALID, "two packages are called 'good.deb'", good, good, NULL);
    intake_refused(&b, ERR_INVALID, "x.tar' is no .deb file", good, tar, NULL);
    intake_refused(&b, ERR_INVALID, "folder' is no package", dir, good, NULL);
    intake_refused(&b, ERR_NOT_FOUND, "missing.deb", good, missing, NULL);
}

static void a_deb_patch_with_patch_yaml(void **state)
{
    AUTO_INTAKE_BOX b = intake_box();
    AUTO_FREE char *yaml = intake_write(&b, "p/patch.yaml", "name: hello\nversion: v2\nkind: deb\n",
                                        0644);
    AUTO_FREE char *dir = path_dir(yaml);

    (void)state;
    free(intake_write(&b, "p/README", "read me\n", 0644));
    intake_refused(&b, ERR_INVALID, "needs at least one .deb file", dir, NULL);
    free(intake_deb(&b, "p/pool/hello.deb", "hello", "2.10-3", NULL));
    AUTO_PATCH p = intake_patch(&b, intake_add(&b, NULL, dir, NULL));
    assert_string_equal(p.version, "v2");
    assert_int_equal(p.files.len, 2);
    assert_int_equal(json_array_size(json_object_get(p.manifest, "packages")), 1);
    free(intake_write(&b, "p/pool/bad.deb", "MZ", 0644));
    intake_refused(&b, ERR_INVALID, "bad.deb", dir, NULL);
}

/* --- files against patch.yaml ---------------------------------------------------------------- */

static void files_are_what_is_listed(void **state)
{
    static const struct {
        const char *more, *part;
    } cases[] = {
        { "  - {path: data, sha256: " OTHER_SHA256 "}\n", "'data' is not what patch.yaml lists" },
        { "  - {path: data, sha256: " DATA_SHA256 ", size: 6}\n", "it has 5 bytes, not 6" },
        { "  - {path: date, sha256: " DATA_SHA256 "}\n", "lists 'date', which is not there" },
        { "", "'data' is there, but patch.yaml does not list it" },
    };
    static const char scripts[] =
        "files:\n"
        "  - path: undo.sh\n"
        "    sha256: 0de0a15a35f06ef73f6a2c6bc2dc0d4e5f4b3b1bc6f3f0d3ac3f6ec3a9d2bb11\n"
        "  - path: apply.sh\n"
        "    sha256: 1de0a15a35f06ef73f6a2c6bc2dc0d4e5f4b3b1bc6f3f0d3ac3f6ec3a9d2bb11\n";
    AUTO_INTAKE_BOX b = intake_box();
    AUTO_FREE char *dir = intake_script(&b, "motd", scripts);
    AUTO_FREE char *listed = NULL;
    char apply[DIGEST_HEX_SIZE], undo[DIGEST_HEX_SIZE];

    (void)state;
    intake_refused(&b, ERR_INVALID, "'apply.sh' is not what patch.yaml lists: its sha256 is", dir,
                   NULL);
    digest_mem("#!/bin/sh\necho apply\n", 21, apply);
    digest_mem("#!/bin/sh\necho undo\n", 20, undo);
    listed = xasprintf("files:\n  - {path: undo.sh, sha256: %s}\n"
                       "  - {path: apply.sh, sha256: %s, size: 21}\n",
                       undo, apply);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO_FREE char *more = xasprintf("%s%s", listed, cases[i].more);

        free(intake_script(&b, "motd", more));
        intake_refused(&b, ERR_INVALID, cases[i].part, dir, NULL);
    }
    AUTO_FREE char *right = xasprintf("%s  - {path: data, sha256: " DATA_SHA256 ", size: 5}\n",
                                      listed);
    free(intake_script(&b, "motd", right));
    intake_add(&b, NULL, dir, NULL);
}

static void scripts_must_be_there_and_executable(void **state)
{
    AUTO_INTAKE_BOX b = intake_box();
    AUTO_FREE char *dir = intake_script(&b, "motd", "");
    AUTO_FREE char *undo = path_join(dir, "undo.sh");

    (void)state;
    assert_int_equal(chmod(undo, 0644), 0);
    intake_refused(&b, ERR_INVALID, "script.undo is 'undo.sh', which is not executable", dir, NULL);
    assert_int_equal(unlink(undo), 0);
    intake_refused(&b, ERR_INVALID, "script.undo is 'undo.sh', which is not there", dir, NULL);
}

static void what_is_no_file_is_refused(void **state)
{
    AUTO_INTAKE_BOX b = intake_box();
    AUTO_FREE char *dir = intake_script(&b, "motd", "");
    AUTO_FREE char *link = path_join(dir, "link");
    AUTO_FREE char *raw = path_join(dir, "\xff");
    AUTO_FREE char *data = path_join(dir, "data");
    AUTO_FREE char *alias = path_join(b.work, "alias");

    (void)state;
    assert_int_equal(symlink("/etc/passwd", link), 0);
    intake_refused(&b, ERR_INVALID, "is a symbolic link", dir, NULL);
    assert_int_equal(unlink(link), 0);
    assert_int_equal(rename(data, raw), 0);
    intake_refused(&b, ERR_INVALID, "'\\xff' has a name that is not printable", dir, NULL);
    assert_int_equal(unlink(raw), 0);
    /* The name of the directory itself may be a link: the user gave it. */
    assert_int_equal(symlink(dir, alias), 0);
    intake_add(&b, NULL, alias, NULL);
}

static void patch_yaml_errors_have_file_and_line(void **state)
{
    AUTO_INTAKE_BOX b = intake_box();
    AUTO_FREE char *dir = intake_script(&b, "motd", "nmae: x\n");
    AUTO_FREE char *part = NULL;
    AUTO_FREE char *absolute = NULL;
    AUTO_ERR e = NULL;

    (void)state;
    absolute = path_absolute(dir, &e);
    part = xasprintf("%s/patch.yaml:5: key 'nmae': unknown key, did you mean 'name'?", absolute);
    intake_refused(&b, ERR_INVALID, part, dir, NULL);
}

static void names_are_checked(void **state)
{
    static const char *const bad[] = { "", "Motd", "a@b", "../x", "\033[2J" };
    AUTO_INTAKE_BOX b = intake_box();
    AUTO_FREE char *dir = intake_script(&b, "motd", "");
    AUTO_STRV paths = { 0 };

    (void)state;
    strv_add(&paths, dir);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        AUTO_ERR e = NULL;
        int64_t id;
        bool is_new;

        assert_int_equal(patch_add(&b.site, &paths, bad[i], &id, &is_new, &e), -1);
        assert_non_null(e->hint);
        expect_err(ERR_INVALID, "is no name for a patch", &e);
    }
    AUTO_PATCH p = intake_patch(&b, intake_add(&b, "greeting", dir, NULL));
    assert_string_equal(p.name, "greeting");
}

/* --- room, interruption, other processes ----------------------------------------------------- */

static void room_is_respected(void **state)
{
    enum { RESERVE = 64 << 20, HUGE_FILE = 1 << 20 };
    AUTO_INTAKE_BOX b = intake_box();
    AUTO_FREE char *dir = intake_script(&b, "motd", "");
    AUTO_FREE char *deb = intake_deb(&b, "hello.deb", "hello", "1", NULL);
    AUTO_FREE char *tar = path_join(b.work, "big.tar");
    AUTO_FREE char *big = xcalloc(1, HUGE_FILE + 1);
    AUTO_STRV paths = { 0 };
    AUTO_ERR e = NULL;
    int64_t id;
    bool is_new;

    (void)state;
    memset(big, 'x', HUGE_FILE);
    make_archive(tar, "tar", (struct made[]){ { "big.deb", .text = big } }, 1);
    intake_disk(RESERVE);
    intake_refused(&b, ERR_NO_ROOM, "has no room for the patch: 64.0 MiB free", dir, NULL);
    intake_refused(&b, ERR_NO_ROOM, "has no room for the patch", deb, NULL);
    intake_refused(&b, ERR_NO_ROOM, "has no room for the patch", tar, NULL);
    intake_disk(RESERVE + HUGE_FILE);
    intake_refused(&b, ERR_INVALID, "unpacks to more than 512.0 KiB", tar, NULL);
    strv_add(&paths, tar);
    assert_int_equal(patch_add(&b.site, &paths, NULL, &id, &is_new, &e), -1);
    assert_non_null(strstr(e->hint, "has room for no more than 512.0 KiB"));
    intake_disk(-1); /* not known: not in the way */
    id = intake_add(&b, NULL, dir, NULL);
    intake_disk(RESERVE); /* what is stored needs no room */
    assert_int_equal(intake_add(&b, NULL, dir, NULL), id);
}

static void raise_it(void *stop)
{
    stop_raise(stop, 0);
}

/* Each look at the disk is a place to be interrupted at: before a copy, before and after the files
 * go to the blob store. */
static void an_interruption_leaves_nothing(void **state)
{
    AUTO_INTAKE_BOX b = intake_box();
    AUTO_FREE char *dir = intake_script(&b, "motd", "");
    AUTO_FREE char *one = intake_deb(&b, "one.deb", "one", "1", "hello");
    AUTO_FREE char *two = intake_deb(&b, "two.deb", "two", "1", "hello");
    AUTO_FREE char *tar = path_join(b.work, "p.tar");
    AUTO_STOP raised = stop_new();

    (void)state;
    for (int nth = 1; nth <= 3; nth++) {
        AUTO_STOP stop = stop_new();

        b.site.stop = stop;
        intake_at_look(nth, raise_it, stop);
        intake_refused(&b, ERR_CANCELLED, "interrupted", one, two, NULL);
        assert_true(stop_raised(stop));
    }
    AUTO_STOP stop = stop_new();
    b.site.stop = stop;
    intake_at_look(1, raise_it, stop);
    intake_refused(&b, ERR_CANCELLED, "cannot keep the patch: interrupted", dir, NULL);
    make_archive(tar, "tar", (struct made[]){ { "patch.yaml", .text = YAML("") } }, 1);
    stop_raise(raised, 0);
    b.site.stop = raised;
    intake_refused(&b, ERR_CANCELLED, "interrupted", tar, NULL);
    intake_refused(&b, ERR_CANCELLED, "interrupted", dir, NULL);
    b.site.stop = NULL;
    intake_add(&b, NULL, dir, NULL);
}

static void waiting_for_the_lock_can_be_interrupted(void **state)
{
    AUTO_INTAKE_BOX b = intake_box();
    AUTO_FREE char *dir = intake_script(&b, "motd", "");
    AUTO_FREE char *lock = path_join(b.f.dir, "intake/lock");
    AUTO_FREE char *work = path_join(b.f.dir, "intake/patch-of-another");
    AUTO_STOP stop = stop_new();
    AUTO_STRV paths = { 0 };
    AUTO_ERR e = NULL;
    int64_t id = intake_add(&b, NULL, dir, NULL);
    bool is_new;
    AUTO_FD held = file_lock(lock, /* wait= */ false, &e);

    (void)state;
    expect_ok(held >= 0, &e);
    expect_ok(dir_make(work, 0700, &e) == 0, &e);
    strv_add(&paths, dir);
    stop_raise(stop, 0);
    b.site.stop = stop;
    assert_int_equal(patch_add(&b.site, &paths, NULL, &id, &is_new, &e), -1);
    expect_err(ERR_CANCELLED, "interrupted", &e);
    assert_true(file_exists(work));
}

static int add_in_child(void *arg)
{
    struct intake_box *b = arg;
    AUTO_STRV paths = { 0 };
    AUTO_ERR e = NULL;
    int64_t id;
    bool is_new;

    fixture_reopen(&b->f);
    b->site.store = b->f.s;
    b->site.blobs = b->f.b;
    strv_addf(&paths, "%s/one.deb", b->work);
    strv_addf(&paths, "%s/two.deb", b->work);
    return patch_add(&b->site, &paths, NULL, &id, &is_new, &e);
}

static void processes_take_turns(void **state)
{
    enum { PROCESSES = 8 };
    AUTO_INTAKE_BOX b = intake_box();
    AUTO_FREE char *one = intake_deb(&b, "one.deb", "one", "1", "hello");
    AUTO_FREE char *two = intake_deb(&b, "two.deb", "two", "1", "hello");
    int64_t pids[PROCESSES];

    (void)state;
    fixture_shut(&b.f);
    for (int i = 0; i < PROCESSES; i++)
        pids[i] = fixture_fork(add_in_child, &b);
    for (int i = 0; i < PROCESSES; i++)
        assert_true(fixture_wait(pids[i]));
    fixture_reopen(&b.f);
    b.site.store = b.f.s;
    b.site.blobs = b.f.b;
    assert_int_equal(fixture_count(&b.f, "SELECT count(*) FROM patch"), 1);
    intake_add(&b, NULL, one, two, NULL);
    assert_false(b.is_new);
}

static void what_a_killed_process_left_is_removed(void **state)
{
    AUTO_INTAKE_BOX b = intake_box();
    AUTO_FREE char *dir = intake_script(&b, "motd", "");
    AUTO_FREE char *left = path_join(b.f.dir, "intake/patch-dead00/unpacked/x");
    AUTO_ERR e = NULL;

    (void)state;
    expect_ok(dir_make(left, 0700, &e) == 0, &e);
    intake_add(&b, NULL, dir, NULL); /* which looks that only the lock is left */
}

/* The blob store cannot be written: a file stands where a folder must be. */
static void a_failing_blob_store_is_left_as_it_was(void **state)
{
    AUTO_INTAKE_BOX b = intake_box();
    AUTO_FREE char *dir = intake_script(&b, "motd", "");
    AUTO_FREE char *blob = blob_path(b.f.b, DATA_SHA256);
    AUTO_FREE char *folder = path_dir(blob);
    AUTO_ERR e = NULL;

    (void)state;
    expect_ok(file_write(folder, "", 0, 0600, &e) == 0, &e);
    intake_refused(&b, ERR_IO, "cannot keep the patch: ", dir, NULL);
}

static void change_undo(void *box)
{
    free(intake_write(box, "motd/undo.sh", "#!/bin/sh\nreboot\n", 0755));
}

/* After it was looked at, and when most of the others are in the blob store already. */
static void a_file_that_changes_meanwhile_is_told(void **state)
{
    AUTO_INTAKE_BOX b = intake_box();
    AUTO_FREE char *dir = intake_script(&b, "motd", "");

    (void)state;
    intake_at_look(1, change_undo, &b);
    AUTO_STRV paths = { 0 };
    AUTO_ERR e = NULL;
    int64_t id;
    bool is_new;
    strv_add(&paths, dir);
    assert_int_equal(patch_add(&b.site, &paths, NULL, &id, &is_new, &e), -1);
    expect_err(ERR_CONFLICT, "was changed while it was read", &e);
    /* Only the new version is left, whose digest nobody had reckoned with. */
    AUTO_FREE char *left = intake_files(&b);
    assert_int_equal(strcspn(left, "\n") + 1, strlen(left));
    assert_int_equal(fixture_count(&b.f, "SELECT count(*) FROM patch"), 0);
    intake_add(&b, NULL, dir, NULL);
    assert_true(b.is_new);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sample_is_accepted),
        cmocka_unit_test(an_archive_is_its_directory),
        cmocka_unit_test(a_hostile_archive_is_refused),
        cmocka_unit_test(what_is_no_archive_is_refused),
        cmocka_unit_test(packages_are_called_like_their_source),
        cmocka_unit_test(it_does_not_matter_how_packages_come),
        cmocka_unit_test(versions_that_differ),
        cmocka_unit_test(packages_that_are_none_are_refused),
        cmocka_unit_test(a_deb_patch_with_patch_yaml),
        cmocka_unit_test(files_are_what_is_listed),
        cmocka_unit_test(scripts_must_be_there_and_executable),
        cmocka_unit_test(what_is_no_file_is_refused),
        cmocka_unit_test(patch_yaml_errors_have_file_and_line),
        cmocka_unit_test(names_are_checked),
        cmocka_unit_test(room_is_respected),
        cmocka_unit_test(an_interruption_leaves_nothing),
        cmocka_unit_test(waiting_for_the_lock_can_be_interrupted),
        cmocka_unit_test(processes_take_turns),
        cmocka_unit_test(what_a_killed_process_left_is_removed),
        cmocka_unit_test(a_failing_blob_store_is_left_as_it_was),
        cmocka_unit_test(a_file_that_changes_meanwhile_is_told),
    };

    return cmocka_run_group_tests_name("patch-add", tests, NULL, NULL);
}
