#!/usr/bin/env bash
# timeout: 240
# An APT repository as a patch source: what is good is believed, what is not leaves no trace, and
# what was cut off goes on.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/repo.sh"

new_state
printf 'http: {attempts: 1, stall: 1s, timeout: 10s}\n' >"$PATCHLAB_STATE/config.yaml"
make_key ann
make_key bob
make_deb openssl 3.0.11 "Depends: libssl3 (>= 3.0.11)"
make_deb libssl3 3.0.11
make_deb curl 7.1
publish ann 'now - 2 hours'
# shellcheck disable=SC2119  # without a certificate
serve
unset http_proxy

added() {
    expect 0 patch source add "$1" --uri "$url" --suite "$suite" --keyring "$TEST_TMP/${2:-ann}.gpg" "${@:3}"
}
count() { "$patchlab" patch source list --json | jq ".[] | select(.name == \"${1:-sec}\") | .release.packages"; }
# refused STATUS TEXT: the poll fails so, and the source still knows what it knew.
refused() {
    local before
    before=$("$patchlab" patch source list --json)
    expect "$1" patch source poll sec --progress none
    silent
    says "$2"
    same "what the source knows" "$before" "$("$patchlab" patch source list --json)"
}

# --- adding --------------------------------------------------------------------------------------

added sec
expect 5 patch source add sec --uri "$url" --suite x --keyring "$TEST_TMP/ann.gpg"
says "there is a patch source 'sec' already"
expect 2 patch source add two --uri http://ann:geheim@x/ --suite x --keyring "$TEST_TMP/ann.gpg"
says "the uri holds a user or a password"
! grep -q geheim "$err" || fail "a password is printed"
expect 2 patch source add two --uri gopher://x/ --suite x --keyring "$TEST_TMP/ann.gpg"
says "expected http://, https:// or file:///"
expect 2 patch source add two --uri "$url" --suite ../x --keyring "$TEST_TMP/ann.gpg"
expect 2 patch source add two --uri "$url" --suite x --keyring "$TEST_TMP/none.gpg"
expect 2 patch source add two --uri "$url" --suite x --keyring "$TEST_TMP/ann.gpg" --fingerprint 12
expect 2 patch source poll two
says "there is no patch source 'two'"
expect 5 patch fetch sec curl
says "was never polled"

# --- polling -------------------------------------------------------------------------------------

expect 0 patch source poll sec
prints "sec: new release"
prints "signed by $(fingerprint ann)"
same packages 3 "$(count)"
grep -q by-hash "$log" || fail "the index was not asked for by hash"
forget
expect 0 patch source poll sec --json
same changed false "$(fact '.[0].changed')"
same requests "304 /dists/$suite/InRelease -" "$(cat "$log")"

# --- what must not be believed -------------------------------------------------------------------

index=$repo/dists/$suite/main/binary-amd64/Packages.xz
inrelease=$repo/dists/$suite/InRelease
cp -R "$repo/dists" "$TEST_TMP/old"
make_deb openssl 3.0.12 "Depends: libssl3 (>= 3.0.12)"
make_deb libssl3 3.0.12

publish ann now
sed -i 's/^Label: Test/Label: Best/' "$inrelease"
refused 5 "a signature is bad"
publish bob now
refused 5 "(unknown key)"
publish ann now
{ cat "$inrelease"; echo "Suite: x"; } >"$inrelease.new" && mv "$inrelease.new" "$inrelease"
refused 2 "not one clear-signed text"
publish ann 'now - 8 days' 'now - 1 day'
refused 5 "older than the one seen before"
publish ann 'now + 1 hour'
refused 5 "lies in the future"
publish ann now 'now - 1 minute'
refused 5 "it expired at"
# As good as it ever was, but not what one has seen since.
publish ann 'now - 1 minute'
cp -R "$repo/dists" "$TEST_TMP/newer"
rm -rf "$repo/dists"
cp -R "$TEST_TMP/old" "$repo/dists"
suite_saved=$suite suite=other
publish ann now
rm -rf "$repo/dists/$suite_saved"
mv "$repo/dists/other" "$repo/dists/$suite_saved"
suite=$suite_saved
refused 5 "release of suite 'other'"

publish ann now
hash=$(sha256sum <"$index" | cut -d' ' -f1)
for file in "$index" "${index%/*}/by-hash/SHA256/$hash"; do
    printf x | dd of="$file" bs=1 seek=100 conv=notrunc status=none
done
refused 2 "is not what the signed release lists"
publish ann now

# --- servers that are ill ------------------------------------------------------------------------

fault "InRelease 404" "Release 404"
refused 2 "is not there (404)"
fault "InRelease endless"
refused 2 "more bytes than the"
fault "InRelease stall 10"
refused 4 "the server was silent"
fault "Packages 404" "by-hash 404"
refused 2 "is not there (404)"
fault "by-hash cut 200"
refused 4 "cannot download"
fault "by-hash stall 300"
refused 4 "the server was silent"
fault "by-hash endless"
refused 2 "more bytes than the"
fault "by-hash cut 200"
refused 4 "cannot download"
no_faults
forget
expect 0 patch source poll sec
prints "sec: new release"
same packages 5 "$(count)"
grep -q '^206 .*by-hash.* bytes=200-$' "$log" || fail "the torn download did not go on: $(cat "$log")"
# Now the older one is a replay.
cp -R "$repo/dists" "$TEST_TMP/newest"
rm -rf "$repo/dists"
cp -R "$TEST_TMP/newer" "$repo/dists"
refused 5 "older than the one seen before"
rm -rf "$repo/dists"
cp -R "$TEST_TMP/newest" "$repo/dists"

# --- other ways to be signed and found -----------------------------------------------------------

added picky ann --fingerprint "$(fingerprint bob)"
expect 5 patch source poll picky
says "(not accepted)"
added local ann --fingerprint "$(fingerprint ann)"
fault "by-hash 404"
expect 0 patch source poll local
no_faults
gpg -q --batch -u ann@test -b -o "$repo/dists/$suite/Release.gpg" "$repo/dists/$suite/Release"
mv "$inrelease" "$TEST_TMP/InRelease"
added detached
expect 0 patch source poll detached
same packages 5 "$(count detached)"
mv "$TEST_TMP/InRelease" "$inrelease"
expect 0 patch source add disk --uri "file://$repo" --suite "$suite" --keyring "$TEST_TMP/ann.gpg"
expect 0 patch source poll disk
same packages 5 "$(count disk)"
expect 0 patch source rm disk
expect 2 patch source poll disk
[ ! -e "$PATCHLAB_STATE/sources/disk" ] || fail "the files of a removed source are there"

# --- fetching ------------------------------------------------------------------------------------

printf 'openssl\t3.0.11\nlibssl3:amd64\t3.0.11\ncurl\t7.1\n' >"$TEST_TMP/web.list"
patches() { "$patchlab" patch list --json | jq length; }
no_patch() {
    expect "$1" patch fetch sec --installed "$TEST_TMP/web.list" --progress none
    silent
    says "$2"
    same patches 0 "$(patches)"
}

fault "libssl3_3.0.12 404"
no_patch 2 "is not there (404)"
fault "libssl3_3.0.12 endless"
no_patch 2 "more bytes than the"
deb=$repo/pool/libssl3_3.0.12_amd64.deb
cp "$deb" "$TEST_TMP/good.deb"
printf x | dd of="$deb" bs=1 seek=9000 conv=notrunc status=none
no_faults
no_patch 2 "is not what the signed release lists"
cp "$TEST_TMP/good.deb" "$deb"
fault "libssl3_3.0.12 cut 9000"
no_patch 4 "cannot download"
no_faults
forget
expect 0 patch fetch sec --installed "$TEST_TMP/web.list" --security --name tls --json
same new true "$(fact .new)"
same files '["libssl3_3.0.12_amd64.deb","openssl_3.0.12_amd64.deb","patch.yaml"]' \
    "$(fact '[.patch.files[].path | select(startswith("undo/") | not)] | sort')"
same "what takes it back" '["undo/libssl3_3.0.11_amd64.deb","undo/openssl_3.0.11_amd64.deb"]' \
    "$(fact '[.patch.undo.packages[].file] | sort')"
same from '["3.0.11","3.0.11"]' "$(fact '[.changes[].from]')"
grep -q '^206 .*libssl3_3.0.12.* bytes=9000-$' "$log" || fail "the torn package did not go on: $(cat "$log")"
expect 0 patch fetch sec --installed "$TEST_TMP/web.list" --name tls --json
same new false "$(fact .new)"
same patches 1 "$(patches)"
# A name without a system: just that, the newest.
expect 0 patch fetch sec openssl --json
same name openssl "$(fact .patch.name)"
same version 3.0.12 "$(fact .patch.version)"
expect 2 patch fetch sec none
says "has no package 'none'"
printf 'openssl\t3.0.12\nlibssl3:amd64\t3.0.12\ncurl\t7.1\n' >"$TEST_TMP/new.list"
expect 0 patch fetch sec --installed "$TEST_TMP/new.list" --json
same patch null "$(fact .patch)"

# --- what does not fit together ------------------------------------------------------------------

make_deb shop 2 "Depends: libnone (>= 5)"
publish ann now
expect 0 patch source poll sec
printf 'shop\t1\n' >"$TEST_TMP/shop.list"
expect 5 patch fetch sec shop --installed "$TEST_TMP/shop.list"
says "apt refuses: shop : Depends: libnone (>= 5) but it is not installable"
expect 0 patch fetch sec --installed "$TEST_TMP/shop.list" --json
same "kept back" '["shop"]' "$(fact .kept_back)"
# Another source has it; what it depends on comes along.
mkdir "$TEST_TMP/more"
mv "$repo/pool" "$TEST_TMP/pool"
mkdir "$repo/pool"
make_deb libnone 6
suite=stable label=Test
publish ann now
added base ann
expect 0 patch source poll base
cp -R "$TEST_TMP/pool/." "$repo/pool/"
expect 0 patch fetch sec shop --installed "$TEST_TMP/shop.list" --with base --json
same packages '["libnone","shop"]' "$(fact '[.changes[].name] | sort')"
expect 2 patch fetch base --installed "$TEST_TMP/shop.list" --security
says "is no security archive"
