/* Every command that there is: a row for each group; and the options that all of them take. */
#include "front/commands.h"

const struct option global_options[] = {
    { "state", "DIR", "state directory (else $PATCHLAB_STATE, or the default)" },
    { "json", NULL, "print facts as JSON" },
    { "progress", "MODE", "auto, plain, json or none (on standard error)" },
    { "debug", "LIST", "traces: all, or lab,agent,proc,store,run,intake" },
    { "help", NULL, "what a command does and takes" },
    { "version", NULL, "print the version" },
    { 0 },
};

static int run_completion(struct cli *c, struct err **err)
{
    (void)err;
    return cli_complete(c);
}

static const struct cli_command completion_commands[] = {
    { "completion", "", 0, 0, "Print the bash completion script",
      "Use it as: source <(patchlab completion)", NULL, run_completion },
    { 0 },
};

/* clang-format off */
const struct cli_command *const command_groups[] = {
    doctor_commands,
    image_commands,
    shell_commands,
    server_commands,
    server_import_commands,
    server_facts_commands,
    patch_commands,
    patch_fetch_commands,
    patch_source_commands,
    testcase_commands,
    testcase_run_commands,
    validate_commands,
    work_commands,
    run_commands,
    changes_commands,
    evidence_commands,
    uat_commands,
    signoff_commands,
    queue_commands,
    feed_commands,
    scan_commands,
    completion_commands,
    NULL,
};
/* clang-format on */
