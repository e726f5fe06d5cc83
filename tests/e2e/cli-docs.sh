#!/usr/bin/env bash
# The man page, the shell completion and the README say what the program's own table says, no more and no less.
set -euo pipefail
export LC_ALL=C.UTF-8
patchlab=${PATCHLAB:?}
root=$(cd "$(dirname "$0")/../.." && pwd)
page=$root/docs/man/patchlab.1.pod
export PATCHLAB_STATE=$TEST_TMP/state
failed=0

# same WHAT FILE FILE: the first has what the program says, the second what is written elsewhere.
same() {
    diff -u --label "program: $1" --label "elsewhere: $1" "$2" "$3" || failed=1
}
fail() {
    echo "$1"
    failed=1
}

# --- what the program says ---

# "  image build DIR                Build ..." -> "image build DIR", of the part with this title
left_column() {
    awk -v title="$1" '
        /^[^ ]/ { on = $0 == title }
        on && /^  [^ ]/ { sub(/^  /, ""); sub(/  .*/, ""); print }'
}
# The commands have no title: they stand in front of the options.
commands() { "$patchlab" --help | sed '/^options of/,$d; s/^[^ ].*/commands:/' | left_column commands:; }

# "image build DIR" -> "image build"
words_of() { echo "${1%% [[A-Z]*}"; }

# --- what the page says ---

# pod_options HEAD: the options below this heading, as "--name ARG"
pod_options() {
    awk -v head="$1" '
        /^=head/ { on = substr($0, index($0, " ") + 1) == head }
        on && /^=item B<--/ { sub(/^=item /, ""); gsub(/[BI]</, ""); gsub(/>/, ""); print }' "$page"
}

commands >"$TEST_TMP/commands"
awk '/^=head1/ { on = $2 == "COMMANDS" } on && /^=head2 / { sub(/^=head2 /, ""); print }' \
    "$page" >"$TEST_TMP/page-commands"
[ -s "$TEST_TMP/commands" ] || fail "the program lists no command"
same commands "$TEST_TMP/commands" "$TEST_TMP/page-commands"

while IFS= read -r line; do
    read -ra words <<<"$(words_of "$line")"
    "$patchlab" "${words[@]}" --help | left_column options: >"$TEST_TMP/options"
    pod_options "$line" >"$TEST_TMP/page-options"
    same "options of '$line'" "$TEST_TMP/options" "$TEST_TMP/page-options"
done <"$TEST_TMP/commands"

# README's table: | `run` | `list`, `show` |, and of a noun in a noun: | `patch` | `add`; `source add`, `list` |
awk -F'|' '/^\| noun \| verbs/ { on = 1; next } on && !/^\|/ { exit } on && !/---/ {
    gsub(/[` ]*/, "", $2); n = split($3, parts, ";")
    for (i = 1; i <= n; i++) { m = split(parts[i], verbs, ","); noun = $2
        for (k = 1; k <= m; k++) { gsub(/`/, "", verbs[k]); gsub(/^ +| +$/, "", verbs[k])
            if (split(verbs[k], two, " ") == 2) { noun = $2 " " two[1]; verbs[k] = two[2] }
            print verbs[k] == "" ? noun : noun " " verbs[k] } } }' "$root/README.md" | sort >"$TEST_TMP/readme"
while IFS= read -r line; do words_of "$line"; done <"$TEST_TMP/commands" | sed 's/ \[.*//' | sort >"$TEST_TMP/words"
same 'commands in the README' "$TEST_TMP/words" "$TEST_TMP/readme"

"$patchlab" --help | left_column 'options of every command:' >"$TEST_TMP/options"
pod_options 'GLOBAL OPTIONS' >"$TEST_TMP/page-options"
[ -s "$TEST_TMP/options" ] || fail "the program lists no option of every command"
same 'options of every command' "$TEST_TMP/options" "$TEST_TMP/page-options"

"$patchlab" --help | awk '/^exit status:/ { on = 1 } on' | grep -oE '(^|  )[0-9] [a-z]' |
    grep -oE '[0-9]' | sort >"$TEST_TMP/statuses"
sed -n '/^=head1 EXIT STATUS/,/^=head1 FILES/s/^=item B<\([0-9]\)>$/\1/p' "$page" |
    sort >"$TEST_TMP/page-statuses"
[ -s "$TEST_TMP/statuses" ] || fail "the program lists no exit status"
same 'exit statuses' "$TEST_TMP/statuses" "$TEST_TMP/page-statuses"

# --- completion ---

"$patchlab" completion >"$TEST_TMP/completion"
bash -n "$TEST_TMP/completion"
# shellcheck source=/dev/null
. "$TEST_TMP/completion"
complete -p patchlab >/dev/null || fail "the script completes no 'patchlab'"

# complete_line WORD...: what is offered for the last word, sorted
complete_line() {
    # shellcheck disable=SC2034  # the function's input
    COMP_WORDS=(patchlab "$@") COMP_CWORD=$#
    COMPREPLY=(stale)
    _patchlab
    printf '%s\n' "${COMPREPLY[@]}" | sort
}
# offers "EXPECTED..." WORD...
offers() {
    local want=$1 got
    shift
    got=$(complete_line "$@" | xargs)
    [ "$got" = "$want" ] || fail "completing 'patchlab $*' offers '$got', not '$want'"
}

while IFS= read -r line; do
    read -ra words <<<"$(words_of "$line")"
    offers "${words[0]}" "${words[0]}"
    [ ${#words[@]} -eq 1 ] || complete_line "${words[0]}" '' | grep -qx -- "${words[1]}" ||
        fail "completing 'patchlab ${words[0]} ' does not offer '${words[1]}'"
    { "$patchlab" "${words[@]}" --help | left_column options:
      "$patchlab" --help | left_column 'options of every command:'; } |
        sed 's/ .*//' | sort >"$TEST_TMP/options"
    complete_line "${words[@]}" -- >"$TEST_TMP/offered"
    same "completing 'patchlab ${words[*]} --'" "$TEST_TMP/options" "$TEST_TMP/offered"
done <"$TEST_TMP/commands"

cut -d' ' -f1 "$TEST_TMP/commands" | sort -u >"$TEST_TMP/nouns"
complete_line '' >"$TEST_TMP/offered"
same "completing 'patchlab '" "$TEST_TMP/nouns" "$TEST_TMP/offered"

offers 'build' image b
offers '--fresh' image build --f
offers 'lease list' --json --state /x queue l
offers '--limit' run list --json --li
offers '' no-such-command x
mkdir "$TEST_TMP/files"
touch "$TEST_TMP/files/one.deb" "$TEST_TMP/files/two words.deb"
offers "$TEST_TMP/files/one.deb" patch add "$TEST_TMP/files/o"
offers "$TEST_TMP/files" --state "$TEST_TMP/fi"
offers "$TEST_TMP/files" validate p --testcases = "$TEST_TMP/fi"
offers '' validate p --image ''
[ "$(complete_line patch add "$TEST_TMP/files/" | wc -l)" -eq 2 ] || fail "a file name with a blank is torn"

[ ! -e "$PATCHLAB_STATE" ] || fail "asking for help made a state directory"
exit $failed
