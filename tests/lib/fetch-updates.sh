#!/usr/bin/env bash
# shellcheck disable=SC2016  # $(SITE) is apt's
# Fetches packages as bookworm-security has them now, verified by apt, from the mirror that this
# machine's apt is set to use. Nothing of the machine's own apt is changed.
# usage: fetch-updates.sh DIR PACKAGE...
set -euo pipefail

[ $# -ge 2 ] || {
    echo "usage: fetch-updates.sh DIR PACKAGE..." >&2
    exit 2
}
out=$1
shift
suite=bookworm-security
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' "Codename: $suite" \
    'Component: main' | sed -n 1p)
if [ -z "$mirror" ]; then
    echo "fetch-updates: this machine's apt has no '$suite main'; add it to /etc/apt/sources.list" >&2
    exit 2
fi

private=$(mktemp -d)
trap 'rm -rf "$private"' EXIT
mkdir -p "$out" "$private"/{state/lists/partial,cache/archives/partial}
: >"$private/status"
echo "deb [signed-by=$keyring] $mirror $suite main" >"$private/sources.list"
apt=(apt-get -qq
     -o Dir::Etc::SourceList="$private/sources.list" -o Dir::Etc::SourceParts=/dev/null
     -o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null
     -o Dir::State="$private/state" -o Dir::State::status="$private/status"
     -o Dir::Cache="$private/cache" -o APT::Architecture=amd64 -o APT::Sandbox::User=root)
"${apt[@]}" update
cd "$out"
"${apt[@]}" download "$@"
