#!/usr/bin/env bash
# Proves that each lint accepts what is right and rejects what is wrong, and says where.
# usage: tests/lint/selftest.sh      prints what is not as it should be, exits 1 if anything
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1

cases=0 wrong=0

complain() {
    echo "selftest: $1"
    wrong=$((wrong + 1))
}

# put FILE: writes standard input there.
put() {
    mkdir -p "$(dirname "$1")"
    cat >"$1"
}

# accepts LINT FILE: no output, exit status 0.
accepts() {
    local output
    cases=$((cases + 1))
    output=$("$here/$1" "$2" 2>&1) || complain "$1 rejects good '$2': $output"
}

# rejects LINT FILE WORDS: exit status 1, and the message has the file and the words.
rejects() {
    local output
    cases=$((cases + 1))
    if output=$("$here/$1" "$2" 2>&1); then
        complain "$1 accepts bad '$2' ($3)"
    elif [[ $output != *"$2"*"$3"* ]]; then
        complain "$1 on '$2' does not say '$3': $output"
    fi
}

# --- layers ---

include() { # include FILE LINE: a file with that #include
    printf '/* a file */\n#include %s\n' "$2" | put "$1"
}

layer_ok() {
    include "$1" "$2"
    accepts check-layers.sh "$1"
}

layer_bad() {
    include "$1" "$2"
    rejects check-layers.sh "$1" "$3"
}

layer_ok validator/front/a.c '"adapters/libvirt_lab.h"'
layer_ok validator/front/a.c '"front/cmd.h"'
layer_ok validator/core/a.c '"ports/guest.h"'
layer_ok include/core/a.h '"base/str.h"'
layer_ok validator/base/a.c '<string.h>'
layer_ok validator/store/a.c '<sqlite3.h>'
layer_ok validator/adapters/lv_a.c '<libvirt/libvirt.h>'
layer_ok validator/adapters/lv_a.h '<libvirt/libvirt.h>'
layer_ok validator/adapters/archive_iso.c '<archive_entry.h>'
layer_ok validator/adapters/http.c '<curl/curl.h>'
layer_ok validator/base/sign.c '<openssl/evp.h>'
layer_ok validator/base/node.c '<yaml.h>'
layer_ok include/base/json.h '<jansson.h>'

layer_bad validator/base/a.c '"core/run.h"' 'base must not include core'
layer_bad include/base/a.h '"store/store.h"' 'base must not include store'
layer_bad validator/core/a.c '"adapters/qga.h"' 'core must not include adapters'
layer_bad include/core/a.h '"front/cmd.h"' 'core must not include front'
layer_bad validator/adapters/a.c '"core/run.h"' 'adapters must not include core'
layer_bad validator/adapters/a.c '"store/store.h"' 'adapters must not include store'
layer_bad validator/store/a.c '"core/run.h"' 'store must not include core'
layer_bad include/ports/a.h '"core/run.h"' 'ports must not include core'
layer_bad validator/base/a.c '"str.h"' 'by its layer'
layer_bad validator/core/a.c '<sqlite3.h>' 'sqlite3.h'
layer_bad validator/front/a.c '<libvirt/libvirt.h>' 'libvirt'
layer_bad validator/adapters/qga.c '<libvirt/libvirt.h>' 'libvirt'
layer_bad include/adapters/lab.h '<libvirt/libvirt.h>' 'libvirt'
layer_bad validator/core/a.c '<archive.h>' 'archive.h'
layer_bad validator/adapters/deb.c '<archive_entry.h>' 'archive_entry.h'
layer_bad validator/front/a.c '<curl/curl.h>' 'curl'
layer_bad validator/adapters/feed_a.c '<zlib.h>' 'zlib'
layer_bad validator/adapters/oval.c '<expat.h>' 'expat'
layer_bad validator/core/a.c '<openssl/evp.h>' 'openssl'
layer_bad validator/core/a.c '<yaml.h>' 'yaml.h'
layer_bad validator/core/a.c '<jansson.h>' 'jansson.h'
layer_bad validator/base/json.c '<jansson.h>' 'jansson.h'

# --- style ---

style_ok() {
    printf '%b' "$2" | put "$1"
    accepts check-style.sh "$1"
}

style_bad() {
    printf '%b' "$2" | put "$1"
    rejects check-style.sh "$1" "$3"
}

repeat() { # repeat COUNT TEXT
    local i
    for ((i = 0; i < $1; i++)); do printf '%s\n' "$2"; done
}

function_of() { printf 'int f(void)\n{\n%s\n}\n' "$(repeat "$1" '    x();')"; }

style_ok a.c "$(repeat 1 "/* $(printf '%.0sx' {1..94}) */")\n"
style_ok a.c "$(printf '%.0sä' {1..100})\n"
style_ok a.c 'int x; /* goto and strcpy(a, b) are only named */\n'
style_ok a.c 'const char *s = "goto strcpy(";\n'
style_ok a.c 'x = lab->system(lab); y = my_gets(f); z = gmtime_r(&a, &b); strtok_r(a, b, c);\n'
style_ok a.c "$(function_of 60)\n"
style_ok a.c "$(repeat 400 'int x;')\n"

style_bad a.c "$(printf '%.0sx' {1..101})\n" 'line of 101 columns'
style_bad a.c 'int x; \n' 'blank at the end'
style_bad a.c 'int f(void)\n{\n    goto out;\n}\n' ':3: goto'
style_bad a.c '/* a\n   b */ goto out;\n' ':2: goto'
style_bad a.c "$(function_of 61)\n" 'function of 61 lines'
style_bad a.c "$(repeat 601 'int x;')\n" 'file of 601 lines'
for name in strcpy strcat sprintf vsprintf gets strtok atoi atol system popen alloca gmtime \
    localtime; do
    style_bad a.c "    x = $name(y);\n" "banned function: "
done

# A file between the two limits passes, with a note.
cases=$((cases + 1))
repeat 401 'int x;' | put a.c
output=$("$here/check-style.sh" a.c) || complain "check-style.sh rejects a file of 401 lines"
[[ $output == *'note: 401 lines'* ]] || complain "check-style.sh does not note 401 lines: $output"

# --- shell ---

# shellcheck disable=SC2016  # the scripts below are data
{
    printf '#!/bin/sh\necho "$1"\n' | put good.sh
    printf '#!/bin/sh\nrm -rf $1/*\n' | put bad.sh
}
accepts check-shell.sh good.sh
rejects check-shell.sh bad.sh SC2086

# --- documents ---

docs_ok() {
    printf '%b' "$1" | put docs/a.md
    accepts check-docs.sh docs/a.md
}

docs_bad() {
    printf '%b' "$1" | put docs/a.md
    rejects check-docs.sh docs/a.md "$2"
}

wide=$(printf '%.0sx' {1..121})
# shellcheck disable=SC2016  # the documents below are data
{
    printf '# One\n\n## Two\n\n## Two\n\n## `kill -9`, and [a link](a.md)\n' | put docs/b.md

    docs_ok '# A b\n[text](b.md) [text](#a-b) [text](../docs) [text](https://example.org/x#y)\n'
    docs_ok '[text](b.md#one) [text](b.md#two) [text](b.md#two-1) [text](b.md#kill--9-and-a-link)\n'
    docs_ok '[text\nthat goes on](b.md)\n`[code](nowhere)`\n```\n[code](nowhere)\n```\n'
    docs_ok "| $wide |\\n\`\`\`\\n$wide\\n\`\`\`\\n"
    docs_ok "$(printf '%.0sä' {1..120})\\n"

    docs_bad 'text\n[text](c.md)\n' ":2: link 'c.md' leads nowhere"
    docs_bad '```\n```\n[text](../b.md)\n' ":3: link '../b.md' leads nowhere"
    docs_bad '| [text](c.md) | [text](b.md) |\n' "'c.md' leads nowhere"
    docs_bad '[text](b.md#three)\n' "'b.md#three': no heading"
    docs_bad '[text](b.md#two-2)\n' "'b.md#two-2': no heading"
    docs_bad '[text](b.md#Two)\n' "'b.md#Two': no heading"
    docs_bad '```\n# A\n```\n[text](#a)\n' "'#a': no heading"
    docs_bad '[text](/etc/passwd)\n' 'not relative'
    docs_bad "text\\n$wide\\n" ':2: line of 121 columns'
}

# --- format ---

cp "$here/../../.clang-format" .
format() { clang-format --dry-run -Werror "$1"; }
printf 'int f(void)\n{\n    return 0;\n}\n' | put good.c
printf 'int f(void) {\n  return 0;\n}\n' | put bad.c
cases=$((cases + 2))
format good.c 2>/dev/null || complain "clang-format rejects good.c"
format bad.c 2>/dev/null && complain "clang-format accepts bad.c"

# --- headers ---

# As the Makefile does it: a header that needs another one must include it.
header() { ${CC:-cc} -std=c17 -fsyntax-only -include "$1" -x c /dev/null; }
printf '#include <stddef.h>\nsize_t f(void);\n' | put good.h
printf 'size_t f(void);\n' | put bad.h
cases=$((cases + 2))
header ./good.h 2>/dev/null || complain "the header check rejects good.h"
header ./bad.h 2>/dev/null && complain "the header check accepts bad.h"

echo "lint selftest: $((cases - wrong)) of $cases as they should be"
[ $wrong -eq 0 ]
