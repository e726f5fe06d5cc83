#!/usr/bin/env bash
# timeout: 900
# One good patch the whole way: two clones, a verdict, evidence, two people, the rollout queue; and
# then somebody changes what was recorded.
. "$(dirname "$0")/lib.sh"

new_state
min_image
# The image as built stands for no server, so nothing of it would be queued.
disk=$(fact .disk)
expect 0 image import "$disk" --spec "$root/images/debian-12-min/image.yaml" --name shop-min \
    --server shop1 --server shop2 --progress none
expect 0 patch add "$samples/patches/motd"
expect 0 patch add "$samples/patches/motd" --json
same "added again" false "$(fact .new)"

# Reports of test runners: TAP on standard output, with words on standard error in between, and JUnit
# XML in a file that is gone with its directory.
suite=$TEST_TMP/suite
mkdir -p "$suite/checks"
cat >"$suite/testcase.yaml" <<'YAML'
name: suite
checks:
  - {name: tap, run: checks/tap, results: tap, user: nobody}
  - {name: junit, run: checks/junit, results: junit, report: out/report.xml}
YAML
cat >"$suite/checks/tap" <<'SH'
#!/bin/sh
echo 1..3
echo 'ok 1 - the first'
echo 'not what TAP knows' >&2
echo 'ok 2 - the second # SKIP no printer here'
echo 'not ok 3 - the third # TODO some day'
SH
cat >"$suite/checks/junit" <<'SH'
#!/bin/sh
mkdir "$PATCHLAB_TMP/out"
cat >"$PATCHLAB_TMP/out/report.xml" <<'XML'
<testsuites><testsuite name="shop"><testcase classname="Order" name="stored" time="0.25"/></testsuite></testsuites>
XML
echo '1..1'
echo 'not ok 1 - this is no report'
SH
chmod +x "$suite"/checks/*

# --- the run -------------------------------------------------------------------------------------

expect 0 validate motd --image shop-min --until rebooted --testcases "$root/testcases/base-health" \
    --testcases "$suite" --json --progress json
jq -e . "$err" >"$TEST_TMP/progress" || fail "expected each line of progress to be JSON"
jq -se 'map(.kind) | contains(["run.state", "lane.up", "check.start", "check", "patch.applied",
    "lane.rebooted", "run.verdict"])' "$TEST_TMP/progress" >"$TEST_TMP/null" ||
    fail "expected the whole run in the progress"
id=$(fact .id)
same "the verdict" pass "$(fact .verdict)"
same "the state" "done" "$(fact .state)"
same "classes" '["ok"]' "$(fact '[.summary.checks[].class] | unique')"
same "checks at both points" '["patched","rebooted"]' "$(fact '[.summary.checks[].point] | unique')"
# tests_of CHECK CLASSES: at both points.
tests_of() {
    same "tests of $1" "$2" "$(fact "[.summary.checks[] | select(.check == \"$1\").tests.classes] | unique")"
}
tests_of tap '[{"ok":1,"skipped":2}]'
tests_of junit '[{"ok":1}]'
same "packages that changed" 0 "$(fact '.summary.packages.changed | length')"
no_leftovers

expect 0 run show "$id"
prints "verdict: pass"
prints "base-health/failed-units"
prints "pass, 1 of 3"
expect 0 run explain "$id"
prints "nothing stands against it"
expect 0 run watch "$id"
prints "verdict: pass"
expect 5 run cancel "$id"
says "has ended already"
expect 0 run list --json
same "runs" 1 "$(fact length)"
expect 0 evidence show "$id" --json
same "the first record" run.created "$(fact '.[0].kind')"
same "the last record" run.verdict "$(fact '.[-1].kind')"
same "what the evidence has of a test" '["Order.stored","pass",250]' "$(fact '[.[] | select(.kind == "check"
    and .body.check == "junit").body.results.tests[0]][0] | [.test, .outcome, .ms]')"
console=$(fact '[.[] | select(.kind == "lane.end")][0].body.console.blob')
expect 0 evidence verify --json
same "the evidence" true "$(fact .holds)"
expect 0 evidence blob "$console"
same "its digest" "$console" "$(sha256sum <"$out" | cut -d' ' -f1)"
prints "login:"

# --- two people ----------------------------------------------------------------------------------

expect 0 queue list --json
same "queued before any approval" 0 "$(fact length)"
expect 0 signoff approve "$id" --role owner --as olga@shop --remark "tested in the lab" --json
same "the gate after one approval" false "$(fact .open)"
expect 5 signoff approve "$id" --role gatekeeper --as Olga@shop
says "as owner already"
expect 2 signoff refuse "$id" --role gatekeeper --as gero@release
expect 0 signoff approve "$id" --role gatekeeper --as gero@release --json
same "the gate after two approvals" true "$(fact .open)"
expect 0 signoff list "$id" --json
same "sign-offs" 2 "$(fact length)"

# --- the queue -----------------------------------------------------------------------------------

expect 0 queue list --json
same "the queue" '["shop1","shop2"]' "$(fact '[.[] | select(.state == "ready").server]')"
expect 0 queue lease --server shop1 --holder tool@rollout --json
entry=$(fact .id) token=$(fact .lease.token)
expect 1 queue lease --server shop1
silent
expect 5 queue ack "$entry" --token "${token//[0-9]/x}"
silent
expect 2 queue ack "$entry"
says "lease token"
status=0
"$patchlab" queue ack "$entry" <<<"$token" >"$out" 2>"$err" || status=$?
same "a token on standard input" 0 "$status"
expect 5 queue fail "$entry" --token "$token" --reason "too late"

# A lease that nobody answers makes the entry ready again, and the token worthless once another
# one has it.
expect 0 queue lease --server shop2 --for 1s --json
entry=$(fact .id) late=$(fact .lease.token)
sleep 1.5
expect 0 queue list --status ready --json
same "the lapsed entry" "[$entry]" "$(fact 'map(.id)')"
expect 0 queue lease --server shop2 --json
same "the entry leased again" "$entry" "$(fact .id)"
token=$(fact .lease.token)
expect 5 queue ack "$entry" --token "$late"
PATCHLAB_TOKEN=$token expect 0 queue fail "$entry" --reason "no window" --json
expect 0 queue list --status failed --json
same "the reason" "no window" "$(fact '.[0].result')"

# --- what was recorded is changed ----------------------------------------------------------------

expect 0 evidence verify "$id"

# sql FILE STATEMENT...: what somebody may do who has the file.
sql() {
    python3 - "$@" <<'PY'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
    db.execute(f"DROP TRIGGER {name}")
for statement in sys.argv[2:]:
    if db.execute(statement).rowcount == 0:
        sys.exit(f"nothing changed by: {statement}")
db.commit()
PY
}

# tampered TEXT STATEMENT...: done to a copy of the database, this is found and named.
tampered() {
    local text=$1
    shift
    sql "$PATCHLAB_STATE/patchlab.db" "$@" || fail "cannot tamper"
    expect 1 evidence verify
    prints "does not hold"
    prints "$text"
    expect 1 evidence verify "$id" --json
    same "the evidence" false "$(fact .holds)"
    cp "$TEST_TMP/good.db" "$PATCHLAB_STATE/patchlab.db"
    rm -f "$PATCHLAB_STATE"/patchlab.db-*
    expect 0 evidence verify
}

sqlite_copy() { python3 -c 'import sqlite3, sys
sqlite3.connect(sys.argv[1]).execute("VACUUM INTO ?", (sys.argv[2],))' "$1" "$2"; }
sqlite_copy "$PATCHLAB_STATE/patchlab.db" "$TEST_TMP/good.db"

tampered "run $id" "UPDATE evidence SET body = replace(body, 'pass', 'fail') WHERE kind = 'check' AND seq =
    (SELECT min(seq) FROM evidence WHERE kind = 'check')"
tampered "run $id" "UPDATE evidence SET at = at + 1 WHERE seq = 5"
tampered "run $id" "UPDATE evidence SET kind = 'Check' WHERE kind = 'check'"
tampered "run $id" "DELETE FROM evidence WHERE seq = 4"
tampered "run $id" "DELETE FROM evidence WHERE seq = (SELECT max(seq) FROM evidence)"
tampered "run $id" "UPDATE run SET verdict = 'fail'"

# One byte of a blob.
blob=$(find "$PATCHLAB_STATE/blobs" -type f -name "*${console:4}")
[ -f "$blob" ] || fail "expected the file of the blob $console"
cp -p "$blob" "$TEST_TMP/blob"
chmod u+w "$blob"
printf 'X' | dd of="$blob" bs=1 seek=100 conv=notrunc status=none
expect 1 evidence verify
prints "$console"
expect 6 evidence blob "$console"
silent
rm -f "$blob"
expect 1 evidence verify
prints "$console"
cp -p "$TEST_TMP/blob" "$blob"
expect 0 evidence verify
