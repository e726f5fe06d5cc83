#!/usr/bin/env bash
# timeout: 600
# Packages of our own against a real system: one on hold, configuration that both sides have
# changed, a package that cannot be configured, and the way back by downgrade.
# shellcheck disable=SC2016  # the guest expands what is quoted here
. "$(dirname "$0")/lib.sh"

# package DIR NAME VERSION CONTENT [FIELD [POSTINST]]: DIR/NAME_VERSION.deb, whose /etc/NAME.conf
# holds the content.  For the guest too.
package() {
    local tree=$1/tree
    rm -rf "$tree"
    mkdir -p "$tree/DEBIAN" "$tree/etc"
    printf 'Package: %s\nVersion: %s\nArchitecture: all\nMaintainer: T <t@example.org>\n' \
        "$2" "$3" >"$tree/DEBIAN/control"
    printf 'Description: test\n%b' "${5:-}" >>"$tree/DEBIAN/control"
    echo "$4" >"$tree/etc/$2.conf"
    echo "/etc/$2.conf" >"$tree/DEBIAN/conffiles"
    printf '#!/bin/sh\n%s\n' "${6:-exit 0}" >"$tree/DEBIAN/postinst"
    chmod 755 "$tree/DEBIAN/postinst"
    dpkg-deb --root-owner-group -b "$tree" "$1/$2_$3.deb" >/dev/null
    rm -rf "$tree"
}
debs=$TEST_TMP/debs
mkdir -p "$debs"
for name in pl-main pl-held pl-bad; do
    package "$debs" $name 1 "$name as it was"
done
package "$debs" pl-main 2 "pl-main as it is" 'Depends: pl-new\n'
package "$debs" pl-new 1 "new" '' 'touch /run/reboot-required "/boot/vmlinuz-99.$(uname -r)"
echo pl-new >/run/reboot-required.pkgs'
package "$debs" pl-held 2 "pl-held as it is"
package "$debs" pl-bad 2 "pl-bad as it is" '' 'exit 1'

# What the image is before any patch, made by its ready command.
server='
[ ! -e /etc/pl-main.conf ] || exit 0
set -e
dir=$(mktemp -d)
for name in pl-main pl-held pl-bad; do
    package "$dir" $name 1 "$name as it was"
done
dpkg -i "$dir"/*.deb
echo "pl-main as the owner wants it" >/etc/pl-main.conf
echo "pl-held hold" | dpkg --set-selections
rm -r "$dir"'
new_state
min_image
disk=$(fact .disk)
# In a form that has one line.
ready="eval \"\$(echo $(printf '%s\n%s' "$(declare -f package)" "$server" | base64 -w 0) | base64 -d)\""
jq -n --arg script "$ready" '{name: "owned", memory: "256MiB", represents: {category: "web"},
    packages: "deb", ready: {command: ["/bin/bash", "-c", $script], timeout: "120s"}}' \
    >"$TEST_TMP/image.yaml"
expect 0 image import "$disk" --spec "$TEST_TMP/image.yaml" --progress none
expect 0 image warm owned --progress none

# --- what a run says -----------------------------------------------------------------------------

# applies STATUS VERDICT PATCH: leaves the run in $TEST_TMP/run.json
applies() {
    expect "$1" validate "$3" --image owned --testcases "$root/testcases/base-health" --json \
        --confirm 0 --until patched --progress none
    same "the verdict" "$2" "$(fact .verdict)"
    cp "$out" "$TEST_TMP/run.json"
}

expect 0 patch add "$debs"/pl-{main,held}_2.deb "$debs/pl-new_1.deb" --undo "$debs/pl-main_1.deb" \
    --name good --json
same "what is lacking" '["pl-held:all","pl-new:all"]' "$(fact .undo.missing)"
applies 3 review good
same "on hold" '[["pl-held","1","2"]]' \
    "$(fact '[.summary.apply.held[] | [.name, .version, .offered]]')"
same "questions" '[["/etc/pl-main.conf","pl-main","kept","/etc/pl-main.conf.dpkg-dist","dpkg"]]' \
    "$(fact '[.summary.apply.conffiles[] | [.path, .package, .did, .other, .asker]]')"
same "broken" '[]' "$(fact .summary.apply.broken)"
same "reasons to reboot before" '[]' "$(fact .summary.apply.reboot_before)"
same "reasons to reboot" true "$(fact '.summary.apply.reboot |
    length == 2 and .[0] == "package '\''pl-new'\'' asks for it" and
    (.[1] | test("^kernel .99[.].* is installed, .* runs$"))')"
same "changed" '["pl-main"]' "$(fact '[.summary.packages.changed[].name]')"
same "added" '["pl-new"]' "$(fact '[.summary.packages.added[].name]')"
id=$(fact .id)
expect 0 run show "$id"
prints "package 'pl-held' is on hold at '1', so '2' was left out"
prints "configuration file '/etc/pl-main.conf' of 'pl-main' was changed here and in its package"
prints "on hold, 2 left out"
expect 0 evidence show "$id" --json
same "records" '["before","after"]' "$(fact '[.[] | select(.kind == "lane.state").body.when]')"

expect 0 patch add "$debs/pl-bad_2.deb"
applies 1 fail pl-bad
same "broken" '[["pl-bad","2","half-configured",false]]' \
    "$(fact '[.summary.apply.broken[] | [.name, .version, .state, .before]]')"

# --- the way back --------------------------------------------------------------------------------

# comes_back PATCH: it is applied, undone, and then this is printed by the guest
comes_back() {
    last="image shell owned --patch $1 --undo"
    status=0
    "$patchlab" image shell owned --patch "$1" --undo >"$out" 2>"$err" <<'GUEST' || status=$?
dpkg-query -W -f '${Package} ${Version} ${db:Status-Abbrev}\n' 'pl-*'
cat /etc/pl-main.conf
ls -d /etc/pl-* /var/lib/patchlab 2>/dev/null
dpkg --audit
GUEST
    says "the patch is undone"
    printf '%s\n' "pl-bad 1 ii " "pl-held 1 hi " "pl-main 1 ii " "pl-main as the owner wants it" \
        /etc/pl-bad.conf /etc/pl-held.conf /etc/pl-main.conf | diff - "$out" >"$TEST_TMP/diff" ||
        fail "not as it was: $(cat "$TEST_TMP/diff")"
}
mkdir -p "$TEST_TMP/replace/undo"
cp "$debs"/pl-{main,bad}_2.deb "$debs/pl-new_1.deb" "$TEST_TMP/replace"
cp "$debs"/pl-{main,bad}_1.deb "$TEST_TMP/replace/undo"
printf '%s\n' 'name: replace' 'version: "2"' 'kind: deb' 'conffiles: replace' \
    'new-packages: [pl-new]' >"$TEST_TMP/replace/patch.yaml"
expect 0 patch add "$TEST_TMP/replace" --json
same "what is lacking" '[]' "$(fact .undo.missing)"
comes_back good
says "skip pl-held (1 is on hold, the patch has 2)"
comes_back replace
says "the patch is not applied: it ended with exit status 100"
says "replaced: /etc/pl-main.conf"

expect 2 image shell owned --undo
says "--undo needs --patch"
run image shell owned --patch pl-bad --undo
same "exit status" 2 "$status"
says "the patch does not bring 'pl-bad 1', so that only restoring the VM takes it back"
no_leftovers
