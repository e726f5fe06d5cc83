#!/usr/bin/env bash
# timeout: 900
# What shows only at one stage: a service that survives until the reboot, one that is restarted because
# its library was replaced, a check that cannot be run twice, a problem that the baseline has too, and
# patches with and without a way back.
. "$(dirname "$0")/lib.sh"

new_state
min_image
expect 0 image warm debian-12-min

# --- a patch that can be undone ------------------------------------------------------------------

# The C library is replaced by one that is the same, and the next start of the logins will fail.
patch=$TEST_TMP/stages
mkdir "$patch"
cat >"$patch/apply.sh" <<'SH'
#!/bin/sh
set -eu
lib=$(readlink -f /lib/x86_64-linux-gnu/libc.so.6)
cp -p "$lib" "$lib.new"
mv "$lib.new" "$lib"
mkdir -p /etc/systemd/system/systemd-logind.service.d
printf '[Service]\nExecStart=\nExecStart=/bin/false\n' >/etc/systemd/system/systemd-logind.service.d/broken.conf
systemctl daemon-reload
SH
cat >"$patch/undo.sh" <<'SH'
#!/bin/sh
set -eu
rm /etc/systemd/system/systemd-logind.service.d/broken.conf
systemctl daemon-reload
systemctl reset-failed systemd-logind.service || true
systemctl restart systemd-logind.service
SH
{
    printf '%s\n' 'name: stages' 'version: "1"' 'kind: script' 'timeout: 2m' 'script: {apply: apply.sh, undo: undo.sh}' \
        'files:'
    for file in apply.sh undo.sh; do
        printf '  - {path: %s, sha256: %s}\n' "$file" "$(sha256sum <"$patch/$file" | cut -d' ' -f1)"
    done
} >"$patch/patch.yaml"
chmod 755 "$patch"/*.sh
expect 0 patch add "$patch"

checks=$TEST_TMP/stages-checks
mkdir "$checks"
cat >"$checks/testcase.yaml" <<'YAML'
name: stages
checks:
  - {name: logins, run: logins}
  - {name: once, run: once, stages: [patched, restarted]}
  - {name: until-reboot, run: until-reboot}
YAML
printf '#!/bin/sh\nsystemctl is-active systemd-logind.service\n' >"$checks/logins"
# Passes once in the life of a machine.
printf '#!/bin/sh\nmkdir /var/tmp/once\n' >"$checks/once"
# Whether there was a patch or not: what it leaves in /run is gone after a reboot.
printf '%s\n' '#!/bin/sh' '[ -e /var/tmp/seen ] || touch /var/tmp/seen /run/seen' 'test -e /run/seen' \
    >"$checks/until-reboot"
chmod 755 "$checks/logins" "$checks/once" "$checks/until-reboot"

# class CHECK STAGE: what the last run says of it.
class() { fact ".summary.checks[] | select(.testcase == \"stages\" and .check == \"$1\" and .point == \"$2\").class"; }

expect 1 validate stages --image debian-12-min --testcases "$checks" --no-observe --progress none --json
id=$(fact .id)
same "the logins once patched" ok "$(class logins patched)"
same "the logins once restarted" ok "$(class logins restarted)"
same "the logins once rebooted" regression "$(class logins rebooted)"
same "the logins once rolled back" ok "$(class logins rolled-back)"
same "what cannot be run twice" flaky "$(class once restarted)"
same "what the reboot breaks without the patch, too" known-failure "$(class until-reboot rebooted)"
same "the same after undo" known-failure "$(class until-reboot rolled-back)"
same "the restart" true "$(fact .summary.restart.ok)"
same "restarted for its library" true "$(fact '.summary.restart.units | contains(["systemd-journald.service", "init.scope"])')"
same "never restarted" false "$(fact '.summary.restart.units | any(. == "systemd-logind.service" or . == "dbus.service" or . == "qemu-guest-agent.service")')"
fact '.summary.restart.before.first[] | select(.unit == "systemd-journald.service").file' | grep -q libc ||
    fail "expected the replaced library"
same "who still uses it" true "$(fact '[.summary.restart.after.first[].unit] | contains(["qemu-guest-agent.service"])')"
same "restarted services still use it" 0 "$(fact '[.summary.restart.after.first[] | select(.unit == "systemd-journald.service")] | length')"
same "the rollback" '[true,true]' "$(fact '.summary.rollback | [.possible, .ok]')"
same "packages left behind" '[0,0,0]' "$(fact '.summary.rollback.left_behind | [.added, .changed, .removed] | map(length)')"
expect 0 run show "$id"
prints "restarted, because they used replaced files: "
prints "rollback: undone by its program 'undo.sh' in "
expect 0 run explain "$id"
prints "regression: stages/logins at stage 'rebooted'"
[ "$(wc -l <"$out")" -le 60 ] || fail "expected one screen"

# --- one that cannot -----------------------------------------------------------------------------

deb=$TEST_TMP/sensible-utils
mkdir -p "$deb/usr/share/doc/sensible-utils"
echo 'nothing to see' >"$deb/usr/share/doc/sensible-utils/NEWS"
build_deb "$deb" sensible-utils 99.2
expect 0 patch add "$TEST_TMP/sensible-utils_99.2_all.deb"
trivial_testcase "$TEST_TMP/one"
printf 'gate: {rolled-back: fail}\n' >"$PATCHLAB_STATE/config.yaml"
expect 1 validate sensible-utils --image debian-12-min --testcases "$TEST_TMP/one" --no-observe --confirm 0 \
    --progress none --json
id=$(fact .id)
same "the causes" '["reversal"]' "$(fact .summary.causes)"
fact '.summary.reasons[0]' | grep -q '^only by restoring the VM: ' || fail "expected the only way back"
same "the rollback" false "$(fact .summary.rollback.possible)"
same "nothing used what was replaced" '[]' "$(fact '.summary.restart.units')"
same "stages" '["patched","rebooted"]' "$(fact '[.summary.checks[].point] | unique')"
expect 0 run show "$id"
prints "rollback: only by restoring the VM: "
expect 0 evidence verify
no_leftovers
