# shellcheck shell=bash
# A small signed APT repository, and a server for it that can misbehave; sourced after lib.sh.
#
#   make_key NAME                 a key; its public half is $TEST_TMP/NAME.gpg
#   make_deb NAME VERSION [LINE]  a package in the pool; LINE: "Depends: x (>= 1)"
#   publish [KEY [DATE [UNTIL]]]  indexes and a signed release (times as date(1) reads them)
#   serve [CERTIFICATE]           the server: $url; its faults: fault LINE..., no_faults
#   asked                         how many requests there were since the last `forget`
# shellcheck disable=SC2154  # lib.sh

for tool in gpg dpkg-scanpackages dpkg-deb python3 xz; do
    command -v "$tool" >/dev/null || skip "'$tool' is not installed"
done

repo=$TEST_TMP/repo
suite=stable-security label=Test-Security
faults=$TEST_TMP/faults
log=$TEST_TMP/requests
export GNUPGHOME=$TEST_TMP/gnupg
mkdir -p "$repo/pool"
mkdir -m 700 "$GNUPGHOME"
: >"$log"
at_end gpgconf --kill all

make_key() {
    gpg -q --batch --passphrase '' --quick-gen-key "$1@test" ed25519 2>/dev/null || fail "gpg"
    gpg -q --export "$1@test" >"$TEST_TMP/$1.gpg"
}

fingerprint() { gpg --with-colons --list-keys "$1@test" | awk -F: '$1 == "fpr" { print $10; exit }'; }

make_deb() {
    local dir=$TEST_TMP/deb
    rm -rf "$dir"
    mkdir -p "$dir/DEBIAN" "$dir/usr/share/doc/$1"
    # Does not compress well, so that a download can be torn.
    head -c 40000 /dev/urandom >"$dir/usr/share/doc/$1/data"
    printf 'Package: %s\nVersion: %s\nArchitecture: amd64\nMaintainer: x <x@test>\n' "$1" "$2" \
        >"$dir/DEBIAN/control"
    [ $# -lt 3 ] || echo "$3" >>"$dir/DEBIAN/control"
    printf 'Description: test\n' >>"$dir/DEBIAN/control"
    dpkg-deb --root-owner-group -Zxz --build "$dir" "$repo/pool/$1_$2_amd64.deb" >/dev/null ||
         fail "dpkg-deb"
}

# One line of the release for each index, and its copy by hash.
list_index() {
    local hash
    hash=$(sha256sum <"$1" | cut -d' ' -f1)
    mkdir -p "${1%/*}/by-hash/SHA256"
    cp "$1" "${1%/*}/by-hash/SHA256/$hash"
    printf ' %s %s %s\n' "$hash" "$(stat -c %s "$1")" "${1#"$repo/dists/$suite/"}"
}

rfc_date() { LC_ALL=C date -u -d "$1" '+%a, %d %b %Y %H:%M:%S UTC'; }

publish() {
    local dists=$repo/dists/$suite index=$repo/dists/$suite/main/binary-amd64/Packages
    mkdir -p "${index%/*}"
    (cd "$repo" && dpkg-scanpackages --multiversion pool 2>/dev/null) >"$index" || fail "scan"
    xz -k -f "$index"
    {
        printf 'Origin: Test\nLabel: %s\nSuite: %s\nCodename: %s\n' "$label" "$suite" "$suite"
        echo "Date: $(rfc_date "${2:-now}")"
        echo "Valid-Until: $(rfc_date "${3:-now + 7 days}")"
        printf 'Acquire-By-Hash: yes\nArchitectures: amd64\nComponents: main\nSHA256:\n'
        list_index "$index"
        list_index "$index.xz"
    } >"$dists/Release"
    rm -f "$dists/InRelease"
    gpg -q --batch -u "${1:-ann}@test" --clearsign -o "$dists/InRelease" "$dists/Release" ||
        fail "gpg --clearsign"
}

# shellcheck disable=SC2120  # its argument may be left out
serve() {
    local port=$TEST_TMP/port
    rm -f "$port"
    python3 "$root/tests/e2e/repo_server.py" "$repo" "$faults" "$log" "$port" "$@" &
    at_end kill "$!"
    within 20 test -s "$port" || fail "the server does not start"
    # shellcheck disable=SC2034  # for the scripts
    url=http${1:+s}://127.0.0.1:$(cat "$port")
}

fault() { printf '%s\n' "$@" >"$faults"; }
no_faults() { rm -f "$faults"; }
forget() { : >"$log"; }
asked() { wc -l <"$log"; }
