/* testcase.yaml with every key and every slip; bundles kept, loaded and listed. */
#include "unit/base.h"

#include <unistd.h>

#include "core/testcase.h"
#include "fakes/put_file.h"
#include "store/blob.h"

#define HEAD "name: shop\nchecks:\n  - name: a\n    run: checks/ok\n"

/* A testcase with an executable checks/ok and a checks/plain that is not. */
static void put_testcase(const char *dir, const char *yaml)
{
    put_file(dir, "testcase.yaml", yaml, 0644);
    put_file(dir, "checks/ok", "#!/bin/sh\n", 0755);
    put_file(dir, "checks/plain", "#!/bin/sh\n", 0644);
}

static void every_key_is_read(void **state)
{
    static const char yaml[] = "name: shop\n"
                               "description: |\n  two\n  lines\n"
                               "owner: Shop Team <shop@example.org>\n"
                               "applies-to:\n"
                               "  categories: [web, core, web]\n"
                               "  images: [debian-12-web]\n"
                               "ready: {command: [checks/ok, now], timeout: 5s}\n"
                               "checks:\n"
                               "  - name: a\n"
                               "    run: checks/ok\n"
                               "  - name: b.2\n"
                               "    title: the second\n"
                               "    run: /usr/bin/true\n"
                               "    args: ['', -x, \"a b\"]\n"
                               "    user: _apt\n"
                               "    timeout: 1h\n"
                               "    output-limit: 16MiB\n"
                               "    stages: [rebooted]\n"
                               "timeout: 7s\n" /* after the checks: counts for them all the same */
                               "output-limit: 3KiB\n";
    AUTO_TESTCASE t = { 0 };
    AUTO_ERR e = NULL;

    put_testcase(*state, yaml);
    expect_ok(testcase_read(*state, &t, &e), &e);
    assert_string_equal(t.name, "shop");
    assert_string_equal(t.description, "two\nlines\n");
    assert_string_equal(t.owner, "Shop Team <shop@example.org>");
    assert_int_equal(t.categories.len, 2);
    assert_true(strv_has(&t.categories, "web") && strv_has(&t.categories, "core"));
    assert_int_equal(t.images.len, 1);
    assert_int_equal(t.ready.argv.len, 2);
    assert_int_equal(t.ready.timeout_ms, 5000);
    assert_string_equal(t.dir, *state);
    assert_int_equal(t.bundle.len, 3);
    assert_int_equal(t.check_count, 2);

    const struct check *a = &t.checks[0], *b = &t.checks[1];
    assert_string_equal(a->title, "a"); /* its name, for lack of one */
    assert_null(a->user);
    assert_int_equal(a->args.len, 0);
    assert_int_equal(a->timeout_ms, 7000);
    assert_int_equal(a->output_max, 3 << 10);
    assert_int_equal(a->stages, (1 << POINT_MAX_) - 1);
    assert_string_equal(b->title, "the second");
    assert_string_equal(b->run, "/usr/bin/true");
    assert_int_equal(b->args.len, 3);
    assert_string_equal(b->args.ptr[0], "");
    assert_string_equal(b->user, "_apt");
    assert_int_equal(b->timeout_ms, 60 * 60 * 1000);
    assert_int_equal(b->output_max, 16 << 20);
    assert_int_equal(b->stages, 1 << POINT_REBOOTED);
}

static void defaults_are_those_of_the_docs(void **state)
{
    AUTO_TESTCASE t = { 0 };
    AUTO_ERR e = NULL;

    put_testcase(*state, HEAD);
    expect_ok(testcase_read(*state, &t, &e), &e);
    assert_null(t.description);
    assert_null(t.owner);
    assert_int_equal(t.ready.argv.len, 0);
    assert_int_equal(t.checks[0].timeout_ms, 60 * 1000);
    assert_int_equal(t.checks[0].output_max, 1 << 20);
}

/* What is wrong, and what must be said of it. */
static const struct {
    const char *yaml, *message;
} slips[] = {
    { HEAD "params: [a]\n", "testcase.yaml:5: key 'params': expected a map" },
    { HEAD "params: {A_b: {}}\n", "key 'params.A_b': expected a name of a-z" },
    { HEAD "params: {a: {secret: true, default: x}}\n",
      "key 'params.a.default': a secret has none" },
    { HEAD "params: {a: {required: true, default: x}}\n", "key 'params.a.default': of no use" },
    { HEAD "manual: [{name: a, file: none.md}]\n", "key 'manual[0].file': there is no such file" },
    { HEAD "manual: [{name: a}]\n", "key 'manual[0].file': required, but missing" },
    { HEAD "manual: [{name: a, file: checks/ok, stages: []}]\n", "key 'manual[0].stages'" },
    { HEAD "manual: [{name: a, file: checks/ok}, {name: a, file: checks/ok}]\n",
      "key 'manual[1].name': another step has this name" },
    { "nam: x\n" HEAD, "testcase.yaml:1: key 'nam': unknown key, did you mean 'name'?" },
    { "checks:\n  - {name: a, run: checks/ok}\n",
      "testcase.yaml:1: key 'name': required, but missing" },
    { "name: x\n", "testcase.yaml:1: key 'checks': required, but missing" },
    { "name: X y\nchecks: []\n", "testcase.yaml:1: key 'name': expected a name" },
    { "name: x\nchecks: []\n", "testcase.yaml:2: key 'checks': expected 1 to 500 checks" },
    { "name: x\nchecks: {a: b}\n", "testcase.yaml:2: key 'checks': expected a list" },
    { "name: x\nchecks:\n  - text\n", "testcase.yaml:3: key 'checks[0]': expected a map" },
    { "name: x\nchecks:\n  - name: a\n", "key 'checks[0].run': required, but missing" },
    { "name: x\nchecks:\n  - run: checks/ok\n", "key 'checks[0].name': required, but missing" },
    { HEAD "    rum: x\n",
      "testcase.yaml:5: key 'checks[0].rum': unknown key, did you mean 'run'" },
    { HEAD "  - name: a\n    run: checks/ok\n",
      "testcase.yaml:5: key 'checks[1].name': another check has this name already" },
    { HEAD "  - name: '@ready'\n    run: checks/ok\n", "key 'checks[1].name': expected a name" },
    { HEAD "  - name: b\n    run: checks/none\n",
      "testcase.yaml:6: key 'checks[1].run': there is no file 'checks/none' in the testcase" },
    { HEAD "  - name: b\n    run: checks\n", "there is no file 'checks' in the testcase" },
    { HEAD "  - name: b\n    run: checks/plain\n",
      "testcase.yaml:6: key 'checks[1].run': the file 'checks/plain' is not executable" },
    { HEAD "  - name: b\n    run: checks/../checks/ok\n", "key 'checks[1].run': expected a path" },
    { HEAD "  - name: b\n    run: ./checks/ok\n", "key 'checks[1].run': expected a path" },
    { HEAD "  - name: b\n    run: /usr/../bin/sh\n", "key 'checks[1].run': expected a path" },
    { HEAD "  - name: b\n    run: /\n", "key 'checks[1].run': expected a path" },
    { HEAD "  - name: b\n    run: ''\n", "key 'checks[1].run': expected a path" },
    { HEAD "    timeout: 999ms\n", "testcase.yaml:5: key 'checks[0].timeout': expected from 1" },
    { HEAD "    timeout: 3601s\n", "key 'checks[0].timeout': expected from 1" },
    { HEAD "timeout: 0\n", "testcase.yaml:5: key 'timeout': expected from 1" },
    { HEAD "timeout: soon\n", "testcase.yaml:5: key 'timeout': expected a duration such as" },
    { HEAD "    output-limit: 16777217\n", "key 'checks[0].output-limit': expected from" },
    { HEAD "output-limit: 17MiB\n", "testcase.yaml:5: key 'output-limit': expected from" },
    { HEAD "    results: xml\n", "key 'checks[0].results': expected one of exit, tap, junit" },
    { HEAD "    report: r.tap\n", "key 'checks[0].report': a report needs to say its format" },
    { HEAD "    results: tap\n    report: ../r.tap\n", "key 'checks[0].report': expected a " },
    { HEAD "    results: tap\n    report: /tmp/r.tap\n", "key 'checks[0].report': expected a " },
    { HEAD "    stages: []\n", "testcase.yaml:5: key 'checks[0].stages': expected at least one" },
    { HEAD "    stages: [as-is]\n",
      "key 'checks[0].stages[0]': expected one of patched, restarted, "
      "rebooted, rolled-back, found 'as-is'" },
    { HEAD "    stages: patched\n", "key 'checks[0].stages': expected a list" },
    { HEAD "    user: -root\n", "testcase.yaml:5: key 'checks[0].user': expected the name of" },
    { HEAD "    user: a;b\n", "key 'checks[0].user': expected the name of a user" },
    { HEAD "    user: ''\n", "key 'checks[0].user': expected the name of a user" },
    { HEAD "    user: abcdefghijklmnopqrstuvwxyz1234567\n", "key 'checks[0].user'" },
    { HEAD "    args: now\n", "key 'checks[0].args': expected a list" },
    { HEAD "    args: [\"a\\nb\"]\n", "key 'checks[0].args[0]': expected text of one line" },
    { HEAD "applies-to: {}\n", "testcase.yaml:5: key 'applies-to': expected at least one" },
    { HEAD "applies-to: {images: []}\n", "key 'applies-to': expected at least one category" },
    { HEAD "applies-to: {categories: [weeb]}\n",
      "key 'applies-to.categories[0]': expected one of core, security, file-print, mail, "
      "application, database, web, found 'weeb'" },
    { HEAD "applies-to: {images: [../x]}\n", "key 'applies-to.images[0]': expected a name" },
    { HEAD "ready: {timeout: 5s}\n", "key 'ready.command': required, but missing" },
    { HEAD "ready: {command: []}\n", "key 'ready': expected a command" },
    { HEAD "ready:\n  command: [checks/none]\n",
      "testcase.yaml:6: key 'ready.command[0]': there is no file 'checks/none'" },
    { HEAD "ready: {command: [checks/plain]}\n", "'checks/plain' is not executable" },
    { HEAD "ready: {command: [../ok]}\n", "key 'ready.command[0]': expected a path" },
    { HEAD "name: again\n", "testcase.yaml:5:" },
    { "- list\n", "testcase.yaml:1: expected a map" },
    { "", "testcase.yaml" },
    { "name: \"\\x1b[2J\"\nchecks: []\n", "\\x1b[2J" },
    { "a: &x [1]\nname: *x\n", "testcase.yaml:1" },
};

static void every_slip_is_named(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(slips); i++) {
        struct testcase t = { 0 };
        AUTO_ERR e = NULL;

        put_testcase(*state, slips[i].yaml);
        int rc = testcase_read(*state, &t, &e);
        if (rc == 0)
            fail_msg("accepted: %s", slips[i].yaml);
        assert_true(str_starts(e->msg, *state));
        assert_null(strpbrk(e->msg, "\x1b\n"));
        expect_err(rc, ERR_INVALID, slips[i].message, &e);
        assert_null(t.name); /* outputs only on success */
    }
}

static char *many_checks(int n)
{
    AUTO_STR s = STR_INIT(1 << 20);

    str_add(&s, "name: many\nchecks:\n");
    for (int i = 0; i < n; i++)
        str_addf(&s, "  - {name: c%d, run: checks/ok}\n", i);
    return str_take(&s);
}

static char *many_args(int n)
{
    AUTO_STR s = STR_INIT(1 << 20);

    str_add(&s, HEAD "    args:\n");
    for (int i = 0; i < n; i++)
        str_addf(&s, "      - arg%d\n", i);
    return str_take(&s);
}

static void numbers_have_a_limit(void **state)
{
    AUTO_FREE char *most = many_checks(500);
    AUTO_FREE char *more = many_checks(501);
    AUTO_FREE char *most_args = many_args(100);
    AUTO_FREE char *more_args = many_args(101);
    AUTO_TESTCASE t = { 0 };
    AUTO_ERR e = NULL;

    put_testcase(*state, more);
    expect_err(testcase_read(*state, &t, &e), ERR_INVALID, "1 to 500 checks, found 501", &e);
    put_testcase(*state, most);
    expect_ok(testcase_read(*state, &t, &e), &e);
    assert_int_equal(t.check_count, 500);
    testcase_release(&t);
    put_testcase(*state, more_args);
    expect_err(testcase_read(*state, &t, &e), ERR_INVALID, "key 'checks[0].args': too many", &e);
    put_testcase(*state, most_args);
    expect_ok(testcase_read(*state, &t, &e), &e);
    assert_int_equal(t.checks[0].args.len, 100);
}

/* What a guest could not start, and what nobody could read. */
static void what_the_files_hold_is_looked_at(void **state)
{
    static const char yaml[] = HEAD "manual:\n  - {name: look, file: look.md}\n";
    static const struct {
        const char *check, *step, *part;
    } files[] = {
        { "echo\n", "look", "checks/ok:1: it is a script without '#!'" },
        { "", "look", "checks/ok:1: it is a script without '#!'" },
        { "#!/bin/sh\r\n", "look", "checks/ok:1: its first line ends with a carriage return" },
        { "#!", "look", "checks/ok:1: behind '#!' there is no absolute path" },
        { "#! python3\n", "look", "checks/ok:1: behind '#!' there is no absolute path" },
        { "\xef\xbb\xbf#!/bin/sh\n", "look", "checks/ok:1: it begins with a byte order mark" },
        { "#!/bin/sh\n", "", "look.md:1: it says nothing" },
        { "#!/bin/sh\n", " \n\t\n", "look.md:1: it says nothing" },
        { "#!/bin/sh\n", "look\r\n", "look.md:1: it ends with a carriage return" },
        { "#!/bin/sh\n", "a\nb\n\xff\n", "look.md:3: it is not plain text in UTF-8" },
        { "#!/bin/sh\n", "a\n\033[2J", "look.md:2: it is not plain text in UTF-8" },
        { "#!/bin/sh\n", "a\n\xe2\x80\xae", "look.md:2: it is not plain text in UTF-8" },
    };
    AUTO_TESTCASE good = { 0 };
    AUTO_ERR e = NULL;

    put_testcase(*state, yaml);
    put_file(*state, "checks/ok", "\177ELF", 0755);
    put_file(*state, "look.md", "# Look\n\n\t\xc3\xa4\n", 0644);
    expect_ok(testcase_read(*state, &good, &e), &e);
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        AUTO_TESTCASE t = { 0 };
        put_file(*state, "checks/ok", files[i].check, 0755);
        put_file(*state, "look.md", files[i].step, 0644);
        expect_err(testcase_read(*state, &t, &e), ERR_INVALID, files[i].part, &e);
    }
}

static void a_directory_without_is_no_testcase(void **state)
{
    AUTO_FREE char *link = path_join(*state, "link");
    AUTO_TESTCASE t = { 0 };
    AUTO_ERR e = NULL;
    int rc = testcase_read(*state, &t, &e);

    assert_string_equal(e->hint, "a testcase is a directory with a file testcase.yaml");
    expect_err(rc, ERR_NOT_FOUND, "testcase.yaml'", &e);
    put_testcase(*state, HEAD);
    assert_int_equal(symlink("/etc/passwd", link), 0);
    expect_err(testcase_read(*state, &t, &e), ERR_INVALID, "link", &e);
}

static void the_samples_are_testcases(void **state)
{
    static const char *const paths[] = { "testcases", "tests/samples/testcases" };
    AUTO_STRV v = { 0 };
    AUTO_TESTCASE_LIST l = { 0 };
    AUTO_ERR e = NULL;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(paths); i++)
        strv_add(&v, paths[i]);
    expect_ok(testcases_read(&v, &l, &e), &e);
    assert_true(l.len >= 3); /* further ones of tests/samples come sorted behind the first two */
    assert_string_equal(l.ptr[0].name, "base-health");
    assert_string_equal(l.ptr[1].name, "web-shop");
}

static void what_is_kept_is_loaded_again(void **state)
{
    AUTO_FREE char *dir = path_join(*state, "shop");
    AUTO_FREE char *blobs_dir = path_join(*state, "blobs");
    AUTO_ERR e = NULL;
    AUTO_BLOBS b = blobs_open(blobs_dir, &e);
    AUTO_TESTCASE t = { 0 }, back = { 0 };

    put_testcase(dir, HEAD "applies-to: {categories: [mail]}\n");
    expect_ok(testcase_read(dir, &t, &e), &e);
    expect_ok(testcase_keep(&t, b, &e), &e);
    expect_ok(dir_remove(dir, &e), &e); /* the blobs are enough */
    expect_ok(testcase_load(b, t.bundle.digest, &back, &e), &e);
    assert_null(back.dir);
    AUTO_JSON *was = testcase_json(&t), *is = testcase_json(&back);
    assert_true(json_is_null(json_object_get(is, "dir")));
    json_object_set_new(was, "dir", json_null());
    assert_true(json_equal(was, is));
    expect_ok(testcase_keep(&back, b, &e), &e);
}

static void what_changes_meanwhile_is_not_kept(void **state)
{
    AUTO_FREE char *dir = path_join(*state, "shop");
    AUTO_FREE char *blobs_dir = path_join(*state, "blobs");
    AUTO_ERR e = NULL;
    AUTO_BLOBS b = blobs_open(blobs_dir, &e);
    AUTO_TESTCASE t = { 0 };

    put_testcase(dir, HEAD);
    expect_ok(testcase_read(dir, &t, &e), &e);
    put_file(dir, "checks/ok", "#!/bin/sh\nexit 1\n", 0755);
    expect_err(testcase_keep(&t, b, &e), ERR_CONFLICT, "was changed while it was read", &e);
    expect_err(testcase_load(b, t.bundle.digest, &t, &e), ERR_NOT_FOUND, "is missing", &e);
}

static void a_stored_bundle_may_be_no_testcase(void **state)
{
    AUTO_FREE char *dir = path_join(*state, "patch");
    AUTO_FREE char *blobs_dir = path_join(*state, "blobs");
    AUTO_ERR e = NULL;
    AUTO_BLOBS b = blobs_open(blobs_dir, &e);
    AUTO_BUNDLE plain = { 0 }, bad = { 0 };
    AUTO_TESTCASE t = { 0 };

    put_file(dir, "patch.yaml", "x", 0644);
    expect_ok(bundle_read(dir, &plain, &e), &e);
    expect_ok(bundle_keep(&plain, dir, b, &e), &e);
    expect_err(testcase_load(b, plain.digest, &t, &e), ERR_CORRUPT, "has no testcase.yaml", &e);
    put_file(dir, "testcase.yaml", "name: x\nchecks:\n  - {name: a, run: gone}\n", 0644);
    expect_ok(bundle_read(dir, &bad, &e), &e);
    expect_ok(bundle_keep(&bad, dir, b, &e), &e);
    expect_err(testcase_load(b, bad.digest, &t, &e), ERR_INVALID,
               "testcase.yaml:3: key 'checks[0].run'", &e);
    expect_err(testcase_load(b, "../../etc", &t, &e), ERR_INVALID, "is no blob", &e);
}

static void applies_by_image_or_category(void **state)
{
    static const struct {
        const char *yaml, *image, *category;
        bool applies;
    } rows[] = {
        { HEAD, "any", "web", true },
        { HEAD, "any", NULL, true },
        { HEAD "applies-to: {images: [a, b]}\n", "b", NULL, true },
        { HEAD "applies-to: {images: [a, b]}\n", "c", "web", false },
        { HEAD "applies-to: {images: [web]}\n", "c", "web", false },
        { HEAD "applies-to: {categories: [web]}\n", "c", "web", true },
        { HEAD "applies-to: {categories: [web]}\n", "web", "mail", false },
        { HEAD "applies-to: {categories: [web]}\n", "c", NULL, false },
        { HEAD "applies-to: {categories: [web], images: [a]}\n", "a", "mail", true },
        { HEAD "applies-to: {categories: [web], images: [a]}\n", "c", "web", true },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO_TESTCASE t = { 0 };
        AUTO_ERR e = NULL;

        put_testcase(*state, rows[i].yaml);
        expect_ok(testcase_read(*state, &t, &e), &e);
        assert_int_equal(testcase_applies(&t, rows[i].image, rows[i].category), rows[i].applies);
    }
}

static void put_named(const char *root, const char *dir, const char *name)
{
    AUTO_FREE char *full = path_join(root, dir);
    AUTO_FREE char *yaml = xasprintf("name: %s\nchecks:\n  - {name: a, run: checks/ok}\n", name);

    put_testcase(full, yaml);
}

static void a_directory_of_testcases_is_sorted(void **state)
{
    AUTO_FREE char *one = path_join(*state, "c");
    AUTO_STRV v = { 0 };
    AUTO_TESTCASE_LIST l = { 0 };
    AUTO_ERR e = NULL;

    put_named(*state, "b", "first");
    put_named(*state, "a", "second");
    put_named(*state, "c", "third");
    put_file(*state, "README.md", "no testcase", 0644);
    put_file(*state, "lib/common.sh", "no testcase", 0644);
    strv_add(&v, *state);
    expect_ok(testcases_read(&v, &l, &e), &e);
    assert_int_equal(l.len, 3);
    assert_string_equal(l.ptr[0].name, "second");
    assert_string_equal(l.ptr[1].name, "first");
    testcase_list_release(&l);
    strv_release(&v);
    strv_add(&v, one);
    expect_ok(testcases_read(&v, &l, &e), &e);
    assert_int_equal(l.len, 1);
    assert_string_equal(l.ptr[0].name, "third");
}

static void names_are_unique_among_all(void **state)
{
    AUTO_FREE char *x = path_join(*state, "x");
    AUTO_FREE char *y = path_join(*state, "y/other");
    AUTO_FREE char *both = xasprintf("'%s/a' and '%s' are both named 'shop'", x, y);
    AUTO_STRV v = { 0 };
    AUTO_TESTCASE_LIST l = { 0 };
    AUTO_ERR e = NULL;

    put_named(*state, "x/a", "shop");
    put_named(*state, "x/b", "mail");
    put_named(*state, "y/other", "shop");
    strv_add(&v, x);
    strv_add(&v, y);
    expect_err(testcases_read(&v, &l, &e), ERR_INVALID, both, &e);
    assert_int_equal(l.len, 0);
}

static void a_path_without_testcases_is_an_error(void **state)
{
    AUTO_FREE char *none = path_join(*state, "none");
    AUTO_FREE char *empty = path_join(*state, "empty");
    AUTO_FREE char *bad = path_join(*state, "bad");
    const char *const paths[] = { none, empty, bad };
    const char *const messages[] = { "none'", "there is no testcase in", "key 'checks'" };
    const enum err_code codes[] = { ERR_NOT_FOUND, ERR_NOT_FOUND, ERR_INVALID };

    put_file(empty, "README.md", "nothing", 0644);
    put_named(bad, "a", "good");
    put_file(bad, "b/testcase.yaml", "name: b\n", 0644);
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        AUTO_STRV v = { 0 };
        AUTO_TESTCASE_LIST l = { 0 };
        AUTO_ERR e = NULL;

        strv_add(&v, paths[i]);
        expect_err(testcases_read(&v, &l, &e), codes[i], messages[i], &e);
    }
}

static void json_tells_all(void **state)
{
    static const char expected[] =
        "{\"applies_to\":{\"categories\":[\"mail\"],\"images\":[]},\"checks\":[{\"args\":[],"
        "\"name\":\"a\",\"output_limit\":1048576,\"report\":null,\"results\":\"exit\","
        "\"run\":\"checks/ok\",\"stages\":[\"patched\",\"restarted\",\"rebooted\","
        "\"rolled-back\"],\"timeout_ms\":60000,\"title\":\"a\",\"user\":null}],"
        "\"description\":null,\"manual\":[],\"name\":\"shop\",\"owner\":null,\"params\":[],"
        "\"ready\":{\"argv\":[\"/bin/true\"],\"timeout_ms\":60000},\"size\":133}";
    AUTO_TESTCASE t = { 0 };
    AUTO_ERR e = NULL;

    put_testcase(*state, HEAD "applies-to: {categories: [mail]}\nready: {command: [/bin/true]}\n");
    expect_ok(testcase_read(*state, &t, &e), &e);
    AUTO_JSON *j = testcase_json(&t);
    assert_string_equal(json_str_at(j, "digest"), t.bundle.digest);
    assert_string_equal(json_str_at(j, "dir"), *state);
    json_object_del(j, "digest");
    json_object_del(j, "dir");
    AUTO_FREE char *text = json_canonical(j);
    assert_string_equal(text, expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(every_key_is_read),
        scratch_test(defaults_are_those_of_the_docs),
        scratch_test(every_slip_is_named),
        scratch_test(numbers_have_a_limit),
        scratch_test(what_the_files_hold_is_looked_at),
        scratch_test(a_directory_without_is_no_testcase),
        scratch_test(the_samples_are_testcases),
        scratch_test(what_is_kept_is_loaded_again),
        scratch_test(what_changes_meanwhile_is_not_kept),
        scratch_test(a_stored_bundle_may_be_no_testcase),
        scratch_test(applies_by_image_or_category),
        scratch_test(a_directory_of_testcases_is_sorted),
        scratch_test(names_are_unique_among_all),
        scratch_test(a_path_without_testcases_is_an_error),
        scratch_test(json_tells_all),
    };

    return cmocka_run_group_tests_name("testcase", tests, NULL, NULL);
}
