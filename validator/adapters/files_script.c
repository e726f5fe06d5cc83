/*
 * files_script - putting files in place, and what was there back; see files_script.h.
 *
 * What is to be replaced is saved first, all of it, and the list of it written last: a list that is
 * there is complete.  Then all new files are written beside their places, and only when that has
 * gone well, renamed; each place has the old file or the new one at any time.
 *
 * A patch that is applied once more keeps what was saved the first time.
 */
#include "adapters/files_script.h"

#include <stddef.h>

/* clang-format off */
const char *const files_script[] = {
    "set -u\n"
    "export LC_ALL=C\n"
    "T='\t'\n"
    "mode=$1 notes=$2 PATCHLAB_PATCH=$3 apply=$4 undo=$5 undone=$6 && shift 6\n"
    "export PATCHLAB_PATCH\n"
    "say() { echo \"patchlab: $*\"; }\n"
    "mark=.patchlab-new failed=\n",

    /* $1: a program of the patch, or nothing. */
    "program() {\n"
    "    [ -n \"$1\" ] || return 0\n"
    "    say \"run ${1#\"$PATCHLAB_PATCH\"/}\"\n"
    "    (cd \"$PATCHLAB_PATCH\" && exec \"$1\")\n"
    "    program_status=$?\n"
    "    [ $program_status -eq 0 ] || say \"it ended with status $program_status\"\n"
    "    return $program_status\n"
    "}\n",

    /* The list has "dir PATH", "none PATH" and "file NUMBER PATH"; a copy is on the way to its
     * place whole, too. */
    "restore() {\n"
    "    restored=0\n"
    "    while IFS=$T read -r what n path; do\n"
    "        rm -f \"$path$mark\"\n"
    "        case $what in\n"
    "        file) cp -a \"$notes/$n\" \"$path$mark\" && mv -fT \"$path$mark\" \"$path\" ;;\n"
    "        none) rm -f \"$path\" ;;\n"
    "        esac || { say \"cannot put $path back\"; restored=1; }\n"
    "    done <\"$notes/list\"\n"
    "    sed -n \"s/^dir${T}-${T}//p\" \"$notes/list\" | sort -ru | while read -r path; do\n"
    "        rmdir \"$path\" 2>/dev/null || [ ! -d \"$path\" ] || say \"$path is not empty\"\n"
    "    done\n"
    "    sync\n"
    "    [ $restored -ne 0 ] || forget\n"
    "    return $restored\n"
    "}\n"
    "forget() {\n"
    "    rm -rf \"$notes\"\n"
    "    rmdir \"${notes%/*}\" 2>/dev/null && rmdir \"${notes%/*/*}\" 2>/dev/null\n"
    "    return 0\n"
    "}\n"
    "take_back() {\n"
    "    say \"$1: everything is put back\"\n"
    "    restore || say 'not everything could be put back'\n"
    "    [ -z \"${2:-}\" ] || program \"$undone\"\n"
    "    exit \"${2:-1}\"\n"
    "}\n",

    "if [ \"$mode\" = undo ]; then\n"
    "    [ -e \"$notes/list\" ] || { say 'the patch was not applied here'; exit 1; }\n"
    "    status=0\n"
    "    program \"$undo\" || status=1\n"
    "    restore || status=1\n"
    "    program \"$undone\" || status=1\n"
    "    exit $status\n"
    "fi\n",

    /* Before anything is touched. */
    "check() {\n"
    "    [ -f \"$1\" ] || { say \"${1##*/} is not there\"; exit 1; }\n"
    "    if [ -L \"$2\" ]; then\n"
    "        say \"$2 is a symbolic link: name the file it means\" && exit 1\n"
    "    elif [ -e \"$2\" ] && [ ! -f \"$2\" ]; then\n"
    "        say \"$2 is no regular file\" && exit 1\n"
    "    fi\n"
    "    owner=${4:-0:0}\n"
    "    for kind in \"passwd ${owner%%:*}\" \"group ${owner##*:}\"; do\n"
    "        case ${kind#* } in *[!0-9]*) ;; *) continue ;; esac\n"
    "        getent $kind >/dev/null || {\n"
    "            say \"there is no ${kind%% *} entry '${kind#* }' for $2\"; exit 1; }\n"
    "    done\n"
    "}\n"
    /* Directories that are missing above $1, the uppermost first. */
    "missing() {\n"
    "    case ${1%/*} in '') return ;; esac\n"
    "    [ -d \"${1%/*}\" ] || { missing \"${1%/*}\" && echo \"dir$T-$T${1%/*}\"; }\n"
    "}\n"
    "save() {\n"
    "    missing \"$1\" >>\"$notes/all\"\n"
    "    if [ -e \"$1\" ]; then\n"
    "        cp -a \"$1\" \"$notes/$n\" && echo \"file$T$n$T$1\" >>\"$notes/all\"\n"
    "    else\n"
    "        echo \"none$T-$T$1\" >>\"$notes/all\"\n"
    "    fi\n"
    "}\n"
    "place() {\n"
    "    mkdir -p \"${2%/*}/\" && cp --remove-destination \"$1\" \"$2$mark\" || return 1\n"
    "    if [ -e \"$2\" ]; then\n"
    "        cp -a --attributes-only \"$2\" \"$2$mark.attributes\" &&\n"
    "            cat \"$2$mark\" >\"$2$mark.attributes\" &&\n"
    "            mv -fT \"$2$mark.attributes\" \"$2$mark\" || {\n"
    "            rm -f \"$2$mark.attributes\"; return 1; }\n"
    "    else\n"
    "        usual=0644 && [ ! -x \"$1\" ] || usual=0755\n"
    "        chown 0:0 \"$2$mark\" && chmod $usual \"$2$mark\" || return 1\n"
    "    fi\n"
    /* The owner first: a change of it drops setuid bits. */
    "    [ -z \"$4\" ] || chown \"$4\" \"$2$mark\" || return 1\n"
    "    [ -z \"$3\" ] || chmod \"$3\" \"$2$mark\"\n"
    "}\n",

    /* `each COMMAND FILES...`: with n counted. */
    "each() {\n"
    "    command=$1 n=0 && shift\n"
    "    while [ $# -gt 0 ]; do\n"
    "        n=$((n + 1))\n"
    "        $command \"$1\" \"$2\" \"$3\" \"$4\" || { failed=$2; return 1; }\n"
    "        shift 4\n"
    "    done\n"
    "}\n"
    "save_target() { save \"$2\"; }\n"
    "into_place() { mv -fT \"$2$mark\" \"$2\" && say \"put $2 in place\"; }\n"
    "remove_new() { rm -f \"$2$mark\"; }\n",

    "umask 022\n"
    "each check \"$@\" || exit 1\n"
    "if [ ! -e \"$notes/list\" ]; then\n"
    "    rm -rf \"$notes\" && mkdir -p \"$notes\" && chmod 700 \"$notes\" && : >\"$notes/all\" &&\n"
    "        each save_target \"$@\" && sync &&\n"
    "        mv \"$notes/all\" \"$notes/list\" || {\n"
    "        say 'cannot save what is there now' && forget\n"
    "        exit 1\n"
    "    }\n"
    "fi\n"
    "each place \"$@\" || { each remove_new \"$@\"; take_back \"cannot write $failed\"; }\n"
    "sync\n"
    "each into_place \"$@\" || { each remove_new \"$@\"; take_back \"cannot replace $failed\"; }\n"
    "sync\n"
    "program \"$apply\" || {\n"
    "    status=$program_status\n"
    "    program \"$undo\"\n"
    "    take_back 'the patch failed' $status\n"
    "}\n",
    NULL,
};
/* clang-format on */
