/* deb_script_parts - shell that several scripts of deb_script.h share. */
#ifndef VALIDATOR_ADAPTERS_DEB_SCRIPT_PARTS_H
#define VALIDATOR_ADAPTERS_DEB_SCRIPT_PARTS_H

#include "adapters/deb_script.h"

#define DEB_PART_BEGIN \
    "set -u\n" \
    "export LC_ALL=C\n" \
    "notes=" DEB_NOTES " T='\t'\n" \
    "say() { echo \"patchlab: $*\"; }\n"

/* Sets name, version and arch of a file. */
#define DEB_PART_DESCRIBE \
    "describe() {\n" \
    "    line=$(dpkg-deb -W --showformat='${Package} ${Version} ${Architecture}\\n' \"$1\") &&\n" \
    "        name=${line%% *} arch=${line##* } version=${line#* } && version=${version% *}\n" \
    "}\n"

/* All that is installed, however badly; and the packages that are not in order. */
#define DEB_PART_SNAPSHOT \
    "snapshot() {\n" \
    "    dpkg-query -W -f '${db:Status-Abbrev}\\t${binary:Package}\\t${Package}" \
    "\\t${Architecture}\\t${Version}\\n' 2>/dev/null | grep -v '^.[nc]' | cut -f 2- | sort\n" \
    "}\n" \
    "broken() {\n" \
    "    dpkg-query -W -f '${db:Status-Abbrev}\\t${binary:Package}\\t${Version}\\n' \\\n" \
    "        2>/dev/null | grep -v \"^.[inc] $T\" | cut -f 2- | sort\n" \
    "}\n"

/* apt-get with the files as a source of their own beside an empty list of sources, so that it
 * orders them and resolves what they need among themselves, without a network.  dpkg's log is
 * ours first and where it belongs afterwards: it tells the questions that nobody was asked. */
#define DEB_PART_APT \
    "apt() {\n" \
    "    size=$(wc -c 2>/dev/null <\"$notes/dpkg.log\") || size=0\n" \
    "    apt-get -q -y --no-install-recommends \\\n" \
    "        -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts=/dev/null \\\n" \
    "        -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= \\\n" \
    "        -o APT::Sandbox::User=root -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0 \\\n" \
    "        -o Dpkg::Options::=--log=\"$notes/dpkg.log\" \"$@\"\n" \
    "    apt_status=$?\n" \
    "    tail -c +$((size + 1)) \"$notes/dpkg.log\" >>/var/log/dpkg.log 2>/dev/null\n" \
    "    return $apt_status\n" \
    "}\n"

/*
 * Prints a line for each configuration file that somebody would have been asked about:
 * conffile, package or '-', path, kept or replaced, where the other one is or '-', asker.
 * dpkg logs each question that it would have asked; ucf leaves nothing but the other version, whose
 * change time tells when it came.
 */
#define DEB_PART_QUESTIONS \
    "question() {\n" \
    "    [ -e \"$2$4\" ] && other=$2$4 || other=-\n" \
    "    echo \"conffile$T${1:--}$T$2$T$3$T$other$T$5\"\n" \
    "}\n" \
    "dpkg_questions() {\n" \
    "    grep -E '^[^ ]+ [^ ]+ (configure|conffile) ' \"$notes/dpkg.log\" 2>/dev/null |\n" \
    "        while read -r _ _ what rest; do\n" \
    "            case $what/$rest in\n" \
    "            configure/*) p=${rest%% *} ;;\n" \
    "            */*' keep')\n" \
    "                question \"$(listed \"$p\")\" \"${rest% *}\" kept .dpkg-dist dpkg ;;\n" \
    "            */*' install')\n" \
    "                question \"$(listed \"$p\")\" \"${rest% *}\" replaced .dpkg-old dpkg ;;\n" \
    "            esac\n" \
    "        done\n" \
    "}\n" \
    "listed() { dpkg-query -W -f '${binary:Package}' \"$1\" 2>/dev/null || echo \"$1\"; }\n" \
    "came() { [ -n \"$(find \"$1\" -maxdepth 0 -cnewer \"$notes/before\" 2>/dev/null)\" ]; }\n" \
    "ucf_questions() {\n" \
    "    [ -e /var/lib/ucf/hashfile ] || return\n" \
    "    while read -r _ path; do\n" \
    "        came \"$path.ucf-dist\" && did=kept suffix=.ucf-dist ||\n" \
    "            { came \"$path.ucf-old\" && did=replaced suffix=.ucf-old; } || continue\n" \
    "        p=$(awk -v p=\"$path\" '$2 == p { print $1; exit }' /var/lib/ucf/registry \\\n" \
    "            2>/dev/null)\n" \
    "        question \"$p\" \"$path\" \"$did\" \"$suffix\" ucf\n" \
    "    done </var/lib/ucf/hashfile\n" \
    "}\n" \
    "questions() {\n" \
    "    [ -e \"$notes/before\" ] || return\n" \
    "    { dpkg_questions; ucf_questions; } | sort -u\n" \
    "}\n"

#endif
