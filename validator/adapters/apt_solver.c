/* apt_solver - see adapters/apt_solver.h. */
#include "adapters/apt_solver.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/apt_output.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/proc.h"

enum { APT_MS = 300000, OUT_MAX = 4 << 20, ERR_TEXT_MAX = 64 << 10, TEXT_MAX = 64 << 10 };

/* Paths stand in apt's configuration, where quoting has rules of its own. */
static int check_dir(const char *dir, struct err **err)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                "._+~/-";

    if (dir[0] == '/' && dir[strspn(dir, plain)] == '\0')
        return 0;
    err_set(err, ERR_INVALID, "apt cannot work in '%s': the path has other than plain characters",
            dir);
    return err_hint(err, "set TMPDIR to another directory");
}

static int write_file(const char *dir, const char *name, const char *text, size_t len,
                      struct err **err)
{
    AUTO_FREE char *path = path_join(dir, name);

    return file_write(path, text, len, 0644, err);
}

/* apt wants a Release beside the Packages; its label is what the pin below refers to. */
static int write_index(const char *dir, size_t n, const struct solver_index *index,
                       struct str *sources, struct err **err)
{
    AUTO_FREE char *name = xasprintf("repo%zu", n);
    AUTO_FREE char *repo = path_join(dir, name);
    char hex[DIGEST_HEX_SIZE];

    digest_mem(index->text, index->len, hex);
    AUTO_FREE char *release = xasprintf("Origin: patchlab\nLabel: %s\nSuite: verified\n"
                                        "SHA256:\n %s %zu Packages\n",
                                        index->only_for_need ? "need" : "updates", hex, index->len);
    str_addf(sources, "deb [trusted=yes] file:%s ./\n", repo);
    if (dir_make(repo, 0755, err) < 0
        || write_file(repo, "Packages", index->text, index->len, err) < 0)
        return -1;
    return write_file(repo, "Release", release, strlen(release), err);
}

/* Read in place of everything in /etc/apt. */
static int write_config(const char *dir, const char *arch, struct err **err)
{
    static const char pins[] = "Package: *\nPin: release l=need\nPin-Priority: 50\n";
    AUTO_FREE char *text = xasprintf("Dir \"%s/\";\n"
                                     "Dir::Etc::parts \"/dev/null\";\n"
                                     "Dir::Etc::main \"/dev/null\";\n"
                                     "Dir::Etc::sourcelist \"%s/sources.list\";\n"
                                     "Dir::Etc::sourceparts \"/dev/null\";\n"
                                     "Dir::Etc::preferences \"%s/preferences\";\n"
                                     "Dir::Etc::preferencesparts \"/dev/null\";\n"
                                     "Dir::Etc::trusted \"/dev/null\";\n"
                                     "Dir::Etc::trustedparts \"/dev/null\";\n"
                                     "Dir::State \"%s/state\";\n"
                                     "Dir::State::status \"%s/status\";\n"
                                     "Dir::Cache \"%s/cache\";\n"
                                     "Dir::Log \"%s/log\";\n"
                                     "Dir::Bin::dpkg \"/bin/false\";\n"
                                     "APT::Architecture \"%s\";\n"
                                     "APT::Architectures { \"%s\"; };\n"
                                     "APT::Sandbox::User \"root\";\n"
                                     "APT::Install-Recommends \"false\";\n"
                                     "APT::Get::Show-User-Simulation-Note \"false\";\n"
                                     "Acquire::Languages \"none\";\n",
                                     dir, dir, dir, dir, dir, dir, dir, arch, arch);

    return write_file(dir, "preferences", pins, strlen(pins), err) < 0
               ? -1
               : write_file(dir, "apt.conf", text, strlen(text), err);
}

static int make_root(const char *dir, const struct solver_task *t, struct err **err)
{
    static const char *const dirs[] = { "state/lists/partial", "cache/archives/partial", "log" };
    AUTO_STR sources = STR_INIT(TEXT_MAX);

    for (size_t i = 0; i < ARRAY_LEN(dirs); i++) {
        AUTO_FREE char *path = path_join(dir, dirs[i]);
        if (dir_make(path, 0755, err) < 0)
            return -1;
    }
    for (size_t i = 0; i < t->index_count; i++) {
        if (write_index(dir, i, &t->indexes[i], &sources, err) < 0)
            return -1;
    }
    if (write_file(dir, "status", t->status, t->status_len, err) < 0
        || write_file(dir, "sources.list", sources.ptr, sources.len, err) < 0)
        return -1;
    return write_config(dir, t->arch, err);
}

static int run(const char *dir, const struct strv *argv, const struct stop *stop,
               struct proc_result *ret, struct err **err)
{
    AUTO_FREE char *config = xasprintf("APT_CONFIG=%s/apt.conf", dir);
    const char *env[] = { config, NULL };
    struct proc_spec spec = {
        .argv = (const char *const *)argv->ptr,
        .env = env,
        .cwd = dir,
        .out_max = OUT_MAX,
        .err_max = ERR_TEXT_MAX,
        .timeout_ms = APT_MS,
        .stop = stop,
    };

    if (proc_run(&spec, ret, err) == 0)
        return 0;
    if ((*err)->code == ERR_NOT_FOUND)
        err_hint(err, "the dependencies are computed by apt: install apt on this machine");
    return -1;
}

static int update(const char *dir, const struct stop *stop, struct err **err)
{
    static const char *const words[] = { "apt-get", "-q", "update" };
    AUTO_STRV argv = { 0 };
    AUTO_PROC_RESULT r = { 0 };

    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        strv_add(&argv, words[i]);
    if (run(dir, &argv, stop, &r, err) < 0)
        return -1;
    return r.exit_code == 0 ? 0 : apt_output_refusal(r.out.ptr, r.err.ptr, err);
}

static int simulate(const char *dir, const struct solver_task *t, struct solver_plan *ret,
                    struct err **err)
{
    AUTO_STRV argv = { 0 };
    AUTO_PROC_RESULT r = { 0 };

    strv_add(&argv, "apt-get");
    strv_add(&argv, "-q");
    strv_add(&argv, "--simulate");
    strv_add(&argv, t->names->len ? "install" : "upgrade");
    strv_add(&argv, t->names->len ? "--no-remove" : "--with-new-pkgs");
    strv_add(&argv, "--");
    for (size_t i = 0; i < t->names->len; i++)
        strv_add(&argv, t->names->ptr[i]);
    if (run(dir, &argv, t->stop, &r, err) < 0)
        return -1;
    if (r.exit_code != 0)
        return apt_output_refusal(r.out.ptr, r.err.ptr, err);
    if (r.out.truncated)
        return err_set(err, ERR_IO, "apt's answer is too long");
    return apt_output_plan(r.out.ptr, ret, err);
}

static int solve(const struct solver_task *t, struct solver_plan *ret, struct err **err)
{
    AUTO_TEMPDIR dir = dir_temp(NULL, "patchlab-apt", err);

    if (!dir || check_dir(dir, err) < 0 || make_root(dir, t, err) < 0
        || update(dir, t->stop, err) < 0)
        return -1;
    return simulate(dir, t, ret, err);
}

const struct solver_ops apt_solver_ops = { .solve = solve };
