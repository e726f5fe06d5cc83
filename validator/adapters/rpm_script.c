/*
 * rpm_script - installing local packages as an update would; see rpm_script.h.
 *
 * Of what is not installed comes in only what the tests of rpm ask for.  Packages that are made to
 * stand beside their older versions (kernels: dnf knows them by the same marks) are installed,
 * after all others are upgraded; they may need those.
 */
#include "adapters/rpm_script.h"

#include <stddef.h>

#include "adapters/rpm_script_parts.h"

/* clang-format off */
const char *const rpm_apply_script[] = {
    RPM_PART_BEGIN,
    RPM_PART_SNAPSHOT,
    RPM_PART_DESCRIBE,
    RPM_PART_ON,

    "notes=$1 && shift\n"
    "tmp=$(mktemp -d) || exit 1\n"
    "trap 'rm -rf \"$tmp\"; rmdir \"$notes\" \"${notes%/*}\" 2>/dev/null' EXIT\n"
    "mkdir -p -m 700 \"$notes\" || exit 1\n"
    ": >\"$tmp/upgrade\" && : >\"$tmp/beside\" && : >\"$tmp/rest\" && : >\"$tmp/conffiles\"\n",

    /* The versions of $name that are installed for $arch. */
    "installed() {\n"
    "    rpm -q --qf \"%{ARCH}$T$evr\\n\" \"$name\" 2>/dev/null >\"$tmp/here\" || return 0\n"
    "    while IFS=$T read -r a v; do\n"
    "        case $a/$arch in \"$arch/$arch\" | noarch/* | */noarch) echo \"$v\" ;; esac\n"
    "    done <\"$tmp/here\"\n"
    "}\n"
    /* What rpm says of the file alone: newer, same, older, foreign or its own words. */
    "judge() {\n"
    "    said=$(rpm -U --test --nodeps --replacefiles --ignoresize \"$1\" 2>&1) &&\n"
    "        verdict=newer && return\n"
    "    case $said in\n"
    "    *'which is newer than'*) verdict=older ;;\n"
    "    *'is already installed'*) verdict=same ;;\n"
    "    *'for a different architecture'* | *'for a different operating'*) verdict=foreign ;;\n"
    "    *) verdict=unknown ;;\n"
    "    esac\n"
    "}\n"
    "stands_beside() {\n"
    "    rpm -qp --nosignature --provides \"$1\" 2>/dev/null |\n"
    "        grep -Eq '^(installonlypkg\\(|multiversion\\(|kernel(-PAE)?( |$))'\n"
    "}\n",

    "already=0\n"
    "for file do\n"
    "    describe \"$file\" || { say \"cannot read ${file##*/}\"; exit 1; }\n"
    "    here=$(installed | tr '\\n' ' ') && here=${here% }\n"
    "    judge \"$file\"\n"
    "    case $verdict/$here in\n"
    "    foreign/*) say \"skip $name (not for this machine: $arch)\" ;;\n"
    "    unknown/*)\n"
    "        say \"cannot apply ${file##*/}; rpm says:\" && printf '%s\\n' \"$said\"\n"
    "        exit 1 ;;\n"
    "    */) say \"skip $name.$arch (not installed)\"; echo \"$file\" >>\"$tmp/rest\" ;;\n"
    "    same/*)\n"
    "        say \"skip $name ($version is installed already)\"\n"
    "        already=$((already + 1)) ;;\n"
    "    older/*) say \"skip $name ($here is installed, which is newer)\" ;;\n"
    "    *)\n"
    "        if stands_beside \"$file\"; then\n"
    "            say \"install $name $version beside $here\"\n"
    "            echo \"$file\" >>\"$tmp/beside\"\n"
    "        else\n"
    "            say \"upgrade $name from $here to $version\"\n"
    "            echo \"$file\" >>\"$tmp/upgrade\"\n"
    "        fi ;;\n"
    "    esac\n"
    "done\n"
    "if [ ! -s \"$tmp/upgrade\" ] && [ ! -s \"$tmp/beside\" ]; then\n"
    "    [ $already -eq 0 ] || exit 0\n"
    "    say 'the patch has nothing for this machine'\n"
    "    exit 1\n"
    "fi\n",

    /* "foo >= 2", "libfoo.so.1()(64bit)", "/bin/foo", "(foo or bar)"; $1 lists what a file has. */
    "meets() {\n"
    "    case $need in\n"
    "    '('*) words=$(printf '%s' \"$need\" | tr -s '() ' '\\n') ;;\n"
    "    *) words=${need%% *} ;;\n"
    "    esac\n"
    "    printf '%s\\n' \"$words\" | grep -v '^$' | grep -qxF -f - \"$1\"\n"
    "}\n"
    "offers() {\n"
    "    { rpm -qp --nosignature --qf '[%{PROVIDENAME}\\n]' \"$1\"\n"
    "        rpm -qpl --nosignature \"$1\"; } >\"$tmp/offers\" 2>/dev/null\n"
    "}\n"
    "needs() {\n"
    "    { [ ! -s \"$tmp/upgrade\" ] || on \"$tmp/upgrade\" -U --test\n"
    "        cat \"$tmp/upgrade\" \"$tmp/beside\" >\"$tmp/both\"\n"
    "        [ ! -s \"$tmp/beside\" ] ||\n"
    "            on \"$tmp/both\" -i --test --replacefiles --ignoresize\n"
    "    } 2>&1 | sed -n \"s/^$T\\(.*\\) is needed by .*/\\1/p\" | sort -u >\"$tmp/needs\"\n"
    "}\n"
    "while needs && [ -s \"$tmp/needs\" ]; do\n"
    "    : >\"$tmp/left\" && added=\n"
    "    while read -r file; do\n"
    "        offers \"$file\" && by=\n"
    "        while read -r need; do\n"
    "            meets \"$tmp/offers\" && by=$need && break\n"
    "        done <\"$tmp/needs\"\n"
    "        if [ -n \"$by\" ]; then\n"
    "            describe \"$file\" && say \"take $name $version along (for $by)\"\n"
    "            echo \"$file\" >>\"$tmp/upgrade\" && added=yes\n"
    "        else\n"
    "            echo \"$file\" >>\"$tmp/left\"\n"
    "        fi\n"
    "    done <\"$tmp/rest\"\n"
    "    mv \"$tmp/left\" \"$tmp/rest\"\n"
    "    [ -n \"$added\" ] || break\n"
    "done\n",

    "if [ ! -s \"$tmp/upgrade\" ]; then\n"
    "    on \"$tmp/beside\" -i --test || exit 1\n"
    "else\n"
    "    on \"$tmp/upgrade\" -U --test || exit 1\n"
    "fi\n"
    "if [ ! -e \"$notes/before\" ]; then\n"
    "    snapshot >\"$tmp/before\" && cp \"$tmp/before\" \"$notes/before\" || exit 1\n"
    "fi\n"
    "status=0\n"
    "[ ! -s \"$tmp/upgrade\" ] || do_on \"$tmp/upgrade\" -U -v || status=$?\n"
    "[ $status -ne 0 ] || [ ! -s \"$tmp/beside\" ] || do_on \"$tmp/beside\" -i -v || status=$?\n",

    "cat \"$tmp/conffiles\" >>\"$notes/conffiles\"\n"
    "while IFS=$T read -r did path other; do\n"
    "    say \"$did: $path (the other one is $other)\"\n"
    "done <\"$tmp/conffiles\"\n"
    "cat \"$tmp/upgrade\" \"$tmp/beside\" >\"$tmp/wanted\"\n"
    "while read -r file; do\n"
    "    describe \"$file\" && installed | grep -qxF -e \"$version\" || {\n"
    "        say \"$name $version is not installed\" && status=1; }\n"
    "done <\"$tmp/wanted\"\n"
    "exit $status\n",
    NULL,
};

const char *const rpm_list_script[] = {
    RPM_PART_BEGIN,
    "exec rpm -qa --qf \"%{NAME}$T%{ARCH}$T$evr$T%{SOURCERPM}\\n\" 2>/dev/null\n",
    NULL,
};

/* A kernel counts that is newer than the one that runs, and of its flavour: /lib/modules has a
 * directory for each that is installed. */
const char *const rpm_state_script[] = {
    RPM_PART_BEGIN,
    "notes=$1\n"
    "[ ! -e \"$notes/conffiles\" ] || sort -u \"$notes/conffiles\" | sed \"s/^/conffile$T/\"\n"
    "running=$(uname -r)\n"
    "mark='kernel-uname-r = '\n"
    "if rpm -q --whatprovides \"$mark$running\" >/dev/null 2>&1; then\n"
    "    flavour=$(rpm -q --qf '%{NAME}\\n' --whatprovides \"$mark$running\" | head -n 1)\n"
    "    newest=$(rpm -q --provides $flavour | sed -n 's/^kernel-uname-r = //p' |\n"
    "        sort -V | tail -n 1)\n"
    "    [ \"$newest\" = \"$running\" ] ||\n"
    "        printf 'reboot\\tkernel\\t%s\\t%s\\n' \"$newest\" \"$running\"\n"
    "fi\n"
    "if command -v needs-restarting >/dev/null; then\n"
    "    needs-restarting -r >/dev/null 2>&1\n"
    "    [ $? -ne 1 ] || printf 'reboot\\tneeds-restarting\\n'\n"
    "fi\n"
    "echo end\n",
    NULL,
};
/* clang-format on */
