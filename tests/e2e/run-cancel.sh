#!/usr/bin/env bash
# timeout: 600
# One process works on a run, a second one watches it, a third one cancels it.
. "$(dirname "$0")/lib.sh"

new_state
min_image
expect 0 patch add "$samples/patches/motd"
start validate motd --image debian-12-min --testcases "$root/testcases/base-health"
worker=$pid

has_run() { [ "$(last_run)" = 1 ]; }
within 20 has_run || fail "expected a run"
mkdir "$TEST_TMP/watch"
"$patchlab" run watch 1 --progress json >"$TEST_TMP/watch/out" 2>"$TEST_TMP/watch/err" &
watcher=$!
at_end end_process "$watcher"
within 120 grep -q '"lane.up"' "$TEST_TMP/watch/err" || fail "expected the watcher to see a clone"
expect 0 run list
prints lanes
# The image is in use, and so is the run.
expect 5 image rm debian-12-min
says "patchlab run cancel 1"

expect 0 run cancel 1 --json
same "cancelled" true "$(fact .cancelled)"
pid=$worker
ended 15
same "exit status of the run" 4 "$status"
pid=$watcher
ended 5
same "exit status of the watcher" 4 "$status"
grep -q "verdict: broken" "$TEST_TMP/watch/out" || fail "expected the verdict from the watcher"

expect 0 run show 1 --json
same "the verdict" broken "$(fact .verdict)"
no_leftovers
expect 5 run cancel 1
expect 2 run cancel 2
expect 0 evidence verify
expect 0 image rm debian-12-min
