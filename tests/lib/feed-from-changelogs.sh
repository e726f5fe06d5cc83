#!/usr/bin/env bash
# shellcheck disable=SC2016  # $(FILENAME) is apt's
# Writes OSV records of what the changelogs of packages say: each CVE that an entry names which is
# newer than the version in Debian's main archive, as fixed in the version of that entry.
#
# A small, real feed for tests that have no other: only what was fixed is in it, and it is what a
# changelog claims. The version in the main archive comes from this machine's apt.
# usage: feed-from-changelogs.sh FILE.json DIR-WITH-DEBS [PACKAGE=VERSION]...
set -euo pipefail

[ $# -ge 2 ] || {
    echo "usage: feed-from-changelogs.sh FILE.json DIR-WITH-DEBS [PACKAGE=VERSION]..." >&2
    exit 2
}
out=$1 debs=$2
shift 2
suite=bookworm ecosystem=Debian:12
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# "name version" of all packages of the main archive, once.
main_versions() {
    local index
    while IFS= read -r index; do
        /usr/lib/apt/apt-helper cat-file "$index" |
            awk '/^Package: / { name = $2 } /^Version: / { print name, $2 }'
    done < <(apt-get indextargets --format '$(FILENAME)' 'Created-By: Packages' \
        "Codename: $suite" 'Component: main')
}

# base_of PACKAGE [PACKAGE=VERSION]...: its version in the main archive, or what was given.
base_of() {
    local package=$1 given
    shift
    for given; do
        [ "${given%%=*}" != "$package" ] || { echo "${given#*=}"; return; }
    done
    [ -e "$work/main" ] || main_versions >"$work/main"
    awk -v name="$package" '$1 == name { print $2; exit }' "$work/main"
}

# claims BASE <changelog: "CVE VERSION" for the entries above BASE, the oldest of each CVE
claims() {
    local base=$1 line version='' word
    declare -A fixed=()
    while IFS= read -r line; do
        if [[ $line =~ ^[a-z0-9][a-z0-9+.-]*\ \(([^\)]+)\) ]]; then
            version=${BASH_REMATCH[1]}
            dpkg --compare-versions "$version" gt "$base" || break
        fi
        while [[ $line =~ CVE-[0-9]{4}-[0-9]{4,} ]]; do
            word=${BASH_REMATCH[0]}
            fixed[$word]=$version
            line=${line#*"$word"}
        done
    done
    for word in "${!fixed[@]}"; do
        echo "$word ${fixed[$word]}"
    done | sort
}

record() { # record CVE SOURCE VERSION DATE
    printf '{"id":"DEBIAN-%s","modified":"%s","upstream":["%s"],"affected":[{"package":' \
        "$1" "$4" "$1"
    printf '{"ecosystem":"%s","name":"%s"},"ranges":[{"type":"ECOSYSTEM","events":' \
        "$ecosystem" "$2"
    printf '[{"introduced":"0"},{"fixed":"%s"}]}]}]}' "$3"
}

# Documents of several binary packages may be one, so the first that is there counts.
: >"$work/records"
declare -A seen=()
for deb in "$debs"/*.deb; do
    package=$(dpkg-deb --field "$deb" Package)
    source=$(dpkg-deb --field "$deb" Source)
    source=${source%% *}
    source=${source:-$package}
    [ -z "${seen[$source]:-}" ] || continue
    dpkg-deb --fsys-tarfile "$deb" |
        tar -xOf - "./usr/share/doc/$package/changelog.Debian.gz" 2>/dev/null |
        gunzip >"$work/changelog" 2>/dev/null || continue
    [ -s "$work/changelog" ] || continue
    base=$(base_of "$package" "$@")
    [ -n "$base" ] || continue
    seen[$source]=1
    # When the newest entry was written: the same packages give the same records.
    date=$(date -u -d "$(sed -n 's/^ -- .*>  //p;' "$work/changelog" | sed -n 1p)" +%FT%TZ)
    while read -r cve version; do
        record "$cve" "$source" "$version" "$date" >>"$work/records"
        echo >>"$work/records"
    done < <(claims "$base" <"$work/changelog")
done
if [ ! -s "$work/records" ]; then
    echo "feed-from-changelogs: no changelog names a CVE that is fixed there and not in $suite" >&2
    exit 1
fi
{
    echo '['
    sed '$!s/$/,/' "$work/records"
    echo ']'
} >"$out"
echo "feed-from-changelogs: $(wc -l <"$work/records") records of ${!seen[*]}" >&2
