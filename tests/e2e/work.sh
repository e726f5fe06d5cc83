#!/usr/bin/env bash
# timeout: 900
# Workers: a queue that drains, a killed worker, one that is told to stop, standbys, several runs.
. "$(dirname "$0")/lib.sh"

new_state
min_image
expect 0 image warm debian-12-min --progress none
expect 0 patch add "$samples/patches/motd"

# One short check, and no reboot: this is about who does the work.
mkdir "$TEST_TMP/short"
cat >"$TEST_TMP/short/testcase.yaml" <<'EOF'
name: short
checks:
  - {name: up, run: /bin/true}
EOF
quick=(--image debian-12-min --testcases "$TEST_TMP/short" --until patched)

# One more run, $id.
queue() {
    expect 0 validate motd "${quick[@]}" --queue --json
    id=$(fact '.[0]')
}
# of RUN FILTER: a fact of the run.
of() { "$patchlab" run show "$1" --json | jq -rc "$2"; }
has_verdict() { [ "$(of "$1" .verdict)" != null ]; }
# records RUN KIND FILTER
records() {
    "$patchlab" evidence show "$1" --full --json |
        jq -c "[.[] | select(.kind == \"$2\") | .body | $3]"
}
vms() { vms_of "$PATCHLAB_STATE" | wc -l; }
two_vms() { [ "$(vms)" -eq 2 ]; }
two_answer() { [ "$(grep -c 'guest agent answers' "$err")" -eq 2 ]; }

# --- two queued runs, one of them begun by a worker that is killed -------------------------------

queue
first=$id
queue
second=$id
start work --run "$first"
within 60 two_answer || fail "expected two clones that answer"
kill -KILL "$pid"
ended 5
same "VMs that outlive their worker" 2 "$(vms)"

expect 0 work --drain
says "1 run whose process was killed"
says "removed 2 VMs that a killed process had left"
prints "run $first: motd 1 on debian-12-min: pass"
prints "run $second: motd 1 on debian-12-min: pass"
same "what was put back" 1 "$(records "$first" run.put-back . | jq length)"
same "how the lanes began" '["warm restore","warm restore"]' \
    "$(records "$second" lane.start .how)"
no_leftovers

# --- told to stop in the middle of one -----------------------------------------------------------

queue
start work
within 60 two_vms || fail "expected two VMs"
kill -TERM "$pid"
ended 10
same "exit status of a worker that is told to stop" 0 "$status"
same "the state of its run" queued "$(of "$id" .state)"
no_leftovers

# --- standbys ------------------------------------------------------------------------------------

standbys() { find "$PATCHLAB_STATE/lab" -path '*/vm/standby-*' -name overlay.qcow2 | wc -l; }
two_wait() { [ "$(standbys)" -eq 2 ] && [ "$(vms)" -eq 2 ] && grep -q "'standby-$1' is ready" "$err"; }

PATCHLAB_DEBUG=lab start work
within 90 has_verdict "$id" || fail "expected the worker to do what was put back"
within 30 two_wait 2 || fail "expected two standbys"
queue
within 90 has_verdict "$id" || fail "expected a verdict from standbys"
same "the verdict" pass "$(of "$id" .verdict)"
same "how the lanes began" '["standby","standby"]' "$(records "$id" lane.start .how)"
within 30 two_wait 4 || fail "expected two standbys again"

# A warm image that is gone has none; whoever works on takes no notice of it.
digest=$(of "$id" .image.digest)
mv "$PATCHLAB_STATE/images/$digest.warm" "$TEST_TMP/warm"
none_wait() { [ "$(vms)" -eq 0 ]; }
within 10 none_wait || fail "expected the standbys of a warm image that is gone to go"
mv "$TEST_TMP/warm" "$PATCHLAB_STATE/images/$digest.warm"
within 30 two_wait 6 || fail "expected two standbys of the warm image that is back"

kill -TERM "$pid"
ended 10
same "exit status of a worker that waits" 0 "$status"
no_leftovers

expect 2 work --standby 65
says "option '--standby'"

# --- several at once -----------------------------------------------------------------------------

sed 's/^name: .*/name: motd-again/' "$samples/patches/motd/patch.yaml" >"$TEST_TMP/patch.yaml"
cp -R "$samples/patches/motd" "$TEST_TMP/motd-again"
mv "$TEST_TMP/patch.yaml" "$TEST_TMP/motd-again/patch.yaml"
expect 0 patch add "$TEST_TMP/motd-again"
expect 0 validate motd motd-again "${quick[@]}" --progress none
same "summaries" 1 "$(grep -c VERDICT "$out")"
same "verdicts" 2 "$(grep -c ' pass ' "$out")"
no_leftovers
expect 0 evidence verify
