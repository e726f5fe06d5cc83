/*
 * rpm_undo - what was installed before a patch, installed again; see rpm_script.h.
 *
 * What to bring back is not taken from the patch but from the snapshot before it.  Dependencies are
 * not asked on the way, because rpm cannot downgrade and remove in one step; the set as a whole is
 * the one that stood there before, and the end is compared with it.
 */
#include "adapters/rpm_script.h"

#include <stddef.h>

#include "adapters/rpm_script_parts.h"

/* clang-format off */
const char *const rpm_undo_script[] = {
    RPM_PART_BEGIN,
    RPM_PART_SNAPSHOT,
    RPM_PART_DESCRIBE,
    RPM_PART_ON,

    "mode=$1 notes=$2 && shift 2\n"
    "[ -e \"$notes/before\" ] || [ \"$mode\" != plan ] || exit 0\n"
    "[ -e \"$notes/before\" ] || { say 'no patch was applied here'; exit 1; }\n"
    "tmp=$(mktemp -d) || exit 1\n"
    "trap 'rm -rf \"$tmp\"' EXIT\n"
    ": >\"$tmp/files\" && : >\"$tmp/older\" && : >\"$tmp/missing\" && : >\"$tmp/conffiles\"\n"
    "snapshot >\"$tmp/now\" || exit 1\n"
    "comm -23 \"$notes/before\" \"$tmp/now\" >\"$tmp/back\"\n"
    "comm -13 \"$notes/before\" \"$tmp/now\" >\"$tmp/came\"\n"
    "cut -f 1 \"$tmp/back\" >\"$tmp/names\"\n",

    "for file do\n"
    "    describe \"$file\" || { say \"cannot read ${file##*/}\"; exit 1; }\n"
    "    echo \"$name$T$arch$T$version$T$file\" >>\"$tmp/files\"\n"
    "done\n"
    "while IFS=$T read -r name arch version; do\n"
    "    file=$(awk -F '\\t' -v n=\"$name\" -v a=\"$arch\" -v v=\"$version\" \\\n"
    "        '$1 == n && $2 == a && $3 == v { print $4; exit }' \"$tmp/files\")\n"
    "    if [ -n \"$file\" ]; then\n"
    "        echo \"$file\" >>\"$tmp/older\"\n"
    "    else\n"
    "        echo \"$name.$arch $version\" >>\"$tmp/missing\"\n"
    "    fi\n"
    "done <\"$tmp/back\"\n"
    "if [ \"$mode\" = plan ] || [ -s \"$tmp/missing\" ]; then\n"
    "    cat \"$tmp/missing\"\n"
    "    [ \"$mode\" = plan ] && exit 0\n"
    "    say 'these packages are needed and not there'\n"
    "    exit 1\n"
    "fi\n",

    "[ ! -s \"$tmp/older\" ] || on \"$tmp/older\" -U --oldpackage --nodeps --test || exit 1\n"
    "while IFS=$T read -r name arch version; do\n"
    "    say \"bring $name.$arch back to $version\"\n"
    "done <\"$tmp/back\"\n"
    "status=0\n"
    "[ ! -s \"$tmp/older\" ] || do_on \"$tmp/older\" -U --oldpackage --nodeps -v || status=$?\n"
    "set --\n"
    "while IFS=$T read -r name arch version; do\n"
    "    ! grep -qxF -e \"$name\" \"$tmp/names\" || continue\n"
    "    say \"remove $name.$arch $version, which the patch brought\"\n"
    "    set -- \"$@\" \"$name-${version#*:}.$arch\"\n"
    "done <\"$tmp/came\"\n"
    "[ $# -eq 0 ] || rpm -e -v \"$@\" || status=$?\n",

    /* First what has been set aside just now, then by the patch. */
    "cat \"$notes/conffiles\" >>\"$tmp/conffiles\" 2>/dev/null\n"
    "while IFS=$T read -r did path other; do\n"
    "    [ -e \"$other\" ] || continue\n"
    "    case $did in\n"
    "    kept) rm -f \"$other\" ;;\n"
    "    *) say \"bring $path back\" && mv -f \"$other\" \"$path\" || status=1 ;;\n"
    "    esac\n"
    "done <\"$tmp/conffiles\"\n"
    "snapshot >\"$tmp/now\" || status=1\n"
    "comm -3 \"$notes/before\" \"$tmp/now\" | tr -s '\\t' ' ' >\"$tmp/differs\"\n"
    "[ ! -s \"$tmp/differs\" ] || {\n"
    "    say 'not as before:' && cut -c 1-200 \"$tmp/differs\" && status=1; }\n"
    "if [ $status -eq 0 ]; then\n"
    "    rm -rf \"$notes\" && rmdir \"${notes%/*}\" 2>/dev/null\n"
    "fi\n"
    "exit $status\n",
    NULL,
};
/* clang-format on */
