#!/usr/bin/env bash
# timeout: 900
# Checks that never end, print 100 MiB or rubbish: bounded, recorded, and harmless to a terminal.
. "$(dirname "$0")/lib.sh"

new_state
min_image
expect 0 patch add "$samples/patches/motd"

# Once is enough: what happens later is the same.
cp -R "$samples/testcases/hostile" "$TEST_TMP/hostile"
sed -i 's/^    run: .*/&\n    stages: [patched]/' "$TEST_TMP/hostile/testcase.yaml"

# script(1) gives it a terminal, which is where escape sequences would do harm.
last="validate motd (on a terminal)"
script --quiet --return --command "stty cols 100; exec '$patchlab' validate motd \
    --image debian-12-min --until patched --testcases '$TEST_TMP/hostile'" "$TEST_TMP/screen" \
    >"$TEST_TMP/null" </dev/null || status=$?
cp "$TEST_TMP/screen" "$out"
# The checks fail in both lanes, which is nothing that the patch did.
same "exit status" 0 "$status"
prints "verdict: pass"
prints "known-failure"

# Of escape sequences only our own: clear to the end of the line.
LC_ALL=C sed 's/\r\x1b\[K//g; s/\r$//' "$TEST_TMP/screen" >"$TEST_TMP/rest"
! LC_ALL=C grep -aP '[\x00-\x08\x0b-\x1f\x7f\x9b]' "$TEST_TMP/rest" >"$TEST_TMP/found" ||
    fail "expected no control character: $(cat -v "$TEST_TMP/found")"

id=$(last_run)
expect 0 run show "$id" --json
jq '[.summary.checks[] | select(.testcase == "hostile")]' "$out" \
    >"$TEST_TMP/checks"
# of CHECK FILTER: of what it gave in the candidate lane.
of() { jq -rc ".[] | select(.check == \"$1\").after | $2" "$TEST_TMP/checks"; }

same "endless" '[true,"fail"]' "$(of endless '[.timed_out, .outcome]')"
[ "$(of endless .ms)" -lt 60000 ] || fail "expected the endless check to be ended in time"
same "flood" '["pass",104857600]' "$(of flood '[.outcome, .total]')"
[ "$(of flood .output.size)" -le 65536 ] || fail "expected no more than the output limit to be kept"
same "binary" '["fail",1]' "$(of binary '[.outcome, .exit]')"
same "after" '["pass"]' "$(of after '[.outcome]')"

# What is kept is kept as it came.
expect 0 evidence blob "$(of binary .output.blob)"
LC_ALL=C grep -aqP '\x1b\[31mred' "$out" || fail "expected the bytes of the check"
[ "$(tail -c 25 "$out")" = "the last line has no end" ] || tail -c 25 "$out" | grep -q 'no end' ||
    fail "expected the end of the output"
for words in "run show $id" "run show $id --json" "evidence show $id --full"; do
    # shellcheck disable=SC2086  # the words of a command line
    expect 0 $words
    ! LC_ALL=C grep -qP '[\x00-\x08\x0b-\x1f\x7f]' "$out" || fail "expected no control character"
    iconv -f UTF-8 -t UTF-8 "$out" >"$TEST_TMP/null" || fail "expected UTF-8"
done
expect 0 evidence verify
no_leftovers
