#!/usr/bin/env bash
# Runs shellcheck over every shell script of the tree: *.sh, and what begins with a shell's #! line.
# usage: check-shell.sh [FILE]...      (no argument: the whole tree)
set -euo pipefail

scripts() {
    local root
    root=$(cd "$(dirname "$0")/../.." && pwd)
    find "$root" \( -name .git -o -name build \) -prune -o -type f -print0 |
        while IFS= read -r -d '' file; do
            case $file in
                *.sh) printf '%s\0' "$file" ;;
                *)
                    if head -c 64 "$file" | head -n 1 | tr -d '\0' |
                        grep -qE '^#! ?/(usr/)?bin/(env )?(ba|da)?sh'; then
                        printf '%s\0' "$file"
                    fi
                    ;;
            esac
        done
}

if ! command -v shellcheck >/dev/null; then
    echo "check-shell: 'shellcheck' is missing: install shellcheck, or run 'make deps'" >&2
    exit 1
fi
if [ $# -gt 0 ]; then
    exec shellcheck --external-sources --source-path=SCRIPTDIR "$@"
fi
scripts | xargs -0 -r shellcheck --external-sources --source-path=SCRIPTDIR
