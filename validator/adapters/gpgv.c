/* gpgv - see adapters/gpgv.h. */
#include "adapters/gpgv.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/gpgv_status.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/proc.h"

enum { GPGV_MS = 60000, STATUS_MAX = 256 << 10, ERR_TEXT_MAX = 4096, SIGNATURE_MAX = 256 << 10 };

#define ARMOUR "-----BEGIN PGP PUBLIC KEY"

/* gpgv would only say that it found no keys. */
static int check_keyring(const char *path, struct err **err)
{
    enum { KEYRING_MAX = 64 << 20 };
    size_t len;
    AUTO_FREE char *text = file_read(path, KEYRING_MAX, &len, err);

    if (!text)
        return err_wrap(err, "the keyring");
    if (!str_starts(text, ARMOUR))
        return 0;
    err_set(err, ERR_INVALID, "keyring '%s' is an ASCII-armoured key", path);
    return err_hint(err, "gpgv reads binary keyrings: gpg --dearmor < '%s' > KEYRING", path);
}

static int run_gpgv(const struct signature_check *c, const char *output, struct strv *ret_signers,
                    struct err **err)
{
    const char *detached[] = { "gpgv", "--keyring", c->keyring,     "--status-fd", "1",
                               "--",   c->file,     c->signed_file, NULL };
    const char *clear[] = { "gpgv",     "--keyring", c->keyring, "--status-fd", "1",
                            "--output", output,      "--",       c->file,       NULL };
    struct proc_spec spec = {
        .argv = c->signed_file ? detached : clear,
        .out_max = STATUS_MAX,
        .err_max = ERR_TEXT_MAX,
        .timeout_ms = GPGV_MS,
        .stop = c->stop,
    };
    AUTO_PROC_RESULT r = { 0 };

    if (proc_run(&spec, &r, err) < 0) {
        if ((*err)->code == ERR_NOT_FOUND)
            err_hint(err, "install gpgv");
        return -1;
    }
    if (r.out.truncated)
        return err_set(err, ERR_INVALID, "it has far too many signatures");
    /* 0: all good, 1: a bad one, 2: also when one of several keys is not known. */
    if (r.exit_code > 2)
        return err_set(err, ERR_IO, "gpgv ended with status %d", r.exit_code);
    return gpgv_status_judge(r.out.ptr, c->fingerprints, ret_signers, err);
}

static int verify_clear(const struct signature_check *c, char **ret_text, size_t *ret_len,
                        struct strv *ret_signers, struct err **err)
{
    AUTO_TEMPDIR dir = dir_temp(NULL, "patchlab-gpgv", err);
    AUTO_FREE char *output = dir ? path_join(dir, "text") : NULL;
    AUTO_STRV signers = { 0 };
    size_t len;

    if (!dir)
        return -1;
    AUTO_FREE char *raw = file_read(c->file, c->max + SIGNATURE_MAX, &len, err);
    if (!raw)
        return -1;
    if (!pgp_is_clear_signed(raw, len))
        return err_set(err, ERR_INVALID, "it is not one clear-signed text");
    if (run_gpgv(c, output, &signers, err) < 0)
        return -1;
    /* What gpgv wrote, not what we read: only that is signed. */
    *ret_text = file_read(output, c->max, ret_len, err);
    if (!*ret_text)
        return -1;
    *ret_signers = signers;
    signers = (struct strv){ 0 };
    return 0;
}

static int verify_detached(const struct signature_check *c, char **ret_text, size_t *ret_len,
                           struct strv *ret_signers, struct err **err)
{
    AUTO_STRV signers = { 0 };

    if (run_gpgv(c, NULL, &signers, err) < 0)
        return -1;
    *ret_text = file_read(c->signed_file, c->max, ret_len, err);
    if (!*ret_text)
        return -1;
    *ret_signers = signers;
    signers = (struct strv){ 0 };
    return 0;
}

static int verify(const struct signature_check *c, char **ret_text, size_t *ret_len,
                  struct strv *ret_signers, struct err **err)
{
    if (check_keyring(c->keyring, err) < 0)
        return -1;
    return c->signed_file ? verify_detached(c, ret_text, ret_len, ret_signers, err)
                          : verify_clear(c, ret_text, ret_len, ret_signers, err);
}

const struct signature_ops gpgv_signature_ops = { .verify = verify };
