/* commands - the groups of commands, one file each: cmd_doctor.c, cmd_image.c, ... */
#ifndef FRONT_COMMANDS_H
#define FRONT_COMMANDS_H

#include "front/cli.h"

extern const struct cli_command doctor_commands[];
extern const struct cli_command image_commands[];
extern const struct cli_command shell_commands[];
extern const struct cli_command server_commands[];
extern const struct cli_command server_import_commands[];
extern const struct cli_command server_facts_commands[];
extern const struct cli_command patch_commands[];
extern const struct cli_command patch_fetch_commands[];
extern const struct cli_command patch_source_commands[];
extern const struct cli_command testcase_commands[];
extern const struct cli_command testcase_run_commands[];
extern const struct cli_command validate_commands[];
extern const struct cli_command work_commands[];
extern const struct cli_command run_commands[];
extern const struct cli_command changes_commands[];
extern const struct cli_command evidence_commands[];
extern const struct cli_command uat_commands[];
extern const struct cli_command signoff_commands[];
extern const struct cli_command queue_commands[];
extern const struct cli_command feed_commands[];
extern const struct cli_command scan_commands[];

#endif
