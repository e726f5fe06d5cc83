#!/usr/bin/env bash
# timeout: 600
# A package that is harmless to every check, and whose maintainer script quietly does more than it
# should: a setuid copy of the shell, a user, and a unit that listens.  Just these are found, not
# the noise of the image; the owner takes them on, and then the gate opens.
. "$(dirname "$0")/lib.sh"

new_state
min_image
expect 0 image warm debian-12-min

# --- the patch -----------------------------------------------------------------------------------

deb=$TEST_TMP/sensible-utils
mkdir -p "$deb/DEBIAN" "$deb/usr/share/doc/sensible-utils"
echo 'nothing to see' >"$deb/usr/share/doc/sensible-utils/NEWS"
cat >"$deb/DEBIAN/postinst" <<'SH'
#!/bin/sh
set -e
cp /bin/sh /usr/local/bin/helper
chmod 4755 /usr/local/bin/helper
echo 'maint:x:990:990::/nonexistent:/bin/sh' >>/etc/passwd
cat >/etc/systemd/system/beacon.socket <<'END'
[Socket]
ListenStream=0.0.0.0:4444
Accept=yes
END
printf '[Service]\nExecStart=/bin/cat\nStandardInput=socket\n' >/etc/systemd/system/beacon@.service
systemctl daemon-reload
systemctl start beacon.socket
SH
chmod 755 "$deb/DEBIAN/postinst"
build_deb "$deb" sensible-utils 99.1
expect 0 patch add "$TEST_TMP/sensible-utils_99.1_all.deb"

trivial_testcase "$TEST_TMP/one"

# --- what it changes -----------------------------------------------------------------------------

validate() { # validate STATUS OPTION...
    expect "$1" validate sensible-utils --image debian-12-min --testcases "$TEST_TMP/one" \
        --until patched --progress none --json "${@:2}"
}
validate 3
id=$(fact .id)
same "the verdict" review "$(fact .verdict)"
same "clones to learn from" 2 "$(fact '.summary.changes.baselines')"
fact '.summary.reasons[0]' | grep -q 'changes are not explained by the patch' ||
    fail "expected the changes among the reasons"
expect 0 run changes "$id" --json
same "what is listed" '["file /etc/passwd","file /etc/systemd/system/beacon.socket","file /etc/systemd/system/beacon@.service","file /usr/local/bin/helper","setuid /usr/local/bin/helper","socket tcp 0.0.0.0:4444","unit beacon.socket","user maint"]' \
    "$(fact '[.items[] | "\(.kind) \(.key)"] | sort')"
same "their state" '["open"]' "$(fact '[.items[].state] | unique')"
item=$(fact '.items[] | select(.kind == "user").item')
expect 0 run show "$id"
prints "beacon.socket"

# --- the owner takes them on ---------------------------------------------------------------------

expect 0 signoff approve "$id" --role owner --as olga@shop
expect 0 signoff approve "$id" --role gatekeeper --as gero@release --json
same "the gate with open changes" false "$(fact .open)"
fact '.missing[0]' | grep -q "run acknowledge $id" || fail "expected the way out among what is missing"
expect 2 run acknowledge "$id" "$item" --as olga@shop
says "needs a remark"
expect 2 run acknowledge "$id" --as olga@shop --remark x
expect 2 run acknowledge "$id" ffffffffffff --as olga@shop --remark x
expect 5 run acknowledge "$id" "$item" --as gero@release --remark "for the tests"
expect 0 run acknowledge "$id" "${item:0:8}" --as olga@shop --remark "maintenance account, CHG-77" --json
same "left" 7 "$(fact .left)"
same "the gate" false "$(fact .open)"
expect 0 run acknowledge "$id" --all --as olga@shop --remark "the vendor's beacon, CHG-78" --json
same "left" 0 "$(fact .left)"
same "the gate" true "$(fact .open)"
expect 0 run show "$id" --json
same "the verdict as it was" review "$(fact .verdict)"
expect 0 evidence verify

# The same patch on the same image again: what was acknowledged is known, and so is the noise.
validate 0
same "acknowledged before" '["acknowledged"]' "$(fact '[.summary.changes.items[].state] | unique')"
fact '.summary.reasons' | grep -q 'acknowledged in an earlier run' || fail "expected it to be said"
