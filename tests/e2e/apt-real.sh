#!/usr/bin/env bash
# timeout: 600
# shellcheck disable=SC2016  # $(SITE) is apt's
# Debian's real archive, from the mirror that this machine's apt uses: polled, verified, and the
# updates of an old installation fetched as one patch.
. "$(dirname "$0")/lib.sh"

keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ -e "$keyring" ] || skip "debian-archive-keyring is not installed"
site() {
    apt-get indextargets --format '$(SITE)' 'Created-By: Packages' "Codename: $1" 'Component: main' |
        sed -n 1p
}
security=$(site bookworm-security) main=$(site bookworm)
if [ -z "$security" ] || [ -z "$main" ]; then
    skip "this machine's apt has no mirror of bookworm and its security suite"
fi

new_state
expect 0 patch source add sec --uri "$security" --suite bookworm-security --keyring "$keyring"
expect 0 patch source add main --uri "$main" --suite bookworm --keyring "$keyring" \
    --fingerprint '4D64 FEC1 19C2 0290 67D6  E791 F8D2 585B 8783 D481'
run patch source poll
if [ "$status" -ne 0 ] && grep -qE "cannot download|did not arrive|was silent" "$err"; then
    skip "the mirror cannot be reached"
fi
same "exit status" 0 "$status"
prints "sec: new release"
prints "main: new release"
expect 0 patch source list --json
[ "$(fact '.[] | select(.name == "main") | .release.packages')" -gt 50000 ] || fail "too few packages"

# What Debian 12.2 had of openssl, with packages that provide what others need.
printf '%s\t%s\n' openssl 3.0.11-1~deb12u1 libssl3:amd64 3.0.11-1~deb12u1 libc6:amd64 2.36-9+deb12u3 \
    >"$TEST_TMP/old.list"
expect 0 patch fetch sec openssl --installed "$TEST_TMP/old.list" --security --json
same name openssl "$(fact .patch.name)"
same packages '["libssl3","openssl"]' "$(fact '[.changes[].name] | sort')"
same kind deb "$(fact .patch.kind)"
# What nobody has any more is told; what the point release has comes along, to take the patch back.
same "what is not to be had" '["libssl3 3.0.11-1~deb12u1","openssl 3.0.11-1~deb12u1"]' \
    "$(fact '[.undo_missing[] | .name + " " + .version] | sort')"
expect 0 patch fetch main openssl libssl3 --json
fact '.patch.packages[] | [.name + (if .name == "libssl3" then ":amd64" else "" end), .version] | @tsv' |
    sed 's/^"//; s/"$//; s/\\t/\t/' >"$TEST_TMP/release.list"
printf '%s\t%s\n' libc6:amd64 2.36-9+deb12u3 >>"$TEST_TMP/release.list"
expect 0 patch fetch sec openssl --installed "$TEST_TMP/release.list" --json
if [ "$(fact .patch)" != null ]; then
    same "what is not to be had" '[]' "$(fact .undo_missing)"
    same "what takes it back" "$(fact '[.changes[] | [.name, .from]] | sort')" \
        "$(fact '[.patch.undo.packages[] | [.name, .version]] | sort')"
fi
# What it needs beyond the security suite is refused, and found in the main one.
expect 5 patch fetch sec nginx --installed "$TEST_TMP/old.list"
says "apt refuses: nginx : "
expect 0 patch fetch sec nginx --installed "$TEST_TMP/old.list" --with main --json
fact '[.changes[].name] | index("nginx-common") // error' >/dev/null
expect 0 patch source poll sec
prints "sec: "
