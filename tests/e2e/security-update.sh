#!/usr/bin/env bash
# timeout: 1500
# shellcheck disable=SC2016  # $(SITE) is apt's
# A security update from the vendor's archive to its proof, with nothing made up: the real suite is
# polled, the updates that the web server's image lacks are fetched, and they are validated with a
# scan before and after.
. "$(dirname "$0")/lib.sh"

keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ -e "$keyring" ] || skip "debian-archive-keyring is not installed"
security=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' \
    'Codename: bookworm-security' 'Component: main' | sed -n 1p)
[ -n "$security" ] || skip "this machine's apt has no mirror of bookworm-security"

new_state
expect 0 image build "$root/images/debian-12-web"
expect 0 image warm debian-12-web

# The source says what the image lacks, as soon as the image is warm: then its packages are known.
expect 0 patch source add security --uri "$security" --suite bookworm-security --keyring "$keyring"
expect 0 patch source poll
prints "openssl"

# What those updates fix, as their changelogs claim.
"$root/tests/lib/fetch-updates.sh" "$TEST_TMP/debs" openssl libssl3 nginx nginx-common
"$root/tests/lib/feed-from-changelogs.sh" "$TEST_TMP/osv.json" "$TEST_TMP/debs"
expect 0 feed add changelogs --kind osv --path "$TEST_TMP/osv.json"
expect 0 feed poll
expect 0 scan debian-12-web --json
before=$(fact '.findings | length')
[ "$before" -gt 0 ] || fail "the image has nothing to be mended"

expect 0 patch fetch security openssl nginx --for debian-12-web --security --name web-security --json
fact '[.changes[].name] | index("nginx") // error' >/dev/null
expect 0 validate web-security --image debian-12-web --testcases "$root/testcases" --until patched \
    --json
same verdict pass "$(fact .verdict)"
same "findings before" "$before" "$(fact '.summary.scan.before')"
same "findings after" 0 "$(fact '.summary.scan.after')"
run_id=$(fact .id)
expect 0 run show "$run_id"
prints "CVE-"
expect 0 scan "$run_id" --json
same "findings of the patched guest" 0 "$(fact '.findings | length')"
expect 0 evidence verify
