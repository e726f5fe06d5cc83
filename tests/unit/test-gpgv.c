/* gpgv: whose signature counts, by gpgv's status lines and with real keys. */
#include "adapters/gpgv.h"
#include "adapters/gpgv_status.h"
#include "base.h"
#include "base/proc.h"

#define OLD "AC530D520F2F3269F5E98313A48449044AAD5C5D"
#define NEW "05AB90340C0C5E797F44A8C8254CF3B5AEC0A8F0"
#define UNKNOWN \
    "[GNUPG:] NEWSIG\n[GNUPG:] ERRSIG 54404762BBB6E853 1 8 01 1795432958 9 X\n" \
    "[GNUPG:] NO_PUBKEY 54404762BBB6E853\n"
#define GOOD_BY(primary, digest) \
    "[GNUPG:] NEWSIG\n[GNUPG:] GOODSIG BDE6 Debian\n[GNUPG:] VALIDSIG B0CA 2026-11-23 17954329 0 " \
    "4 0 1 " digest " 01 " primary "\n"

static int judge(const char *text, const char *accepted, struct strv *ret, struct err **err)
{
    AUTO_STRV fingerprints = { 0 };

    if (accepted)
        strv_add(&fingerprints, accepted);
    return gpgv_status_judge(text, &fingerprints, ret, err);
}

static void expect_good(const char *text, const char *accepted, const char *signer)
{
    AUTO_STRV signers = { 0 };
    AUTO_ERR e = NULL;

    expect_ok(judge(text, accepted, &signers, &e), &e);
    assert_int_equal(signers.len, 1);
    assert_string_equal(signers.ptr[0], signer);
}

static void expect_denied(const char *text, const char *accepted, const char *part)
{
    AUTO_STRV signers = { 0 };
    AUTO_ERR e = NULL;

    expect_err(judge(text, accepted, &signers, &e), ERR_DENIED, part, &e);
    assert_int_equal(signers.len, 0);
}

static void one_accepted_signature_is_enough(void **state)
{
    (void)state;
    expect_good(GOOD_BY(NEW, "8"), NULL, NEW);
    expect_good(UNKNOWN GOOD_BY(NEW, "8") UNKNOWN, NULL, NEW);
    expect_good(GOOD_BY(OLD, "8") GOOD_BY(NEW, "10"), NEW, NEW);
}

static void nothing_else_is(void **state)
{
    (void)state;
    expect_denied("", NULL, "it has none");
    expect_denied(UNKNOWN, NULL, "54404762BBB6E853 (unknown key)");
    expect_denied(GOOD_BY(OLD, "8"), NEW, OLD " (not accepted)");
    expect_denied(GOOD_BY(NEW, "2"), NULL, "(weak digest)");
    expect_denied("[GNUPG:] NEWSIG\n[GNUPG:] VALIDSIG B 2 1 0 4 0 1 8 01 " NEW "\n", NULL,
                  "no signature by an accepted key");
    expect_denied(
        "[GNUPG:] NEWSIG\n[GNUPG:] EXPKEYSIG B X\n[GNUPG:] VALIDSIG B 2 1 0 4 0 1 8 01 " NEW "\n",
        NULL, "B (expired key)");
    expect_denied(
        "[GNUPG:] NEWSIG\n[GNUPG:] REVKEYSIG B X\n[GNUPG:] VALIDSIG B 2 1 0 4 0 1 8 01 " NEW "\n",
        NULL, "B (revoked key)");
    expect_denied("gpgv: [GNUPG:] NEWSIG\n GOODSIG\n", NULL, "it has none");
    expect_denied("[GNUPG:] NEWSIG\n[GNUPG:] GOODSIG B X\n[GNUPG:] VALIDSIG B\n", NULL, "no signa");
}

static void a_bad_signature_spoils_all(void **state)
{
    (void)state;
    expect_denied(GOOD_BY(NEW, "8") "[GNUPG:] NEWSIG\n[GNUPG:] BADSIG ABCD X\n", NULL,
                  "a signature is bad, the text was changed: ABCD (bad signature)");
}

static void only_one_clear_signed_text_is_taken(void **state)
{
    static const struct {
        const char *text;
        bool is;
    } texts[] = {
#define M "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n"
#define S "-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----\n"
        { M "a\n- -----x\n" S, true },
        { M S "\n", true },
        { "", false },
        { M, false },
        { S, false },
        { M "a\n" S M "b\n" S, false },
        { M "a\n" S S, false },
        { "a\n" M "a\n" S, false },
        { M "a\n" S "a\n", false },
        { M "a\n-----BEGIN PGP SIGNED MESSAGE-----\n" S, false },
        { M "a\n-----x\n" S, false },
        { "Origin: Debian\n", false },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        assert_int_equal(pgp_is_clear_signed(texts[i].text, strlen(texts[i].text)), texts[i].is);
}

static void fingerprints_are_read_as_people_write_them(void **state)
{
    static const char *const bad[] = { "", "05AB", NEW "0",
                                       "05AB90340C0C5E797F44A8C8254CF3B5AEC0A8FG" };
    AUTO_FREE char *a = fingerprint_normal("05AB 9034 0C0C 5E79 7F44  A8C8 254C F3B5 AEC0 A8F0");
    AUTO_FREE char *b = fingerprint_normal("0x05ab90340c0c5e797f44a8c8254cf3b5aec0a8f0");

    (void)state;
    assert_string_equal(a, NEW);
    assert_string_equal(b, NEW);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_null(fingerprint_normal(bad[i]));
}

/* --- with real keys --------------------------------------------------------------------------- */

/* Makes DIR/{keyring,InRelease,Release,Release.gpg}, and DIR/other, a keyring of another key. */
static bool make_signed(const char *dir)
{
    static const char script[] =
        "set -e; cd \"$0\"; export GNUPGHOME=\"$0/home\"; mkdir -m 700 home\n"
        "for who in ann bob; do gpg -q --batch --passphrase '' --quick-gen-key $who ed25519; done\n"
        "gpg -q --export ann >keyring; gpg -q --export bob >other\n"
        "gpg -q --armor --export ann >asc\n"
        "printf 'Suite: x\\n- y\\n' >Release\n"
        "gpg -q --batch -u ann --clearsign -o InRelease Release\n"
        "gpg -q --batch -u ann -b -o Release.gpg Release\n"
        "gpgconf --kill all\n";
    const char *argv[] = { "bash", "-c", script, dir, NULL };
    struct proc_spec spec = { .argv = argv, .err_max = 4096, .timeout_ms = 60000 };
    AUTO_FREE char *gpg = proc_find("gpg");
    AUTO_ERR e = NULL;

    if (!gpg)
        return false;
    expect_ok(proc_run_ok(&spec, NULL, &e), &e);
    return true;
}

static int verify(const char *dir, const char *keyring, const char *file, const char *signed_file,
                  char **ret_text, struct err **err)
{
    AUTO_FREE char *keys = path_join(dir, keyring), *path = path_join(dir, file);
    AUTO_FREE char *other = signed_file ? path_join(dir, signed_file) : NULL;
    AUTO_STRV none = { 0 }, signers = { 0 };
    const struct signature_check check = {
        .keyring = keys, .file = path, .signed_file = other, .fingerprints = &none, .max = 1000
    };
    size_t len = 0;
    int rc = gpgv_signature_ops.verify(&check, ret_text, &len, &signers, err);

    if (rc == 0) {
        assert_int_equal(len, strlen(*ret_text));
        assert_int_equal(signers.len, 1);
    }
    return rc;
}

static void change(const char *dir, const char *file, const char *from, const char *to)
{
    AUTO_FREE char *path = path_join(dir, file);
    AUTO_ERR e = NULL;
    AUTO_FREE char *text = file_read(path, 1 << 20, NULL, &e);
    char *at = text ? strstr(text, from) : NULL;

    assert_non_null(at);
    memcpy(at, to, strlen(to));
    expect_ok(file_write(path, text, strlen(text), 0644, &e), &e);
}

static void real_signatures_are_verified(void **state)
{
    AUTO_FREE char *clear = NULL, *detached = NULL, *none = NULL;
    AUTO_ERR e = NULL;

    if (!make_signed(*state))
        skip();
    expect_ok(verify(*state, "keyring", "InRelease", NULL, &clear, &e), &e);
    assert_string_equal(clear, "Suite: x\n- y\n");
    expect_ok(verify(*state, "keyring", "Release.gpg", "Release", &detached, &e), &e);
    assert_string_equal(detached, clear);
    expect_err(verify(*state, "other", "InRelease", NULL, &none, &e), ERR_DENIED, "unknown key",
               &e);
    expect_err(verify(*state, "asc", "InRelease", NULL, &none, &e), ERR_INVALID, "armoured", &e);
    expect_err(verify(*state, "gone", "InRelease", NULL, &none, &e), ERR_NOT_FOUND, "keyring", &e);
    expect_err(verify(*state, "keyring", "Release", NULL, &none, &e), ERR_INVALID, "clear-sig", &e);
    change(*state, "InRelease", "Suite: x", "Suite: z");
    expect_err(verify(*state, "keyring", "InRelease", NULL, &none, &e), ERR_DENIED, "is bad", &e);
    change(*state, "Release", "Suite: x", "Suite: z");
    expect_err(verify(*state, "keyring", "Release.gpg", "Release", &none, &e), ERR_DENIED, "is bad",
               &e);
    assert_null(none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_accepted_signature_is_enough),
        cmocka_unit_test(nothing_else_is),
        cmocka_unit_test(a_bad_signature_spoils_all),
        cmocka_unit_test(only_one_clear_signed_text_is_taken),
        cmocka_unit_test(fingerprints_are_read_as_people_write_them),
        scratch_test(real_signatures_are_verified),
    };

    return cmocka_run_group_tests_name("gpgv", tests, NULL, NULL);
}
