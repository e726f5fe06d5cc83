#!/usr/bin/env bash
# timeout: 120
# A patch source over TLS: only a server whose certificate holds, and credentials only from a
# private file; a poll that is interrupted or killed goes on afterwards.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/repo.sh"
command -v openssl >/dev/null || skip "'openssl' is not installed"

new_state
config=$PATCHLAB_STATE/config.yaml
openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 \
    -days 2 -keyout "$TEST_TMP/key.pem" -out "$TEST_TMP/ca.pem" 2>/dev/null || fail "openssl"
cat "$TEST_TMP/key.pem" "$TEST_TMP/ca.pem" >"$TEST_TMP/server.pem"
make_key ann
make_deb curl 7.1
publish ann now
serve "$TEST_TMP/server.pem"
expect 0 patch source add sec --uri "$url" --suite "$suite" --keyring "$TEST_TMP/ann.gpg"

echo 'http: {attempts: 1, stall: 20s}' >"$config"
expect 5 patch source poll
says "certificate"
echo "http: {attempts: 1, stall: 20s, ca: $TEST_TMP/ca.pem, netrc: $TEST_TMP/netrc}" >"$config"
expect 2 patch source poll
says "there is no netrc file"
expect 0 patch source list
echo 'machine 127.0.0.1 login ann password geheim' >"$TEST_TMP/netrc"
chmod 644 "$TEST_TMP/netrc"
expect 5 patch source poll
says "others may read the credentials"
says "hint: chmod 600"
chmod 600 "$TEST_TMP/netrc"

# --- interrupted, killed -------------------------------------------------------------------------

torn() { [ "$(stat -c %s "$PATCHLAB_STATE"/sources/sec/*.part 2>/dev/null)" = 300 ]; }
fault "by-hash stall 300"
start patch source poll
within 10 torn || fail "the download did not begin"
expect 5 patch source poll
says "another process works with patch source 'sec'"
kill -TERM "$pid"
ended 5
same "exit status" 4 "$status"
start patch source poll --debug all
within 10 torn || fail "the download was not kept"
sleep 0.5
kill -KILL "$pid"
ended 5
! grep -rq geheim "$err" "$out" || fail "the password is printed"
no_faults
forget
expect 0 patch source poll
prints "sec: new release"
grep -q '^206 .*by-hash.* bytes=300-$' "$log" || fail "the torn download did not go on: $(cat "$log")"
! grep -rq geheim "$PATCHLAB_STATE" || fail "the password is kept"
