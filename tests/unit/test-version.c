/* The two orders of versions: published vectors, laws of an order, and dpkg itself. */
#include "unit/base.h"

#include "base/proc.h"
#include "core/version.h"

struct vector {
    const char *a, *b;
    int order;
};

static int sign(int n)
{
    return (n > 0) - (n < 0);
}

static void expect_order(version_order *compare, const struct vector *v)
{
    int there = sign(compare(v->a, v->b)), back = sign(compare(v->b, v->a));

    if (there != v->order || back != -v->order)
        fail_msg("'%s' and '%s': %d and %d, expected %d", v->a, v->b, there, back, v->order);
}

/* deb-version(7), and dpkg's own t-version.c. */
static const struct vector deb_vectors[] = {
    { "1.0~rc1", "1.0", -1 },
    { "2.0~", "2.0", -1 },
    { "1:0.9", "2.0", 1 },
    { "1.0-1", "1.0", 1 },
    { "1.0+deb12u1", "1.0", 1 },
    { "1.0a", "1.0", 1 },
    { "1.0+a", "1.0.a", -1 },
    { "1.0-1", "0:1.0-1", 0 },
    { "1.0", "1.0-0", 0 },
    { "0:0-0", "0:0-0", 0 },
    { "0:0-0", "0:0-00", 0 },
    { "1:2-3", "1:2-3", 0 },
    { "0:0-0", "1:0-0", -1 },
    { "1:0-0", "0:0-0", 1 },
    { "a-0", "b-0", -1 },
    { "0-a", "0-b", -1 },
    { "1.2~~", "1.2~~a", -1 },
    { "1.2~~a", "1.2~", -1 },
    { "1.2~", "1.2", -1 },
    { "1.2", "1.2a", -1 },
    { "9", "10", -1 },
    { "1.002", "1.2", 0 },
    { "1.2-3-4", "1.2-3-5", -1 },
    { "1-1-1", "1-1", 1 },
    { "99999999999999999999998", "99999999999999999999999", -1 },
    { "3.0.11-1~deb12u2", "3.0.15-1~deb12u1", -1 },
    { "3.0.17-1~deb12u2", "3.0.17-1~deb12u3", -1 },
    { "1.22.1-9+deb12u1", "1.22.1-9", 1 },
    { "", "", 0 },
    { "", "0", 0 },
    { "", "1", -1 },
    { "~", "", -1 },
};

/* rpm's tests/rpmvercmp.at, and its manual page. */
static const struct vector rpm_vectors[] = {
    { "1.0", "1.0", 0 },
    { "1.0", "2.0", -1 },
    { "2.0.1", "2.0.1a", -1 },
    { "2.0.1a", "2.0.1a", 0 },
    { "5.5p1", "5.5p2", -1 },
    { "5.5p10", "5.5p1", 1 },
    { "10xyz", "10.1xyz", -1 },
    { "xyz10", "xyz10.1", -1 },
    { "xyz.4", "8", -1 },
    { "xyz.4", "2", -1 },
    { "5.5p2", "5.6p1", -1 },
    { "5.6p1", "6.5p1", -1 },
    { "6.0.rc1", "6.0", 1 },
    { "10b2", "10a1", 1 },
    { "1.0aa", "1.0a", 1 },
    { "10.0001", "10.1", 0 },
    { "10.0001", "10.0039", -1 },
    { "4.999.9", "5.0", -1 },
    { "20101121", "20101122", -1 },
    { "2_0", "2_0", 0 },
    { "2.0", "2_0", 0 },
    { "a", "a+", 0 },
    { "+a", "_+", 1 },
    { "+", "_", 0 },
    { "1.0~rc1", "1.0", -1 },
    { "1.0~rc1", "1.0~rc2", -1 },
    { "1.0~rc1~git123", "1.0~rc1", -1 },
    { "1.0^", "1.0", 1 },
    { "1.0^git1", "1.0^git2", -1 },
    { "1.0^git1", "1.01", -1 },
    { "1.0^20160101", "1.0.1", -1 },
    { "1.0^20160101^git1", "1.0^20160102", -1 },
    { "1.0~rc1^git1", "1.0~rc1", 1 },
    { "1.0^git1~pre", "1.0^git1", -1 },
    { "2.0", "2.0^x", -1 },
    { "2.0^x", "2.0.1", -1 },
    { "1.0", "1+0", 0 },
    { "abc123", "abc.123", 0 },
    { "1b.fc17", "1.fc17", -1 },
    { "1g.fc17", "1.fc17", 1 },
    { "1:1.0", "2.0", 1 },
    { "0:1.0-1", "1.0-1", 0 },
    { "1.0-1.el9", "1.0-2.el9", -1 },
    { "1.0-10.el9", "1.0-9.el9", 1 },
    { "1.0", "1.0-3", 0 }, /* a dependency without a release */
    { "99999999999999999999998", "99999999999999999999999", -1 },
    { "", "1", -1 },
    { "", "", 0 },
};

static void vectors_hold(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(deb_vectors); i++)
        expect_order(version_deb_compare, &deb_vectors[i]);
    for (size_t i = 0; i < ARRAY_LEN(rpm_vectors); i++)
        expect_order(version_rpm_compare, &rpm_vectors[i]);
}

static void an_ecosystem_has_its_order(void **state)
{
    (void)state;
    assert_ptr_equal(version_order_of("Debian:12"), version_deb_compare);
    assert_ptr_equal(version_order_of("Ubuntu:22.04:LTS"), version_deb_compare);
    assert_ptr_equal(version_order_of("deb"), version_deb_compare);
    assert_ptr_equal(version_order_of("Rocky Linux:9"), version_rpm_compare);
    assert_ptr_equal(version_order_of("rpm"), version_rpm_compare);
    assert_null(version_order_of("PyPI"));
    assert_null(version_order_of("Debia"));
    assert_null(version_order_of("Debian2:1"));
    assert_null(version_order_of(""));
}

static unsigned seed = 20261125;

static unsigned pick(unsigned n)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 16) % n;
}

/* A valid version of few letters, so that two of them are often close to each other. */
static void make_version(char *ret)
{
    static const char alphabet[] = "0019az~+.";
    size_t len = 1 + pick(6);

    if (pick(4) == 0) {
        *ret++ = (char)('0' + pick(2));
        *ret++ = ':';
    }
    *ret++ = (char)('0' + pick(3));
    for (size_t i = 0; i < len; i++)
        *ret++ = alphabet[pick(sizeof(alphabet) - 1)];
    if (pick(2)) {
        *ret++ = '-';
        for (size_t i = 0; i < 1 + len / 2; i++)
            *ret++ = alphabet[pick(sizeof(alphabet) - 1)];
    }
    *ret = '\0';
}

/* What sorting relies on. */
static void both_are_orders(void **state)
{
    static version_order *const orders[] = { version_deb_compare, version_rpm_compare };

    (void)state;
    for (int i = 0; i < 50000; i++) {
        char a[32], b[32], c[32];
        version_order *compare = orders[i % 2];

        make_version(a);
        make_version(b);
        make_version(c);
        int ab = sign(compare(a, b)), bc = sign(compare(b, c));
        if (sign(compare(b, a)) != -ab || compare(a, a) != 0)
            fail_msg("not antisymmetric: '%s' '%s'", a, b);
        /* Without a release equals each: that is no order, and meant so. */
        bool strict = compare == version_deb_compare
                      || (strchr(a, '-') && strchr(b, '-') && strchr(c, '-'));
        if (strict && ab == bc && ab != 0 && sign(compare(a, c)) != ab)
            fail_msg("not transitive: '%s' '%s' '%s'", a, b, c);
    }
}

enum { PAIRS = 3000, PAIRS_TEXT = PAIRS * 64 };

/* Pairs, one a line, go to `argv`, which answers each with '<', '=' or '>' on a line of its own. */
static void says_the_same(const char *const *argv, version_order *order, bool releases)
{
    AUTO_STR pairs = STR_INIT(PAIRS_TEXT);
    struct proc_result r = { .out = STR_INIT(PAIRS_TEXT), .err = STR_INIT(4096) };
    AUTO_ERR e = NULL;

    for (int i = 0; i < PAIRS;) {
        char a[32], b[32];
        make_version(a);
        make_version(b);
        if (releases && (!strchr(a, '-') || !strchr(b, '-')))
            continue;
        str_addf(&pairs, "%s %s\n", a, b);
        i++;
    }
    struct proc_spec spec = {
        .argv = argv,
        .input = pairs.ptr,
        .input_len = pairs.len,
        .out_max = PAIRS_TEXT,
        .err_max = 4096,
        .timeout_ms = 300000,
    };
    expect_ok(proc_run(&spec, &r, &e), &e);
    assert_int_equal(r.out.len, 2 * PAIRS);
    const char *line = pairs.ptr;
    for (int i = 0; i < PAIRS; i++) {
        struct vector v;
        char a[32], b[32];
        int n = 0;

        assert_int_equal(sscanf(line, "%31s %31s %n", a, b, &n), 2);
        char said = r.out.ptr[2 * i];
        v = (struct vector){ a, b, said == '<' ? -1 : said == '=' ? 0 : 1 };
        expect_order(order, &v);
        line += n;
    }
    str_release(&r.out);
    str_release(&r.err);
}

static void dpkg_says_the_same(void **state)
{
    static const char *const argv[] = {
        "/bin/sh", "-c",
        "while read -r a b; do"
        "  if dpkg --compare-versions \"$a\" lt \"$b\"; then echo '<';"
        "  elif dpkg --compare-versions \"$a\" eq \"$b\"; then echo '='; else echo '>'; fi;"
        "done",
        NULL
    };

    (void)state;
    if (!file_exists("/usr/bin/dpkg"))
        skip();
    says_the_same(argv, version_deb_compare, /* releases= */ false);
}

/* rpm.vercmp() takes a version without a release for another one than each with one. */
static void rpm_says_the_same(void **state)
{
    static const char *const argv[] = {
        "rpm", "--eval",
        "%{lua: for line in io.lines() do local a, b = line:match('(%S+) (%S+)')"
        " local c = rpm.vercmp(a, b)"
        " io.write(c < 0 and '<' or c == 0 and '=' or '>', '\\n') end io.flush() os.exit(0)}",
        NULL
    };

    (void)state;
    if (!file_exists("/usr/bin/rpm"))
        skip();
    says_the_same(argv, version_rpm_compare, /* releases= */ true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_hold),      cmocka_unit_test(an_ecosystem_has_its_order),
        cmocka_unit_test(both_are_orders),   cmocka_unit_test(dpkg_says_the_same),
        cmocka_unit_test(rpm_says_the_same),
    };

    return cmocka_run_group_tests_name("version", tests, NULL, NULL);
}
