#!/usr/bin/env bash
# timeout: 1800
# Somebody who is not root, with the directories that he has by default.
. "$(dirname "$0")/lib.sh"

[ "$(id -u)" -eq 0 ] || skip "not root: the other scripts have shown it"
new_state
min_image
disk=$(fact .disk)

# All that he needs is below his home: a checkout of root's may be closed to him.
home=$(mktemp -d /var/tmp/plXXXXXX)
at_end drop_state "$home"
cp "$patchlab" "$home/patchlab"
cp -R "$root/testcases/base-health" "$samples/patches/motd" \
    "$root/images/debian-12-min/image.yaml" "$home"
chmod 755 "$home"
chown -R nobody: "$home"
cat >"$TEST_TMP/as-nobody" <<END_OF_FILE
#!/bin/sh
cd '$home' && exec setpriv --reuid=nobody --regid="$(id -g nobody)" --clear-groups \\
    env -i HOME='$home' PATH="\$PATH" LC_ALL=C.UTF-8 '$home/patchlab' "\$@"
END_OF_FILE
chmod 755 "$TEST_TMP/as-nobody"
patchlab=$TEST_TMP/as-nobody
PATCHLAB_STATE=$home/.local/state/patchlab

expect 0 doctor
prints "state in $home/.local/state/patchlab"
prints "QEMU runs as the user who runs patchlab"
expect 0 image import "$disk" --spec image.yaml --progress none
expect 0 patch add motd
expect 0 validate motd --image debian-12-min --testcases base-health --until rebooted --json
same "the verdict" pass "$(fact .verdict)"
no_leftovers
expect 0 evidence verify
same "files of another owner" "" "$(find "$home" ! -user nobody)"
[ -z "$(find "$PATCHLAB_STATE" -perm /022 ! -type l)" ] || fail "expected nothing that others may write"

# What root keeps for himself stays closed.
expect 4 run list --state "$(dirname "$(dirname "$disk")")"
silent
