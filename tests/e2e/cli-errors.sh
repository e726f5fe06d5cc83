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

# A testcase that is written, and a person's part of a run.
tc=$TEST_TMP/tc
mkdir -p "$tc"
printf '#!/bin/sh\n' >"$tc/check"
chmod +x "$tc/check"
printf '%s\n' 'name: tc' 'checks: [{name: a, run: check}]' \
    'params: {url: {required: true}, pw: {secret: true}}' >"$tc/testcase.yaml"
expect 0 testcase lint "$tc"
expect 5 testcase new tc --dir "$TEST_TMP"
silent
says "already"
same "what was there" "$(printf 'check\ntestcase.yaml')" "$(ls "$tc")"
for words in 'testcase new ../x' 'testcase new a --dir none/none' 'testcase run none --image none' \
    "testcase run $tc" 'uat x' 'uat 1' 'uat 7 --list' 'uat 7 step' 'uat 7 step maybe --as ann' \
    'uat 7 step pass' 'uat 7 step pass --as ann --shell' 'uat 7 --list --shell' 'uat 7 --remark seen' \
    'run explain x' 'run explain 7' 'run changes 7' 'run acknowledge 7' 'run acknowledge 7 --all' \
    'run acknowledge 7 abcd --all --as ann --remark why' 'scan' 'scan 7 --installed none' \
    'scan --installed none' 'scan --installed /dev/null' 'server import' 'server import none' \
    'server import none --libvirt qemu:///system' 'server facts none' 'server export --format xml' \
    'server facts none --file none' 'server deviations --file none' 'image shell none --undo' \
    'patch add none.rpm' 'patch add /dev/null' 'validate none --image none --until later' \
    'validate none --image none --scanner none'; do
    # shellcheck disable=SC2086
    expect 2 $words
    silent
    says "patchlab: "
done
[ ! -e none ] || fail "expected nothing to be made"

# Values of parameters: before any clone starts.
qemu-img create -q -f qcow2 "$TEST_TMP/disk.qcow2" 1M
expect 0 image import "$TEST_TMP/disk.qcow2" --name blank --category web --packages deb
values() {
    printf '%b' "$2" >"$TEST_TMP/values.yaml"
    expect 2 testcase run "$tc" --image blank --params "$TEST_TMP/values.yaml"
    silent
    says "$1"
}
values "has no value" 'values: {other: b}\n'
values "values.yaml:2: key 'vales'" 'secrets: {}\nvales: {url: b}\n'
values "is a secret: give it below 'secrets'" 'values: {url: b, pw: c}\n'
values "values.yaml:2: secret 'pw': cannot open" 'values: {url: b}\nsecrets: {pw: {file: none}}\n'
values "not valid UTF-8" '\xff\xfe'
expect 2 testcase run "$tc" --image blank --params none
says "the parameters: "
printf 'params: %s\n' "$TEST_TMP/none" >"$PATCHLAB_STATE/config.yaml"
expect 2 testcase run "$tc" --image blank
says "which config.yaml names as 'params', is no directory"
rm "$PATCHLAB_STATE/config.yaml"

# What is cut off or of another kind is no package, and nothing of it stays.
head -c 2000 "$root/tests/fuzz/corpus/rpm/rpmbuild-4.18.rpm" >"$TEST_TMP/cut.rpm"
: >"$TEST_TMP/empty.deb"
mkdir "$TEST_TMP/motd"
echo hello >"$TEST_TMP/motd/motd"
no_patch() {
    local text=$1
    shift
    expect 2 patch add "$@"
    silent
    says "$text"
    expect 0 patch list --json
    same "patches" '[]' "$(fact .)"
}
files_patch() {
    printf 'name: motd\nversion: "1"\nkind: files\n%b' "$2" >"$TEST_TMP/motd/patch.yaml"
    no_patch "$1" "$TEST_TMP/motd"
}
no_patch "truncated" "$TEST_TMP/cut.rpm"
no_patch "not a Debian package" "$TEST_TMP/empty.deb"
no_patch "is no .rpm file" "$TEST_TMP/cut.rpm" "$TEST_TMP/empty.deb"
files_patch "key 'install': required" ''
files_patch "patch.yaml:4: key 'instal'" 'instal: []\n'
files_patch "install[0].to" 'install: [{from: motd, to: etc/motd}]\n'
files_patch "nothing may be put below '/proc'" 'install: [{from: motd, to: /proc/motd}]\n'
files_patch "installs 'none', which is not there" 'install: [{from: none, to: /etc/motd}]\n'
files_patch "octal digits" 'install: [{from: motd, to: /etc/motd, mode: rwx}]\n'
files_patch "only a patch of kind 'deb' has it" 'install: [{from: motd, to: /etc/motd}]\nconffiles: keep\n'

# An inventory that is wrong in its last line is not taken at all.
printf 'name,category\nweb-1,web\nweb-2\n' >"$TEST_TMP/servers.csv"
expect 2 server import "$TEST_TMP/servers.csv"
says "servers.csv:3"
printf '{"web": {"hosts": ["web-1", "we' >"$TEST_TMP/servers.json"
expect 2 server import "$TEST_TMP/servers.json"
says "servers.json:1"
expect 0 server list --json
same "servers" '[]' "$(fact .)"

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
while read -r text key; do
    printf '%b' "$text" >"$config"
    expect 2 patch list
    silent
    says "config.yaml:"
    says "$key"
done <<'END'
gate:\n\x20\x20patchd:\x20fail\n gate.patchd
gate:\n\x20\x20rebooted:\x20maybe\n gate.rebooted
gate:\x20fail\n gate
scan:\n\x20\x20scaner:\x20oscap\n scan.scaner
scan:\n\x20\x20applications:\x200\n scan.applications
observe:\x20maybe\n observe
params:\x20[a]\n params
END
printf '%s\n' 'testcases: [tests]' 'cache: /var/tmp/cache' >"$config"
expect 0 patch list
