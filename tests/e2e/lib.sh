# shellcheck shell=bash
# What the scripts of this folder share; each sources it first.
#
#   run ARG...            patchlab; leaves $status, and what it printed in $out and $err (files)
#   expect STATUS ARG...  the same, and this exit status is what the test is about
#   prints TEXT, says TEXT, silent
#                         the last one printed this on standard output, on standard error, nothing
#   fact FILTER           a value of the JSON that the last one printed (jq)
#   new_state             a state directory of its own, in $PATCHLAB_STATE
#   min_image             builds debian-12-min there; quick when the cache has it
#   build_deb TREE NAME VERSION
#                         packs TREE, which may have maintainer scripts: NAME_VERSION_all.deb beside it
#   trivial_testcase DIR  one check that passes everywhere
#   start ARG...          patchlab in the background: $pid; `ended SECONDS` waits and sets $status
#   at_end COMMAND...     done when the script ends, the last one first
set -uo pipefail

patchlab=${PATCHLAB:?}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck disable=SC2034  # for the scripts
samples=$root/tests/samples
out=${TEST_TMP:?}/out
err=$TEST_TMP/err
status=0 pid='' last=''
endings=()

at_end() { endings+=("$(printf '%q ' "$@")"); }

finish() {
    local i
    for ((i = ${#endings[@]} - 1; i >= 0; i--)); do
        eval "${endings[i]}"
    done
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 1' TERM

skip() {
    echo "$*"
    exit 77
}

# fail MESSAGE: behind what the last command printed, made harmless for the report.
fail() {
    {
        local file
        for file in "$out" "$err"; do
            [ -s "$file" ] || continue
            echo "--- ${file##*/}:"
            tail -n 20 "$file" | cut -c 1-300 | cat -v
        done
        echo "--- exit status $status of: patchlab $last"
        echo "FAILED: $*"
    } >&2
    # In $(...) this would be the end of that alone.
    [ "$BASH_SUBSHELL" -eq 0 ] || kill -TERM $$
    exit 1
}

same() { [ "$2" = "$3" ] || fail "$1: expected '$2', found '$3'"; }

# --- the program ---------------------------------------------------------------------------------

run() {
    last=$*
    status=0
    "$patchlab" "$@" >"$out" 2>"$err" </dev/null || status=$?
}

expect() {
    local want=$1
    shift
    run "$@"
    [ "$status" -eq "$want" ] || fail "expected exit status $want"
}

prints() { grep -qF -e "$1" "$out" || fail "expected on standard output: $1"; }
says() { grep -qF -e "$1" "$err" || fail "expected on standard error: $1"; }
silent() { [ ! -s "$out" ] || fail "expected nothing on standard output"; }

# An absent value prints "null".
fact() { jq -rc "$1" "$out" || fail "expected JSON with $1"; }

start() {
    last=$*
    "$patchlab" "$@" >"$out" 2>"$err" </dev/null &
    pid=$!
    at_end end_process "$pid"
}

# The number is another's once the shell has waited for it.
end_process() {
    if jobs -p | grep -qx "$1"; then
        kill -KILL "$1" 2>/dev/null
    fi
}

# within SECONDS COMMAND...: it succeeds by then.
within() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        [ $SECONDS -lt $end ] || return 1
        sleep 0.2
    done
}

gone() { ! kill -0 "$1" 2>/dev/null; }

ended() {
    within "$1" gone "$pid" || fail "expected process $pid to end within $1 s"
    status=0
    wait "$pid" || status=$?
}

# --- its state -----------------------------------------------------------------------------------

# The processes that work below this directory: QEMU has it in its arguments.
vms_of() { pgrep -f -- "^[^ ]*qemu-system-[^ ]* .*$1/lab/" || true; }

drop_state() {
    local vm
    for vm in $(vms_of "$1"); do
        kill -KILL "$vm"
    done
    rm -rf "$1"
}

# Not in TEST_TMP: the paths of libvirt's sockets leave 48 characters, and /tmp may be memory.
new_state() {
    PATCHLAB_STATE=$(mktemp -d /var/tmp/plXXXXXX) || fail "cannot make a state directory"
    chmod 711 "$PATCHLAB_STATE"
    export PATCHLAB_STATE
    at_end drop_state "$PATCHLAB_STATE"
}

# Nothing of a clone is left; what a run has kept is not looked at.
no_leftovers() {
    same "VMs left" "" "$(vms_of "$PATCHLAB_STATE")"
    same "files left" "" "$(find "$PATCHLAB_STATE" \( -path '*/lab/*/vm/*' -o -path '*/runs/*' \
        -o -path '*/lab/*' -name '*.qcow2' -o -name '*.iso' -o -name '*.tmp' \))"
}

min_image() {
    expect 0 image build "$root/images/debian-12-min" --progress none --json
}

# The number of the newest run.
last_run() { "$patchlab" run list --limit 1 --json | jq -r '.[0].id'; }

# --- what it is given ----------------------------------------------------------------------------

build_deb() {
    mkdir -p "$1/DEBIAN"
    printf '%s\n' "Package: $2" "Version: $3" 'Architecture: all' \
        'Maintainer: test <test@example.org>' 'Description: a package of a test' >"$1/DEBIAN/control"
    dpkg-deb --root-owner-group -b "$1" "${1%/*}/$2_$3_all.deb" >"$out" 2>"$err" ||
        fail "cannot build package '$2'"
}

trivial_testcase() {
    mkdir -p "$1"
    printf '%s\n' "name: ${1##*/}" 'checks: [{name: up, run: /bin/true}]' >"$1/testcase.yaml"
}
