/* cli: from argv to a command with options and arguments, and values taken out again. */
#include "base.h"
#include "front/cli.h"

enum { WORDS_MAX = 16 };

/* cli_parse() of the words, "patchlab" in front of them. */
static int parse_words(struct cli *c, const char *const *words, struct err **err)
{
    char *argv[WORDS_MAX + 2] = { (char *)"patchlab" };
    int argc = 1;

    *c = (struct cli){ 0 };
    for (; *words; words++) {
        assert_true(argc <= WORDS_MAX);
        argv[argc++] = (char *)*words;
    }
    return cli_parse(c, argc, argv, err);
}

static void accept_words(struct cli *c, const char *const *words)
{
    AUTO_ERR e = NULL;

    expect_ok(parse_words(c, words, &e), &e);
}
#define accept(c, ...) accept_words((c), (const char *[]){ __VA_ARGS__, NULL })

static void refuse_words(const char *part, const char *hint, const char *const *words)
{
    struct cli c;
    AUTO_ERR e = NULL;
    int rc = parse_words(&c, words, &e);

    if (hint && e) {
        assert_non_null(e->hint);
        if (!strstr(e->hint, hint))
            print_error("hint: %s\n", e->hint);
        assert_non_null(strstr(e->hint, hint));
    }
    expect_err(rc, ERR_INVALID, part, &e);
    cli_release(&c);
}
#define refuse(part, hint, ...) refuse_words((part), (hint), (const char *[]){ __VA_ARGS__, NULL })

/* --- commands ------------------------------------------------------------------------------- */

static void a_command_has_one_word_or_two(void **state)
{
    struct cli c;

    (void)state;
    accept(&c, "doctor");
    assert_string_equal(c.command->words, "doctor");
    assert_int_equal(c.arg_count, 0);
    cli_release(&c);
    accept(&c, "image", "build", "images/web");
    assert_string_equal(c.command->words, "image build");
    assert_int_equal(c.arg_count, 1);
    assert_string_equal(c.args[0], "images/web");
    cli_release(&c);
}

static void nothing_at_all_is_no_command(void **state)
{
    struct cli c = { 0 };
    char *argv[] = { (char *)"patchlab", NULL };
    AUTO_ERR e = NULL;

    (void)state;
    expect_ok(cli_parse(&c, 1, argv, &e), &e);
    assert_null(c.command);
    assert_null(c.noun);
    cli_release(&c);
}

static void a_noun_alone_wants_its_help(void **state)
{
    struct cli c;

    (void)state;
    accept(&c, "queue");
    assert_null(c.command);
    assert_string_equal(c.noun, "queue");
    cli_release(&c);
    accept(&c, "queue", "--help");
    assert_null(c.command);
    assert_string_equal(c.noun, "queue");
    cli_release(&c);
}

static void an_unknown_command_names_the_nearest(void **state)
{
    (void)state;
    refuse("no command 'image bild'", "did you mean 'patchlab image build'", "image", "bild", "x");
    refuse("no command 'validat'", "did you mean 'patchlab validate'", "validat");
    refuse("no command 'qeue list'", "did you mean 'patchlab queue list'", "qeue", "list");
    refuse("no command 'frobnicate'", "'patchlab --help' lists", "frobnicate");
    refuse("no command 'images'", NULL, "images");
    refuse("no command ''", NULL, "");
}

/* --- arguments ------------------------------------------------------------------------------ */

static void too_few_arguments_say_what_is_missing(void **state)
{
    (void)state;
    refuse("'image build' needs DIR", "usage: patchlab image build DIR", "image", "build");
    refuse("'validate' needs PATCH", NULL, "validate", "--image", "web");
    refuse("'patch add' needs PATH...", NULL, "patch", "add");
}

static void too_many_arguments_name_the_first(void **state)
{
    (void)state;
    refuse("does not know what to do with '18'", "usage: patchlab run show RUN", "run", "show",
           "17", "18", "19");
    refuse("does not know what to do with 'x'", NULL, "doctor", "x");
}

static void any_number_may_be_wanted(void **state)
{
    struct cli c;

    (void)state;
    accept(&c, "patch", "add", "a.deb", "b.deb", "c.deb");
    assert_int_equal(c.arg_count, 3);
    cli_release(&c);
}

static void help_asks_for_no_arguments(void **state)
{
    struct cli c;

    (void)state;
    accept(&c, "image", "build", "--help");
    assert_string_equal(c.command->words, "image build");
    assert_true(cli_flag(&c, "help"));
    cli_release(&c);
}

/* --- options -------------------------------------------------------------------------------- */

static void a_value_stands_behind_equals_or_next(void **state)
{
    struct cli c;

    (void)state;
    accept(&c, "validate", "p", "--image", "web", "--state=/srv/lab");
    assert_string_equal(cli_opt(&c, "image"), "web");
    assert_string_equal(cli_opt(&c, "state"), "/srv/lab");
    assert_null(cli_opt(&c, "debug"));
    assert_int_equal(c.arg_count, 1);
    cli_release(&c);
}

/* Also when it looks like an option, has another '=' or is empty. */
static void a_value_is_taken_as_it_is(void **state)
{
    struct cli c;

    (void)state;
    accept(&c, "signoff", "refuse", "3", "--remark", "--json", "--as=a=b", "--role=");
    assert_string_equal(cli_opt(&c, "remark"), "--json");
    assert_string_equal(cli_opt(&c, "as"), "a=b");
    assert_string_equal(cli_opt(&c, "role"), "");
    assert_false(cli_flag(&c, "json"));
    cli_release(&c);
}

static void a_flag_takes_no_value(void **state)
{
    struct cli c;

    (void)state;
    accept(&c, "image", "build", "--fresh", "dir");
    assert_true(cli_flag(&c, "fresh"));
    assert_false(cli_flag(&c, "json"));
    assert_string_equal(cli_opt(&c, "fresh"), "");
    assert_string_equal(c.args[0], "dir");
    cli_release(&c);
    refuse("option '--fresh' takes no value", NULL, "image", "build", "--fresh=yes", "dir");
}

static void a_value_that_is_missing_is_named(void **state)
{
    (void)state;
    refuse("option '--image' needs a value: NAME", NULL, "validate", "p", "--image");
    refuse("option '--state' needs a value: DIR", NULL, "--state");
}

static void of_two_the_last_one_counts(void **state)
{
    struct cli c;
    AUTO_STRV all = { 0 };

    (void)state;
    accept(&c, "validate", "p", "--testcases", "a", "--testcases=b", "--image", "i");
    assert_string_equal(cli_opt(&c, "testcases"), "b");
    cli_opts(&c, "testcases", &all);
    assert_int_equal(all.len, 2);
    assert_string_equal(all.ptr[0], "a");
    assert_string_equal(all.ptr[1], "b");
    cli_release(&c);
}

static void an_unknown_option_names_the_nearest(void **state)
{
    (void)state;
    refuse("'validate' has no option '--imgae'", "did you mean '--image'", "validate", "p",
           "--imgae=x");
    refuse("'doctor' has no option '--sate'", "did you mean '--state'", "doctor", "--sate", "x");
    refuse("'doctor' has no option '--frobnicate'", "'patchlab doctor --help' lists", "doctor",
           "--frobnicate");
    refuse("'doctor' has no option '--image'", NULL, "doctor", "--image", "x");
    refuse("'doctor' has no option '-f'", NULL, "doctor", "-f");
    refuse("'patchlab' has no option '--fix'", NULL, "--fix", "doctor");
    refuse("'doctor' has no option '--stat'", NULL, "doctor", "--stat=x"); /* no abbreviations */
}

static void behind_two_dashes_all_are_arguments(void **state)
{
    struct cli c;

    (void)state;
    accept(&c, "patch", "add", "--name", "n", "--", "--json", "-x", "--");
    assert_int_equal(c.arg_count, 3);
    assert_string_equal(c.args[0], "--json");
    assert_string_equal(c.args[1], "-x");
    assert_string_equal(c.args[2], "--");
    assert_false(cli_flag(&c, "json"));
    cli_release(&c);
}

static void one_dash_is_an_argument(void **state)
{
    struct cli c;

    (void)state;
    accept(&c, "patch", "add", "-");
    assert_string_equal(c.args[0], "-");
    cli_release(&c);
}

static void options_of_every_command_may_lead(void **state)
{
    struct cli c;

    (void)state;
    accept(&c, "--state", "/srv/lab", "--json", "run", "list", "--limit=3");
    assert_string_equal(c.command->words, "run list");
    assert_string_equal(cli_opt(&c, "state"), "/srv/lab");
    assert_true(cli_flag(&c, "json"));
    assert_string_equal(cli_opt(&c, "limit"), "3");
    cli_release(&c);
    accept(&c, "--version");
    assert_null(c.command);
    assert_true(cli_flag(&c, "version"));
    cli_release(&c);
}

/* --- values --------------------------------------------------------------------------------- */

static void numbers_have_defaults_and_limits(void **state)
{
    struct cli c;
    AUTO_ERR e = NULL;
    int64_t n = -1;

    (void)state;
    accept(&c, "run", "list");
    expect_ok(cli_opt_int(&c, "limit", 50, 0, 100, &n, &e), &e);
    assert_int_equal(n, 50);
    cli_release(&c);
    accept(&c, "run", "list", "--limit", "100");
    expect_ok(cli_opt_int(&c, "limit", 50, 0, 100, &n, &e), &e);
    assert_int_equal(n, 100);
    expect_err(cli_opt_int(&c, "limit", 50, 0, 99, &n, &e), ERR_INVALID, "option '--limit': ", &e);
    assert_int_equal(n, 100);
    cli_release(&c);
    accept(&c, "run", "list", "--limit=-1");
    expect_err(cli_opt_int(&c, "limit", 50, 0, 99, &n, &e), ERR_INVALID, "option '--limit': ", &e);
    cli_release(&c);
}

static void names_are_of_a_list(void **state)
{
    static const char *const roles[] = { "owner", "gatekeeper", NULL };
    struct cli c;
    AUTO_ERR e = NULL;
    int i = 7;

    (void)state;
    accept(&c, "signoff", "approve", "1");
    expect_ok(cli_opt_name(&c, "role", roles, &i, &e), &e);
    assert_int_equal(i, 7);
    cli_release(&c);
    accept(&c, "signoff", "approve", "1", "--role", "gatekeeper");
    expect_ok(cli_opt_name(&c, "role", roles, &i, &e), &e);
    assert_int_equal(i, 1);
    cli_release(&c);
    accept(&c, "signoff", "approve", "1", "--role", "Owner\033");
    expect_err(cli_opt_name(&c, "role", roles, &i, &e), ERR_INVALID,
               "option '--role': expected one of owner, gatekeeper, found 'Owner\\x1b'", &e);
    assert_int_equal(i, 1);
    cli_release(&c);
    expect_err(cli_name("the role", "", roles, &i, &e), ERR_INVALID,
               "the role: expected one of owner, gatekeeper, found ''", &e);
}

static void durations_have_units(void **state)
{
    struct cli c;
    AUTO_ERR e = NULL;
    int64_t ms = -1;

    (void)state;
    accept(&c, "queue", "lease", "--for", "2h");
    expect_ok(cli_opt_duration(&c, "for", 1, &ms, &e), &e);
    assert_int_equal(ms, 2 * 3600 * 1000);
    cli_release(&c);
    accept(&c, "queue", "lease");
    expect_ok(cli_opt_duration(&c, "for", 17, &ms, &e), &e);
    assert_int_equal(ms, 17);
    cli_release(&c);
    accept(&c, "queue", "lease", "--for", "soon");
    expect_err(cli_opt_duration(&c, "for", 17, &ms, &e), ERR_INVALID, "option '--for': 'soon'", &e);
    assert_int_equal(ms, 17);
    cli_release(&c);
}

static void an_option_may_be_needed(void **state)
{
    struct cli c;
    AUTO_ERR e = NULL;
    const char *value = NULL;

    (void)state;
    accept(&c, "validate", "p", "--image", "web");
    expect_ok(cli_opt_need(&c, "image", &value, &e), &e);
    assert_string_equal(value, "web");
    cli_release(&c);
    accept(&c, "validate", "p");
    expect_err(cli_opt_need(&c, "image", &value, &e), ERR_INVALID,
               "'validate' needs the option '--image'", &e);
    cli_release(&c);
    accept(&c, "validate", "p", "--image="); /* an empty shell variable is no image */
    expect_err(cli_opt_need(&c, "image", &value, &e), ERR_INVALID,
               "'validate' needs the option '--image'", &e);
    assert_string_equal(value, "web");
    cli_release(&c);
}

static void the_number_of_a_run_is_a_number(void **state)
{
    static const char *const wrong[] = { "0", "-1", "x", "1x", "", "9223372036854775808" };
    struct cli c;
    AUTO_ERR e = NULL;
    int64_t id = -1;

    (void)state;
    accept(&c, "run", "show", "9223372036854775807");
    expect_ok(cli_arg_id(&c, 0, "run", &id, &e), &e);
    assert_true(id == INT64_MAX);
    cli_release(&c);
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        accept(&c, "run", "show", "--", wrong[i]);
        expect_err(cli_arg_id(&c, 0, "run", &id, &e), ERR_INVALID, "the number of a run: ", &e);
        cli_release(&c);
    }
}

/* --- the table ------------------------------------------------------------------------------ */

static void each_row_can_be_typed(void **state)
{
    (void)state;
    for (size_t g = 0; command_groups[g]; g++) {
        for (const struct cli_command *k = command_groups[g]; k->words; k++) {
            AUTO_FREE char *words = xstrdup(k->words);
            char *rest = NULL;
            char *one = strtok_r(words, " ", &rest), *two = strtok_r(NULL, " ", &rest);
            char *three = strtok_r(NULL, " ", &rest);
            struct cli c;

            if (three)
                accept(&c, one, two, three, "--help");
            else if (two)
                accept(&c, one, two, "--help");
            else
                accept(&c, one, "--help");
            assert_ptr_equal(c.command, k); /* and no row in front of it hides it */
            cli_release(&c);
        }
    }
}

static void each_row_is_complete(void **state)
{
    (void)state;
    for (size_t g = 0; command_groups[g]; g++) {
        for (const struct cli_command *k = command_groups[g]; k->words; k++) {
            assert_non_null(k->run);
            assert_true(k->summary && *k->summary);
            assert_true(k->max_args == -1 || k->max_args >= k->min_args);
            assert_true(*k->args || k->max_args == 0);
            for (const struct option *o = k->options; o && o->name; o++) {
                assert_true(o->help && *o->help);
                for (const struct option *other = global_options; other->name; other++)
                    assert_string_not_equal(o->name, other->name);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_command_has_one_word_or_two),
        cmocka_unit_test(nothing_at_all_is_no_command),
        cmocka_unit_test(a_noun_alone_wants_its_help),
        cmocka_unit_test(an_unknown_command_names_the_nearest),
        cmocka_unit_test(too_few_arguments_say_what_is_missing),
        cmocka_unit_test(too_many_arguments_name_the_first),
        cmocka_unit_test(any_number_may_be_wanted),
        cmocka_unit_test(help_asks_for_no_arguments),
        cmocka_unit_test(a_value_stands_behind_equals_or_next),
        cmocka_unit_test(a_value_is_taken_as_it_is),
        cmocka_unit_test(a_flag_takes_no_value),
        cmocka_unit_test(a_value_that_is_missing_is_named),
        cmocka_unit_test(of_two_the_last_one_counts),
        cmocka_unit_test(an_unknown_option_names_the_nearest),
        cmocka_unit_test(behind_two_dashes_all_are_arguments),
        cmocka_unit_test(one_dash_is_an_argument),
        cmocka_unit_test(options_of_every_command_may_lead),
        cmocka_unit_test(numbers_have_defaults_and_limits),
        cmocka_unit_test(names_are_of_a_list),
        cmocka_unit_test(durations_have_units),
        cmocka_unit_test(an_option_may_be_needed),
        cmocka_unit_test(the_number_of_a_run_is_a_number),
        cmocka_unit_test(each_row_can_be_typed),
        cmocka_unit_test(each_row_is_complete),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
