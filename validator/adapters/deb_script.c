/*
 * deb_script - installing local packages as `apt upgrade` would; see deb_script.h.
 *
 * apt-get takes the files as a source of their own beside an empty list of sources, so it orders
 * them and resolves what they need among themselves, without a network.  --only-upgrade lets it
 * take those that are not installed as dependencies only.
 */
#include "adapters/deb_script.h"

const char deb_apply_script[] =
    "set -u\n"
    "say() { echo \"patchlab: $*\"; }\n"

    /* Sets name, version and arch of a file. */
    "describe() {\n"
    "    line=$(dpkg-deb -W --showformat='${Package} ${Version} ${Architecture}\\n' \"$1\") &&\n"
    "        name=${line%% *} && arch=${line##* } && version=${line#* } && version=${version% *}\n"
    "}\n"

    /* The version of $name that is installed for $arch, or nothing. */
    "installed() {\n"
    "    dpkg-query -W -f '${Architecture} ${db:Status-Status} ${Version}\\n' \"$name\" \\\n"
    "        2>/dev/null | while read -r a state v; do\n"
    "        case $state in not-installed | config-files) continue ;; esac\n"
    "        case $a/$arch in \"$arch/$arch\" | all/* | */all) echo \"$v\" && break ;; esac\n"
    "    done\n"
    "}\n"

    "foreign=$(dpkg --print-foreign-architectures | tr '\\n' ' ')\n"
    "known=\" all $(dpkg --print-architecture) $foreign\"\n"
    "upgrades=0 already=0 wanted=\n"
    "nl='\n'\n"
    "for file do\n"
    "    shift\n"
    "    describe \"$file\" || { say \"cannot read ${file##*/}\"; exit 1; }\n"
    "    here=$(installed)\n"
    "    case $known in *\" $arch \"*) ;; *)\n"
    "        say \"skip $name (not for this machine: $arch)\" && continue ;; esac\n"
    "    if [ -z \"$here\" ]; then\n"
    "        say \"skip $name (not installed)\"\n"
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
    "if [ $upgrades -eq 0 ] && [ $already -eq 0 ]; then\n"
    "    say 'the patch has nothing for this machine'\n"
    "    exit 1\n"
    "fi\n"

    "before=$(mktemp) || exit 1\n"
    "trap 'rm -f \"$before\"' EXIT\n"
    "status=0\n"
    "[ $upgrades -eq 0 ] ||\n"
    "    apt-get -q -y --only-upgrade --no-install-recommends --no-remove \\\n"
    "        -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts=/dev/null \\\n"
    "        -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= \\\n"
    "        -o APT::Sandbox::User=root -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0 \\\n"
    "        -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold \\\n"
    "        install \"$@\" || status=$?\n"

    /* dpkg keeps the packaged time of such a file: its change time tells when it came. */
    "find /etc -cnewer \"$before\" \\( -name '*.dpkg-dist' -o -name '*.dpkg-new' \\\n"
    "    -o -name '*.ucf-dist' \\) | while read -r new; do\n"
    "    say \"kept ${new%.*} as it was; the package's own is $new\"\n"
    "done\n"

    "while read -r name version arch; do\n"
    "    [ -n \"$name\" ] || continue\n"
    "    here=$(installed)\n"
    "    [ -z \"$here\" ] || [ \"$here\" = \"$version\" ] || {\n"
    "        say \"$name is still $here\" && status=1; }\n"
    "done <<EOF\n$wanted\nEOF\n"
    "audit=$(dpkg --audit) || status=1\n"
    "if [ -n \"$audit\" ]; then\n"
    "    printf '%s\\n' \"$audit\"\n"
    "    say 'dpkg --audit finds packages that are not in order'\n"
    "    status=1\n"
    "fi\n"
    "exit $status\n";
