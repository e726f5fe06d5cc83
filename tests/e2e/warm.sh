#!/usr/bin/env bash
# timeout: 1200
# An image is warmed, clones go on from there, and what does not fit any more boots instead.
. "$(dirname "$0")/lib.sh"

new_state
min_image
disk=$(fact .disk)
warm=${disk%.qcow2}.warm
for patch in motd panic; do
    expect 0 patch add "$samples/patches/$patch"
done

is_cold() {
    [ ! -e "$warm" ] || fail "expected no warm image"
    expect 0 image show debian-12-min --json
    same "the warm image" null "$(fact .warm)"
    no_leftovers
}
has_vm() { [ -n "$(vms_of "$PATCHLAB_STATE")" ]; }

# told TEXT: the program in the background has said it; it is stopped then.
told() {
    within 120 grep -qF -e "$1" "$err" || fail "expected on standard error: $1"
    kill -TERM "$pid"
    ended 20
    no_leftovers
}

# --- making it -----------------------------------------------------------------------------------

start image warm debian-12-min
within 60 has_vm || fail "expected a VM"
second=0
"$patchlab" image warm debian-12-min >"$TEST_TMP/second" 2>&1 || second=$?
same "exit status of a second warming" 5 "$second"
grep -q "another process warms image" "$TEST_TMP/second" || fail "expected it to say why"
kill -TERM "$pid"
ended 20
same "exit status of an interrupted warming" 4 "$status"
says "interrupted"
is_cold

expect 0 image warm debian-12-min --json --progress none
same "usable" true "$(fact .warm.usable)"
[ "$(fact .warm.memory_size)" -lt $((256 << 20)) ] || fail "expected less memory than the guest has"
same "the disk below" "$disk" \
    "$(qemu-img info --output=json "$warm/disk.qcow2" | jq -r '."full-backing-filename"')"
same "mode of the memory, which holds secrets" 400 "$(stat -c %a "$warm/memory")"
expect 0 image show debian-12-min
prints "usable here"
no_leftovers

# --- validating on it ----------------------------------------------------------------------------

# validate STATUS PATCH OPTION...
validate() {
    local want=$1 patch=$2
    shift 2
    expect "$want" validate "$patch" --image debian-12-min --testcases "$root/testcases/base-health" \
        --json --progress json "$@"
    no_leftovers
}
# The progress of the last one: how both lanes came up, without a clone that teaches noise.
lanes_came_up() {
    same "how the lanes came up" "$1, $1" \
        "$(jq -rs '[.[] | select(.kind == "lane.start" and (.body.untouched | not)) | .body.how] | join(", ")' "$err")"
}
outcomes() { fact '[.summary.checks[] | select(.point == "patched") | [.testcase, .check, .class]]'; }

validate 0 motd --until rebooted
lanes_came_up "warm restore"
first=$(outcomes)
grep -q '"kind":"lane.rebooted"' "$err" || fail "expected a reboot"
# The console goes on in a restored clone: the reboot is in its log.
blob=$(jq -rs '[.[] | select(.kind == "lane.end")][0].body.console.blob' "$err")
expect 0 evidence blob "$blob"
prints "login:"

# Nobody looks at what changed when nobody shall, and the verdict says so.
validate 0 motd --until patched --no-observe
lanes_came_up "warm restore"
same "observed" false "$(fact '.summary.changes.observed')"
fact '.summary.reasons' | grep -q 'nobody looked' || fail "expected the verdict to say so"
same "the same results" "$first" "$(outcomes)"
[ "$first" != '[]' ] || fail "expected results"

validate 1 panic --until patched --confirm 0
lanes_came_up "warm restore"
fact '.summary.reasons | join("\n")' | grep -q "panicked" || fail "expected the panic among the reasons"

# --- what does not fit ---------------------------------------------------------------------------

chmod u+w "$warm/warm.json" "$warm/memory"
cp -p "$warm/warm.json" "$TEST_TMP/warm.json"
jq '.versions = "libvirt 9.0.0, QEMU 1.0.0"' "$TEST_TMP/warm.json" >"$warm/warm.json"
expect 0 image show debian-12-min --json
same "usable" false "$(fact .warm.usable)"
expect 0 image show debian-12-min
prints "of no use here: it was made with libvirt 9.0.0, QEMU 1.0.0"
start image shell debian-12-min
told "cold boot: the warm image cannot be used: it was made with libvirt 9.0.0, QEMU 1.0.0, this is"

echo '{' >"$warm/warm.json"
start image shell debian-12-min
told "cold boot: the record '$warm/warm.json' is damaged"
cp -p "$TEST_TMP/warm.json" "$warm/warm.json"

# Half of the memory: libvirt or QEMU notices, and the clone is as good as any.
truncate -s $(($(stat -c %s "$warm/memory") / 2)) "$warm/memory"
# shellcheck disable=SC2016  # the guest expands it
echo 'echo up-$((40 + 2))' >"$TEST_TMP/commands"
last="image shell debian-12-min <commands"
status=0
"$patchlab" image shell debian-12-min <"$TEST_TMP/commands" >"$out" 2>"$err" || status=$?
same "exit status of the commands" 0 "$status"
says "cold boot: the memory cannot be restored"
same "lines that say why" 1 "$(grep -c "cold boot" "$err")"
prints up-42
no_leftovers

# --- making it anew ------------------------------------------------------------------------------

expect 0 image warm debian-12-min --json --progress none
same "usable" true "$(fact .warm.usable)"
start image shell debian-12-min
told "warm restore"

start image warm debian-12-min
within 60 has_vm || fail "expected a VM"
kill -INT "$pid"
ended 20
is_cold

expect 0 evidence verify
expect 0 image rm debian-12-min
