#!/usr/bin/env bash
# timeout: 900
# Disks without room, from the beginning and in the middle of a run: a clear word, nothing left.
. "$(dirname "$0")/lib.sh"

[ "$(id -u)" -eq 0 ] || skip "mounting a small file system needs root"
new_state
mount -t tmpfs -o mode=711,size=64m patchlab-e2e "$PATCHLAB_STATE" 2>"$err" ||
    skip "cannot mount here: $(cat "$err")"
at_end umount --lazy "$PATCHLAB_STATE"
resize() { mount -o "remount,size=$1" "$PATCHLAB_STATE" || fail "cannot resize"; }
files() { find "$PATCHLAB_STATE" -type f ! -name 'patchlab.db*' ! -name '*.lock'; }

# --- not enough to begin with --------------------------------------------------------------------

expect 4 image build "$root/images/debian-12-min" --progress none
silent
says "hint: make room"
same "files left by the build" "" "$(files)"
expect 0 image list --json
same "images" 0 "$(fact length)"

resize 900m
min_image
expect 0 patch add "$samples/patches/motd"
validate=(validate motd --image debian-12-min --testcases "$root/testcases/base-health")
expect 4 "${validate[@]}"
prints "verdict: broken"
prints "has no room for two clones"
prints "hint: make room"
no_leftovers

# A patch that does not fit, either.
head -c 700000000 /dev/zero >"$TEST_TMP/large"
mkdir "$TEST_TMP/big"
cp "$samples"/patches/motd/* "$TEST_TMP/big"
echo "  - {path: large, sha256: $(sha256sum <"$TEST_TMP/large" | cut -d' ' -f1)}" >>"$TEST_TMP/big/patch.yaml"
mv "$TEST_TMP/large" "$TEST_TMP/big"
files >"$TEST_TMP/before"
expect 4 patch add "$TEST_TMP/big"
silent
files | diff "$TEST_TMP/before" - >"$TEST_TMP/diff" || fail "files have changed: $(cat "$TEST_TMP/diff")"
rm -r "$TEST_TMP/big"

# --- lost in the middle of a run -----------------------------------------------------------------

resize 2g
start "${validate[@]}" --progress plain
within 300 grep -q "guest agent answers" "$err" || fail "expected a clone"
dd if=/dev/zero of="$PATCHLAB_STATE/fill" bs=1M 2>"$TEST_TMP/null" && fail "expected the disk to be full"
ended 90
same "exit status" 4 "$status"
grep -qi "full\|no room\|no space" "$out" "$err" || fail "expected to be told that the disk is full"
same "VMs left" "" "$(vms_of "$PATCHLAB_STATE")"
rm "$PATCHLAB_STATE/fill"
expect 0 run list --json
same "verdicts" '["broken","broken"]' "$(fact 'map(.verdict)')"
no_leftovers
expect 0 evidence verify
