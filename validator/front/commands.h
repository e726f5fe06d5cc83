/* commands - the groups of commands, one file each: cmd_doctor.c, cmd_image.c, ... */
#ifndef FRONT_COMMANDS_H
#define FRONT_COMMANDS_H

#include "front/cli.h"

extern const struct cli_command doctor_commands[], image_commands[], patch_commands[],
    testcase_commands[], validate_commands[], run_commands[], evidence_commands[],
    signoff_commands[], queue_commands[], work_commands[];

#endif
