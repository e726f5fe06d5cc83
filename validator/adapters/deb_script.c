/*
 * deb_script - installing local packages as `apt upgrade` would; see deb_script.h.
 *
 * --only-upgrade lets apt-get take those that are not installed as dependencies only.
 */
#include "adapters/deb_script.h"

#include <stddef.h>

#include "adapters/deb_script_parts.h"

/* clang-format off */
const char *const deb_apply_script[] = {
    DEB_PART_BEGIN,
    DEB_PART_DESCRIBE,
    DEB_PART_SNAPSHOT,
    DEB_PART_APT,
    DEB_PART_QUESTIONS,

    "rule=$1 && shift\n"
    "case $rule in\n"
    "replace) force='-o Dpkg::Options::=--force-confnew' ;;\n"
    "*) force='-o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold' ;;\n"
    "esac\n",

    /* What is wanted of $name, and which version is installed for $arch; or nothing. */
    "installed() {\n"
    "    dpkg-query -W -f '${Architecture} ${db:Status-Want} ${db:Status-Status} '\\\n"
    "'${Version}\\n' \"$name\" 2>/dev/null | while read -r a want state v; do\n"
    "        case $state in not-installed | config-files) continue ;; esac\n"
    "        case $a/$arch in \"$arch/$arch\" | all/* | */all) echo \"$want $v\" && break ;; esac\n"
    "    done\n"
    "}\n",

    "tmp=$(mktemp -d) || exit 1\n"
    "trap 'rm -rf \"$tmp\"; rmdir \"$notes\" 2>/dev/null' EXIT\n"
    "mkdir -p -m 700 \"$notes\" && broken >\"$tmp/broken\" || exit 1\n",

    "foreign=$(dpkg --print-foreign-architectures | tr '\\n' ' ')\n"
    "known=\" all $(dpkg --print-architecture) $foreign\"\n"
    "upgrades=0 already=0 held=0 wanted=\n"
    "nl='\n'\n"
    "for file do\n"
    "    shift\n"
    "    describe \"$file\" || { say \"cannot read ${file##*/}\"; exit 1; }\n"
    "    here=$(installed) && want=${here%% *} && here=${here#* }\n"
    "    case $known in *\" $arch \"*) ;; *)\n"
    "        say \"skip $name (not for this machine: $arch)\" && continue ;; esac\n"
    "    if [ -z \"$here\" ]; then\n"
    "        say \"skip $name (not installed)\"\n"
    "    elif dpkg --compare-versions \"$here\" lt \"$version\" && [ \"$want\" = hold ]; then\n"
    "        say \"skip $name ($here is on hold, the patch has $version)\"\n"
    "        package=$(listed \"$name:$arch\")\n"
    "        printf 'skipped\\t%s\\t%s\\t%s\\n' \"$package\" \"$here\" \"$version\" \\\n"
    "            >>\"$notes/skipped\"\n"
    "        held=$((held + 1)) && continue\n"
    "    elif dpkg --compare-versions \"$here\" lt \"$version\"; then\n"
    "        say \"upgrade $name from $here to $version\"\n"
    "        upgrades=$((upgrades + 1))\n"
    "    elif dpkg --compare-versions \"$here\" eq \"$version\"; then\n"
    "        say \"skip $name ($here is installed already)\"\n"
    "        already=$((already + 1)) && continue\n"
    "    else\n"
    "        say \"skip $name ($here is installed, which is newer)\" && continue\n"
    "    fi\n"
    "    set -- \"$@\" \"$file\"\n"
    "    wanted=\"$wanted$name $version $arch$nl\"\n"
    "done\n"
    "if [ $((upgrades + already + held)) -eq 0 ]; then\n"
    "    say 'the patch has nothing for this machine'\n"
    "    exit 1\n"
    "fi\n",

    "if [ ! -e \"$notes/before\" ]; then\n"
    "    cp \"$tmp/broken\" \"$notes/broken\" && snapshot >\"$tmp/before\" &&\n"
    "        cp \"$tmp/before\" \"$notes/before\" || exit 1\n"
    "fi\n"
    /* ucf saves nothing when it is forced. */
    "n=0\n"
    "[ \"$rule\" = keep ] || md5sum -c --quiet /var/lib/ucf/hashfile 2>/dev/null |\n"
    "    sed -n 's/: FAILED$//p' | while read -r path; do\n"
    "    n=$((n + 1))\n"
    "    cp -pL \"$path\" \"$tmp/ucf.$n\" && echo \"ucf.$n$T$path\" >>\"$tmp/ucf\"\n"
    "done\n"

    "status=0 ended=0\n"
    /* shellcheck disable=SC2086  # options */
    "[ $upgrades -eq 0 ] || apt --only-upgrade --no-remove $force install \"$@\" || ended=$?\n",

    "[ ! -e \"$tmp/ucf\" ] || while IFS=$T read -r copy path; do\n"
    "    cmp -s \"$tmp/$copy\" \"$path\" || cp -p \"$tmp/$copy\" \"$path.ucf-old\"\n"
    "done <\"$tmp/ucf\"\n"
    "questions >\"$tmp/questions\"\n"
    "while IFS=$T read -r _ _ path did other _; do\n"
    "    say \"$did: $path\"\n"
    "done <\"$tmp/questions\"\n"
    "while read -r name version arch; do\n"
    "    [ -n \"$name\" ] || continue\n"
    "    here=$(installed) && here=${here#* }\n"
    "    [ -z \"$here\" ] || [ \"$here\" = \"$version\" ] || {\n"
    "        say \"$name is still $here\" && status=1; }\n"
    "done <<EOF\n$wanted\nEOF\n",

    "broken >\"$tmp/now\"\n"
    "if [ ! -s \"$tmp/now\" ]; then\n"
    "    audit=$(dpkg --audit) || status=1\n"
    "    [ -z \"$audit\" ] || { printf '%s\\n' \"$audit\" && status=1; }\n"
    "fi\n"
    "comm -13 \"$tmp/broken\" \"$tmp/now\" >\"$tmp/new\"\n"
    "while IFS=$T read -r name version; do\n"
    "    say \"$name $version is not in order\" && status=1\n"
    "done <\"$tmp/new\"\n"
    "comm -12 \"$tmp/broken\" \"$tmp/now\" >\"$tmp/old\"\n"
    "while IFS=$T read -r name version; do\n"
    "    say \"$name $version was not in order before\"\n"
    "done <\"$tmp/old\"\n"
    "if [ $ended -ne 0 ] && [ $status -eq 0 ] && [ -s \"$tmp/old\" ]; then\n"
    "    say \"apt-get ended with status $ended because of what was not in order before\"\n"
    "    ended=0\n"
    "fi\n"
    "[ $ended -eq 0 ] || exit $ended\n"
    "exit $status\n",
    NULL,
};
/* clang-format on */
