#!/usr/bin/env bash
# timeout: 600
# A person looks around in a clone: with commands from a file, and at a terminal.  Nothing is left.
# shellcheck disable=SC2016  # the guest expands what is quoted here
. "$(dirname "$0")/lib.sh"

new_state
min_image
expect 0 patch add "$samples/patches/motd"
expect 0 image warm debian-12-min --progress none

# shell STATUS COMMANDS OPTION...
shell() {
    local want=$1 commands=$2
    shift 2
    last="image shell debian-12-min $*"
    status=0
    "$patchlab" image shell debian-12-min "$@" <<<"$commands" >"$out" 2>"$err" || status=$?
    [ "$status" -eq "$want" ] || fail "expected exit status $want"
    no_leftovers
}

# at_terminal STATUS STEP...: a glob, because a terminal that closes is seen in two ways
at_terminal() {
    local want=$1
    shift
    last="image shell debian-12-min, at a terminal"
    status=0
    "$root/tests/lib/at-terminal.py" "$@" -- "$patchlab" image shell debian-12-min \
        >"$out" 2>"$err" || status=$?
    # shellcheck disable=SC2053
    [[ $status == $want ]] || fail "expected exit status $want"
    within 10 no_vms || fail "expected no VM"
    no_leftovers
}
no_vms() { [ -z "$(vms_of "$PATCHLAB_STATE")" ]; }

# --- commands ------------------------------------------------------------------------------------

shell 7 'echo "$(id -un) in $PWD on $(uname -s)"; cat /etc/motd; exit 7'
prints "root in /root on Linux"
says "warm restore"
says "throw-away clone of 'debian-12-min'"
! grep -q "authorised use" "$out" || fail "expected a clone without the patch"

# The patch's own output is no output of the commands.
shell 0 'cat /etc/motd' --patch motd
same "lines of output" 1 "$(wc -l <"$out")"
prints "authorised use only"
says "/etc/motd says:"
says "the patch is applied"

expect 2 image shell no-such-image
expect 2 image shell debian-12-min --patch no-such-patch
head -c 70000 /dev/zero | tr '\0' '#' >"$TEST_TMP/long"
run image shell debian-12-min
same "exit status without commands" 0 "$status"
"$patchlab" image shell debian-12-min <"$TEST_TMP/long" >"$out" 2>"$err" && fail "expected an error"
says "more than 65536 bytes"

# Commands that do not come are no reason to wait for ever.
mkfifo "$TEST_TMP/silence"
"$patchlab" image shell debian-12-min <"$TEST_TMP/silence" >"$out" 2>"$err" &
pid=$!
at_end end_process "$pid"
exec 9>"$TEST_TMP/silence"
sleep 1
kill -TERM "$pid"
ended 10
exec 9>&-
same "exit status" 4 "$status"
says "interrupted"

# A reader that goes away is no reason to leave a clone behind.
echo 'seq 100000' | "$patchlab" image shell debian-12-min 2>"$err" | head -n 1 >"$out"
prints 1
no_leftovers

# --- a terminal ----------------------------------------------------------------------------------

at_terminal 0 'expect:Ctrl-] leaves' 'expect:# ' 'type:stty size; tty; echo "$TERM"; id -un' \
    'expect:40 132' 'expect:/dev/ttyS0' expect:xterm expect:root 'expect:# ' key:29
at_terminal 0 'expect:# ' 'type:exit 3'
at_terminal 4 'expect:# ' signal:TERM
says_at_terminal() { grep -qF "$1" "$out" || fail "expected at the terminal: $1"; }
says_at_terminal "interrupted"
at_terminal 4 'expect:# ' 'type:echo c >/proc/sysrq-trigger'
says_at_terminal "the guest's kernel panicked"
# Ctrl-C is the guest's: it ends the sleep and nothing else. It also drops what the guest was just
# printing, maybe the prompt: the return key asks for another one.
at_terminal '[04]' 'expect:# ' 'type:sleep 1000' 'expect:sleep 1000' key:3 key:13 'expect:# ' \
    'type:echo still-$((40 + 2))' expect:still-42 hangup

expect 0 run list --json
same "runs" '[]' "$(fact .)"
