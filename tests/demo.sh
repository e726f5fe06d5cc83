#!/usr/bin/env bash
# shellcheck disable=SC2016  # $(SITE) is apt's
# The main job from end to end, on a real virtual machine with real security updates; `make demo`.
#
#   PATCHLAB        the program
#   PATCHLAB_STATE  where to work (default /var/tmp/patchlab-demo-UID, kept for looking around)
set -euo pipefail
cd "$(dirname "$0")/.."

export PATCHLAB_STATE=${PATCHLAB_STATE:-/var/tmp/patchlab-demo-$(id -u)}
patchlab=${PATCHLAB:-build/patchlab}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# Where this machine's own apt gets the security suite from.
mirror() {
    apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Codename: bookworm-security' \
        'Component: main' | sed -n 1p
}

# The commands that a person would type are shown as he would type them.
say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
run() {
    printf '\n$ patchlab %s\n' "$*"
    "$patchlab" "$@"
}
# expect STATUS COMMAND...: that very exit status is what the demo is about.
expect() {
    local want=$1 got=0
    shift
    run "$@" || got=$?
    [ "$got" -eq "$want" ] && return
    echo "demo: 'patchlab $1' ended with exit status $got, expected $want" >&2
    exit 1
}
# last_run: the number of the newest run.
last_run() { "$patchlab" run list --limit 1 --json | sed -n 's/^ *"id": \([0-9]*\),$/\1/p'; }

say "Is this machine ready?"
expect 0 doctor

say "The golden image: a web server as production has it, without any security update since."
expect 0 image build images/debian-12-web

say "Saved once with its memory, its clones start in a second instead of a boot."
expect 0 image warm debian-12-web

say "The security updates that this image lacks, from Debian's archive: signatures verified."
"$patchlab" patch source list | grep -q '^security ' ||
    expect 0 patch source add security --uri "$(mirror)" --suite bookworm-security --keyring "$keyring"
expect 0 patch source poll
expect 0 patch fetch security openssl nginx --for debian-12-web --security --name web-security

say "Does the shop still work with them?"
expect 0 validate web-security --image debian-12-web --testcases testcases --until rebooted
good=$(last_run)

say "Its owner and the gatekeeper approve; then the patch is on the rollout queue."
expect 0 signoff approve "$good" --role owner --as olga@shop --remark "tested in the lab"
expect 0 signoff approve "$good" --role gatekeeper --as gero@release
expect 0 queue list
expect 0 evidence verify "$good"

say "A second patch, shipped in good faith: systemd's sandbox for the application servers."
expect 0 patch add tests/samples/patches/harden-services
expect 1 validate harden-services --image debian-12-web --testcases testcases
bad=$(last_run)

say "Nobody can approve that one onto the queue."
expect 0 signoff approve "$bad" --role owner --as olga@shop
expect 0 evidence show "$bad"

say "Done. Everything is kept in $PATCHLAB_STATE"
echo "look around:  PATCHLAB_STATE=$PATCHLAB_STATE $patchlab run show $good"
echo "remove it:    rm -rf $PATCHLAB_STATE"
