/*
 * deb_undo - what was installed before a patch, installed again; see deb_script.h.
 *
 * What to bring back is not taken from the patch but from the snapshot before it, so that all that
 * came with it is seen, and what is needed and not at hand is known before anything is touched.
 */
#include "adapters/deb_script.h"

#include <stddef.h>

#include "adapters/deb_script_parts.h"

/* clang-format off */
const char *const deb_undo_script[] = {
    DEB_PART_BEGIN,
    DEB_PART_DESCRIBE,
    DEB_PART_SNAPSHOT,
    DEB_PART_APT,
    DEB_PART_QUESTIONS,

    "mode=$1 && shift\n"
    "[ -e \"$notes/before\" ] || [ \"$mode\" != plan ] || exit 0\n"
    "[ -e \"$notes/before\" ] || { say 'no patch was applied here'; exit 1; }\n"
    "tmp=$(mktemp -d) || exit 1\n"
    "trap 'rm -rf \"$tmp\"' EXIT\n"
    "snapshot >\"$tmp/now\" || exit 1\n"
    "comm -23 \"$notes/before\" \"$tmp/now\" >\"$tmp/back\"\n"
    "cut -f 1 \"$notes/before\" >\"$tmp/names\"\n"
    "cut -f 1 \"$tmp/now\" | comm -13 \"$tmp/names\" - >\"$tmp/added\"\n",

    "for file do\n"
    "    describe \"$file\" || { say \"cannot read ${file##*/}\"; exit 1; }\n"
    "    echo \"$name$T$arch$T$version$T$file\" >>\"$tmp/files\"\n"
    "done\n"
    "set --\n"
    "while IFS=$T read -r _ name arch version; do\n"
    "    file=$(awk -F '\\t' -v n=\"$name\" -v a=\"$arch\" -v v=\"$version\" \\\n"
    "        '$1 == n && $2 == a && $3 == v { print $4; exit }' \"$tmp/files\" 2>/dev/null)\n"
    "    if [ -n \"$file\" ]; then\n"
    "        set -- \"$@\" \"$file\"\n"
    "    else\n"
    "        echo \"$name $version\" >>\"$tmp/missing\"\n"
    "    fi\n"
    "done <\"$tmp/back\"\n"
    "if [ \"$mode\" = plan ] || [ -e \"$tmp/missing\" ]; then\n"
    "    cat \"$tmp/missing\" 2>/dev/null\n"
    "    [ \"$mode\" = plan ] && exit 0\n"
    "    say 'these packages are needed and not there'\n"
    "    exit 1\n"
    "fi\n",

    "while read -r name; do\n"
    "    say \"remove $name, which the patch brought\"\n"
    "    set -- \"$@\" \"$name-\"\n"
    "done <\"$tmp/added\"\n"
    "while IFS=$T read -r name _ _ version; do\n"
    "    say \"bring $name back to $version\"\n"
    "done <\"$tmp/back\"\n",

    /* The owner's files that the patch replaced, before dpkg may touch them. */
    "questions >\"$tmp/questions\"\n"
    "n=0\n"
    "while IFS=$T read -r _ _ path did other _; do\n"
    "    n=$((n + 1))\n"
    "    [ $did-$other = replaced-- ] || [ $did = kept ] || cp -a \"$other\" \"$tmp/file.$n\"\n"
    "done <\"$tmp/questions\"\n",

    "status=0\n"
    "[ $# -eq 0 ] || apt --allow-downgrades --purge -o Dpkg::Options::=--force-confdef \\\n"
    "    -o Dpkg::Options::=--force-confold install \"$@\" || status=$?\n",

    "n=0\n"
    "while IFS=$T read -r _ _ path did other _; do\n"
    "    n=$((n + 1))\n"
    "    rm -f \"$path.dpkg-dist\" \"$path.ucf-dist\"\n"
    "    [ -e \"$tmp/file.$n\" ] || continue\n"
    "    say \"bring $path back\"\n"
    "    mv -f \"$tmp/file.$n\" \"$path\" && rm -f \"$other\" || status=1\n"
    "done <\"$tmp/questions\"\n",

    "snapshot | comm -3 \"$notes/before\" - | tr -d '\\t' >\"$tmp/differs\"\n"
    "[ ! -s \"$tmp/differs\" ] || {\n"
    "    say 'not as before:' && cut -c 1-200 \"$tmp/differs\" && status=1; }\n"
    "broken | comm -13 \"$notes/broken\" - >\"$tmp/new\"\n"
    "while IFS=$T read -r name version; do\n"
    "    say \"$name $version is not in order\" && status=1\n"
    "done <\"$tmp/new\"\n"
    "if [ ! -s \"$notes/broken\" ] && [ ! -s \"$tmp/new\" ]; then\n"
    "    audit=$(dpkg --audit) || status=1\n"
    "    [ -z \"$audit\" ] || { printf '%s\\n' \"$audit\" && status=1; }\n"
    "fi\n"
    "if [ $status -eq 0 ]; then\n"
    "    rm -f \"$notes/before\" \"$notes/broken\" \"$notes/skipped\" \"$notes/dpkg.log\"\n"
    "    rmdir \"$notes\" 2>/dev/null\n"
    "fi\n"
    "exit $status\n",
    NULL,
};
/* clang-format on */
