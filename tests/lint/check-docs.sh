#!/usr/bin/env bash
# What a reader of the documents would trip over: links that lead nowhere, lines that are too wide.
# usage: check-docs.sh FILE.md...      prints offenders, exits 1 if any
#
#   links   [text](path), [text](path#anchor), [text](#anchor): the path is there, seen from the
#           file, and a heading of what it names has the anchor, as GitHub makes it
#   lines   at most 120 columns; tables and code blocks may be wider
set -uo pipefail

bad=0

offend() { # offend FILE LINE WHAT
    printf '%s:%s: %s\n' "$1" "$2" "$3"
    bad=1
}

# "LINE COLUMNS" of the lines that are too wide, bytes that go on with a UTF-8 character not counted.
wide_lines() {
    LC_ALL=C awk '
        /^ *(```|~~~)/ { fenced = !fenced; next }
        fenced || /^ *\|/ { next }
        { line = $0; gsub(/[\200-\277]/, "", line) }
        length(line) > 120 { print FNR, length(line) }' "$1"
}

# "LINE TARGET" of each link outside of code.
links() {
    LC_ALL=C awk '
        /^ *(```|~~~)/ { fenced = !fenced; next }
        fenced { next }
        { gsub(/`[^`]*`/, "") }
        {
            for (line = $0; match(line, /\]\([^)]*\)/); line = substr(line, RSTART + RLENGTH))
                print FNR, substr(line, RSTART + 2, RLENGTH - 3)
        }' "$1"
}

# The anchors of the headings: lower case, blanks as hyphens, without punctuation, -1 when it is taken.
anchors() {
    LC_ALL=C awk '
        /^ *(```|~~~)/ { fenced = !fenced; next }
        fenced || !/^#+ / { next }
        {
            sub(/^#+ +/, ""); sub(/ +#*$/, ""); gsub(/\]\([^)]*\)/, "")
            line = tolower($0)
            gsub(/[^a-z0-9 _\200-\377-]/, "", line); gsub(/ /, "-", line)
            print line (taken[line] ? "-" taken[line] : "")
            taken[line]++
        }' "$1"
}

check_link() { # check_link FILE LINE TARGET
    local path=${3%%#*} anchor=''

    [[ $3 == *'#'* ]] && anchor=${3#*#}
    case $path in
        http:* | https:* | mailto:*) return ;;
        '') path=$1 ;;
        /*) offend "$1" "$2" "link '$3' is not relative" && return ;;
        *) path=$(dirname "$1")/$path ;;
    esac
    if [ ! -e "$path" ]; then
        offend "$1" "$2" "link '$3' leads nowhere"
    elif [ -n "$anchor" ] && ! grep -qxF -e "$anchor" <<<"$(anchors "$path")"; then
        offend "$1" "$2" "link '$3': no heading is called so"
    fi
}

for file in "$@"; do
    while read -r line columns; do
        offend "$file" "$line" "line of $columns columns"
    done < <(wide_lines "$file")
    while read -r line target; do
        check_link "$file" "$line" "$target"
    done < <(links "$file")
done
exit $bad
