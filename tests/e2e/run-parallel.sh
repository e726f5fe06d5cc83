#!/usr/bin/env bash
# timeout: 1800
# Two runs at the same time in one state directory do not disturb each other.
. "$(dirname "$0")/lib.sh"

new_state
min_image
expect 0 patch add "$samples/patches/motd"

# worker NAME: a run in the background; its number goes to $pid.
worker() {
    "$patchlab" validate motd --image debian-12-min --testcases "$root/testcases/base-health" \
        --until rebooted --json >"$TEST_TMP/$1.out" 2>"$TEST_TMP/$1.err" </dev/null &
    pid=$!
    at_end end_process "$pid"
}
worker one
first=$pid
worker two
second=$pid
four_vms() { [ "$(vms_of "$PATCHLAB_STATE" | wc -l)" -eq 4 ]; }
within 60 four_vms || fail "expected four VMs"

pid=$first
ended 1600
same "exit status of the first run" 0 "$status"
pid=$second
ended 300
same "exit status of the second run" 0 "$status"
for name in one two; do
    same "verdict of run $name" pass "$(jq -r .verdict "$TEST_TMP/$name.out")"
done
same "checks that differ" "" "$(diff \
    <(jq -c '.summary.checks[] | [.testcase, .check, .point, .class]' "$TEST_TMP/one.out") \
    <(jq -c '.summary.checks[] | [.testcase, .check, .point, .class]' "$TEST_TMP/two.out"))"
expect 0 evidence verify
no_leftovers
