#!/usr/bin/env bash
# timeout: 2400
# Patches that take the guest down, or never end: a verdict with the evidence of it, and no hang.
. "$(dirname "$0")/lib.sh"

new_state
min_image
for patch in panic no-boot hang; do
    expect 0 patch add "$samples/patches/$patch"
done
testcases=(--image debian-12-min --testcases "$root/testcases/base-health")

# is_fail FILE: the verdict in `validate --json`, which was not the baseline's fault.
is_fail() {
    cp "$1" "$TEST_TMP/run.json"
    cp "$TEST_TMP/run.json" "$out"
    id=$(fact .id)
    same "the verdict" fail "$(fact .verdict)"
    same "the baseline" '["pass"]' "$(fact '[.summary.checks[].before.outcome] | unique')"
}

# kept FILTER TEXT: the blob of this evidence record's member holds the text.
kept() {
    local blob
    expect 0 evidence show "$id" --json
    blob=$(fact "[.[] | select(.body.lane == \"candidate\") | $1][0]")
    expect 0 evidence blob "$blob"
    LC_ALL=C grep -aq -e "$2" "$out" || fail "expected in the blob: $2"
}

# class CHECK POINT CLASS
class() {
    same "$1 at $2" "$3" "$(jq -rc ".summary.checks[] |
        select(.check == \"$1\" and .point == \"$2\").class" "$TEST_TMP/run.json")"
}

# A guest that does not come back is waited for, once is enough here; most of this happens while that goes on.
no_boot=$TEST_TMP/no-boot
"$patchlab" validate no-boot "${testcases[@]}" --confirm 0 --json >"$no_boot" 2>"$no_boot.err" </dev/null &
waiting=$!
at_end end_process "$waiting"
within 300 grep -q 'candidate  rebooting' "$no_boot.err" || fail "expected the patch to be applied"

expect 1 validate panic "${testcases[@]}" --json
is_fail "$out"
class survives patched regression
kept 'select(.kind == "lane.lost").body.console.blob' \
    'Kernel panic - not syncing: sysrq triggered crash'
kept 'select(.kind == "lane.lost").body.screen.blob' '^.PNG'
expect 0 run show "$id"
prints "verdict: fail"
prints "the guest's kernel panicked"
expect 0 evidence verify "$id"

expect 1 validate hang "${testcases[@]}" --confirm 0 --json
is_fail "$out"
same "what went wrong" "it did not end within 20 s" "$(fact .summary.apply_problem)"
kept 'select(.kind == "patch.applied").body.output.blob' \
    'waiting for something that will never happen'
expect 0 run show "$id"
prints "did not end within 20 s"
prints "next: patchlab run explain $id"
expect 0 run explain "$id"
prints "what would change the verdict:"
prints "submitter   send a patch that can be applied here"
[ "$(wc -l <"$out")" -le 50 ] || fail "expected one screen"
expect 0 run explain "$id" --json
same "causes" true "$(fact '.causes | contains(["not-applied"])')"

# Ten minutes is the most that a boot may take.
pid=$waiting
ended 660
same "exit status of no-boot" 1 "$status"
is_fail "$no_boot"
class boots rebooted regression
class ready patched ok
kept 'select(.kind == "lane.lost").body.console.blob' 'ALERT!  */dev/sda1 does not exist'
expect 0 run show "$id"
prints "/dev/sda1 does not exist"

no_leftovers
expect 0 evidence verify
expect 0 queue list --json
same "the queue" 0 "$(fact length)"
