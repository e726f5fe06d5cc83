#!/usr/bin/env bash
# timeout: 900
# Ctrl-C, kill, and kill -9 in the middle of a run: an end in time, nothing left, no open run.
. "$(dirname "$0")/lib.sh"

new_state
min_image
expect 0 patch add "$samples/patches/motd"

vms() { vms_of "$PATCHLAB_STATE" | wc -l; }
both_run() { [ "$(vms)" -eq 2 ]; }
overlays() { find "$PATCHLAB_STATE" -name overlay.qcow2 | wc -l; }

# begin: a run in the background, $pid, both of whose clones are booting.
begin() {
    start validate motd --image debian-12-min --testcases "$root/testcases/base-health"
    within 90 both_run || fail "expected two VMs"
    id=$(last_run)
    same "overlays of a run" 2 "$(overlays)"
}

# closed TEXT: the run is over, for this reason; and its evidence holds.
closed() {
    expect 0 run show "$id" --json
    same "the state" broken "$(fact .state)"
    same "the verdict" broken "$(fact .verdict)"
    prints "$1"
    expect 0 evidence verify
    expect 0 run list --json
    same "open runs" 0 "$(fact '[.[] | select(.verdict == null)] | length')"
    no_leftovers
}

for signal in INT TERM HUP; do
    begin
    sleep "$((RANDOM % 4))"
    kill -"$signal" "$pid"
    ended 15
    same "exit status after SIG$signal" 4 "$status"
    prints "verdict: broken"
    closed interrupted
done

# Twice in a row is not special: what it started is still taken down.
begin
kill -INT "$pid"
kill -INT "$pid"
ended 15
closed interrupted

# --- killed --------------------------------------------------------------------------------------

killed() {
    begin
    kill -KILL "$pid"
    ended 5
    same "VMs that outlive their process" 2 "$(vms)"
}
swept="removed 2 VMs that a killed process had left"

killed
expect 0 run list
says "1 run whose process was killed"
same "VMs before the lab is opened" 2 "$(vms)"
expect 0 doctor
prints "1 lab slot left behind by killed processes"
says "$swept"
closed "was killed"

killed
start validate motd --image debian-12-min --testcases "$root/testcases/base-health"
within 60 grep -qF "$swept" "$err" || fail "expected: $swept"
kill -INT "$pid"
ended 15
says "1 run whose process was killed"
closed "was killed"
id=$(last_run)
closed interrupted
