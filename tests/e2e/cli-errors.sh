#!/usr/bin/env bash
# What a person gets who types something wrong, or whose state directory is not usable.
. "$(dirname "$0")/lib.sh"

new_state

# refused TEXT ARG...: usage; one message and a hint, nothing that a pipe would take for a result.
refused() {
    local text=$1
    shift
    expect 2 "$@"
    silent
    says "patchlab: "
    says "$text"
    says "  hint: "
}

refused "there is no command 'vaildate'" vaildate
says "did you mean 'patchlab validate'"
refused "there is no command 'image biuld'" image biuld
says "did you mean 'patchlab image build'"
refused "there is no command '-h'" -h
refused "'validate' has no option '--imag'" validate motd --imag x
says "did you mean '--image'"
refused "'image' has no option '--bogus'" image --bogus
refused "'image' does not know what to do with 'list'" image --json list
refused "'patch list' has no option '-x'" patch list -x
refused "'patchlab' has no option '--bogus'" --bogus
refused "'validate' needs PATCH" validate
refused "'patch list' does not know what to do with 'all'" patch list all
refused "'validate' needs the option '--image'" validate motd
refused "'patch add' needs PATH..." patch add
refused "there is no run 7" run show 7
refused "there is no image 'none'" image show none
refused "there is no patch 'none'" patch show none

for words in 'image build none' 'run show x' 'run show 0' 'run show 99999999999999999999' 'run list --limit -1' \
    'queue lease --for 1y' 'queue list --status tired' 'run list --limit' \
    'evidence blob ../../etc/passwd' 'signoff approve 1 --role boss --as ann' 'run list --json=yes' \
    'image import /dev/null' 'image import none --name n --category zoo' 'validate x --progress up' \
    'image import none --name n --vcpus 0' 'run list --debug nonsense'; do
    # shellcheck disable=SC2086  # the words of a command line
    expect 2 $words
    silent
    says "patchlab: "
done

# An empty category is none, not all of them; of two things that are wrong the first is told.
for words in 'server list' 'server deviations' 'server import /dev/null'; do
    # shellcheck disable=SC2086
    expect 2 $words --category ''
    silent
    says "option '--category': it is empty"
    # shellcheck disable=SC2086
    expect 4 $words --category zoo --state /sys/patchlab
    silent
    says "/sys/patchlab"
done

# Help is there for each command, and for each group of commands.
expect 0 --help
sed '/^options of/,$d' "$out" | sed -n 's/^  \([a-z]* *[a-z]*\).*/\1/p' >"$TEST_TMP/commands"
[ "$(wc -l <"$TEST_TMP/commands")" -gt 20 ] || fail "expected the help to list all commands"
while read -r noun verb; do
    # shellcheck disable=SC2086  # "validate" has no verb
    expect 0 $noun $verb --help
    prints "usage: patchlab $noun${verb:+ $verb}"
    expect 0 "$noun" --help
    prints "$noun"
done <"$TEST_TMP/commands"
expect 0 --version
expect 0 completion
bash -n "$out" || fail "expected a completion script that bash can read"

# What was not written was not done.
for words in 'patch list' 'run list --json' '--help' '--version' 'completion'; do
    last="$words >/dev/full"
    status=0
    # shellcheck disable=SC2086
    "$patchlab" $words >/dev/full 2>"$err" || status=$?
    same "exit status" 4 "$status"
    says "cannot write to standard output"
done
# A reader that has seen enough is no error.
"$patchlab" completion | true
same "exit status of a broken pipe" 0 "${PIPESTATUS[0]}"

# State directories that are none.
touch "$TEST_TMP/file"
expect 4 patch list --state "$TEST_TMP/file"
silent
says "$TEST_TMP/file"
says "hint: "
expect 4 patch list --state /sys/patchlab
silent
says "/sys/patchlab"
says "choose another one with --state or \$PATCHLAB_STATE"

# A database of a later patchlab is not touched.
expect 0 patch list
db=$PATCHLAB_STATE/patchlab.db
cp "$db" "$TEST_TMP/good.db"
python3 - "$db" <<'PY'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("PRAGMA user_version = 9999")
PY
before=$(sha256sum <"$db")
expect 5 patch list
silent
says "newer"
same "the newer database" "$before" "$(sha256sum <"$db")"
printf 'this is not a database, whatever its name may say, and it is longer than a header' >"$db"
run patch list
same "exit status of a broken database" 6 "$status"
silent
says "patchlab.db"
mv "$TEST_TMP/good.db" "$db"

# config.yaml: file, line and key.
config=$PATCHLAB_STATE/config.yaml
printf 'lab:\n  accel: tcg\n  acel: kvm\n' >"$config"
expect 2 patch list
silent
says "config.yaml:3"
says "lab.acel"
printf 'lab:\n  accel: fast\n' >"$config"
expect 2 patch list
says "config.yaml:2"
says "lab.accel"
printf 'testcases: yes\n' >"$config"
expect 2 patch list
says "config.yaml:1"
printf 'lab: [\n' >"$config"
expect 2 patch list
says "config.yaml:"
printf '%s\n' 'testcases: [tests]' 'cache: /var/tmp/cache' >"$config"
expect 0 patch list
