/* rpm_script_parts - shell that several scripts of rpm_script.h share. */
#ifndef VALIDATOR_ADAPTERS_RPM_SCRIPT_PARTS_H
#define VALIDATOR_ADAPTERS_RPM_SCRIPT_PARTS_H

#include "adapters/rpm_script.h"

/* Where the database lies may depend on HOME, which an agent does not always set. */
#define RPM_PART_BEGIN \
    "set -u\n" \
    "export LC_ALL=C HOME=\"${HOME:-/root}\"\n" \
    "T='\t' nl='\n'\n" \
    "say() { echo \"patchlab: $*\"; }\n" \
    "evr='%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}'\n"

/* All that is installed, but for keys, which rpm keeps as packages, too. */
#define RPM_PART_SNAPSHOT \
    "snapshot() {\n" \
    "    rpm -qa --qf \"%{NAME}$T%{ARCH}$T$evr\\n\" >\"$tmp/all\" || return 1\n" \
    "    grep -v \"^gpg-pubkey$T\" \"$tmp/all\" | sort\n" \
    "}\n"

/* Sets name, arch and version of a file. */
#define RPM_PART_DESCRIBE \
    "describe() {\n" \
    "    line=$(rpm -qp --nosignature --qf \"%{NAME}$T%{ARCH}$T$evr\" \"$1\" 2>/dev/null) &&\n" \
    "        name=${line%%$T*} version=${line##*$T} line=${line#*$T} && arch=${line%%$T*}\n" \
    "}\n"

/* `on LIST OPTION...` runs rpm on the files of that list, and `do_on` in earnest: then what it says
 * is kept, because nothing else tells which configuration files it has set aside. */
#define RPM_PART_ON \
    "on() {\n" \
    "    list=$1 && shift\n" \
    "    IFS=$nl && set -f\n" \
    "    rpm \"$@\" $(cat \"$list\") && on_status=0 || on_status=$?\n" \
    "    unset IFS && set +f\n" \
    "    return $on_status\n" \
    "}\n" \
    "do_on() {\n" \
    "    { on \"$@\" 2>&1 && echo 0 >\"$tmp/status\" || echo $? >\"$tmp/status\"; } |\n" \
    "        tee \"$tmp/log\"\n" \
    "    sed -n \\\n" \
    "        -e \"s,^warning: \\(/.*\\) created as \\(/.*.rpmnew\\)$,kept$T\\1$T\\2,p\" \\\n" \
    "        -e \"s,^warning: \\(/.*\\) saved as \\(/.*.rpm[a-z]*\\)$,replaced$T\\1$T\\2,p\" \\\n" \
    "        \"$tmp/log\" >>\"$tmp/conffiles\"\n" \
    "    ! grep -q 'scriptlet failed' \"$tmp/log\" || {\n" \
    "        say 'a script of a package has failed'; return 1; }\n" \
    "    return \"$(cat \"$tmp/status\")\"\n" \
    "}\n"

#endif
