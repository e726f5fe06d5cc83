/*
 * gpgv_status - see gpgv_status.h.
 *
 * gpgv's exit status is of no use: it is 2 as soon as one of several signatures is by a key that
 * the keyring does not hold, which is normal.  So the lines are read.  Each signature begins with
 * NEWSIG.  VALIDSIG is said of signatures by expired and revoked keys, too; only GOODSIG before it
 * says that the key is all right.
 */
#include "adapters/gpgv_status.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

enum { WORDS_MAX = 16, LINE_MAX_BYTES = 1024, KEYS_SHOWN_MAX = 500 };

struct judge {
    const struct strv *fingerprints;
    struct strv signers; /* accepted */
    struct strv others;  /* what else was seen, for the message */
    bool good, bad;
};

static void judge_release(struct judge *j)
{
    strv_release(&j->signers);
    strv_release(&j->others);
}

/* MD5, SHA-1 and RIPEMD-160 by their numbers in OpenPGP (RFC 4880, 9.4). */
static bool is_weak(const char *digest)
{
    return str_eq(digest, "1") || str_eq(digest, "2") || str_eq(digest, "3");
}

/* FPR DATE TIMESTAMP EXPIRES VERSION RESERVED PUBKEY-ALGO HASH-ALGO CLASS PRIMARY-FPR */
static void take_valid(struct judge *j, char *const *word, size_t n)
{
    const char *primary = n > 9 ? word[9] : NULL;

    if (!primary || !j->good)
        return;
    if (is_weak(word[7]))
        strv_addf(&j->others, "%s (weak digest)", primary);
    else if (j->fingerprints->len && !strv_has(j->fingerprints, primary))
        strv_addf(&j->others, "%s (not accepted)", primary);
    else
        strv_add(&j->signers, primary);
}

static void take_status(struct judge *j, const char *status, char *const *word, size_t n)
{
    static const struct {
        const char *status, *what;
    } problems[] = {
        { "EXPSIG", "expired signature" }, { "EXPKEYSIG", "expired key" },
        { "REVKEYSIG", "revoked key" },    { "NO_PUBKEY", "unknown key" },
        { "BADSIG", "bad signature" },
    };

    if (str_eq(status, "NEWSIG") || str_eq(status, "GOODSIG"))
        j->good = str_eq(status, "GOODSIG");
    if (str_eq(status, "VALIDSIG"))
        take_valid(j, word, n);
    for (size_t i = 0; i < ARRAY_LEN(problems); i++) {
        if (!str_eq(status, problems[i].status))
            continue;
        j->good = false;
        strv_addf(&j->others, "%s (%s)", n ? word[0] : "?", problems[i].what);
    }
    j->bad |= str_eq(status, "BADSIG");
}

static void take_line(struct judge *j, const char *line, size_t len)
{
    AUTO_FREE char *copy = xstrndup(line, len < LINE_MAX_BYTES ? len : LINE_MAX_BYTES);
    char *words[WORDS_MAX], *state = NULL;
    size_t n = 0;

    for (char *w = strtok_r(copy, " ", &state); w && n < WORDS_MAX; w = strtok_r(NULL, " ", &state))
        words[n++] = w;
    if (n >= 2 && str_eq(words[0], "[GNUPG:]"))
        take_status(j, words[1], words + 2, n - 2);
}

static int conclude(struct judge *j, struct strv *ret_signers, struct err **err)
{
    AUTO_FREE char *list = strv_join(&j->others, ", ");
    const char *seen = list ? list : "";
    AUTO_FREE char *shown = str_printable(seen, strnlen(seen, KEYS_SHOWN_MAX), false);

    if (j->bad)
        return err_set(err, ERR_DENIED, "a signature is bad, the text was changed: %s", shown);
    if (j->signers.len == 0) {
        err_set(err, ERR_DENIED, "no signature by an accepted key: %s",
                *shown ? shown : "it has none");
        return err_hint(err, "check the keyring and the fingerprints of the source");
    }
    *ret_signers = j->signers;
    j->signers = (struct strv){ 0 };
    return 0;
}

int gpgv_status_judge(const char *text, const struct strv *fingerprints, struct strv *ret_signers,
                      struct err **err)
{
    __attribute__((cleanup(judge_release))) struct judge j = { .fingerprints = fingerprints };

    while (*text) {
        size_t len = strcspn(text, "\n");

        take_line(&j, text, len);
        text += len + (text[len] == '\n');
    }
    return conclude(&j, ret_signers, err);
}

/* --- clear-signed texts --------------------------------------------------------------------- */

static bool line_is(const char *line, size_t len, const char *want)
{
    return len == strlen(want) && memcmp(line, want, len) == 0;
}

bool pgp_is_clear_signed(const char *text, size_t len)
{
    /* Of the marks in their order, the next that must come. */
    static const char *const marks[] = {
        "-----BEGIN PGP SIGNED MESSAGE-----",
        "-----BEGIN PGP SIGNATURE-----",
        "-----END PGP SIGNATURE-----",
    };
    const char *end = text + len;
    size_t next = 0;

    while (text < end) {
        const char *nl = memchr(text, '\n', (size_t)(end - text));
        size_t n = (size_t)((nl ? nl : end) - text);

        if (next < ARRAY_LEN(marks) && line_is(text, n, marks[next]))
            next++;
        else if (n >= 5 && memcmp(text, "-----", 5) == 0)
            return false;
        else if ((next == 0 || next == ARRAY_LEN(marks)) && n > 0)
            return false;
        text = nl ? nl + 1 : end;
    }
    return next == ARRAY_LEN(marks);
}
