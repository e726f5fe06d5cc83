#!/usr/bin/env bash
# `make install` puts a program there that works, and `make uninstall` takes all of it away.
. "$(dirname "$0")/lib.sh"

new_state
dest=$TEST_TMP/dest

# Another PREFIX would compile all anew.
make_() {
    make -s -C "$root" "$@" DESTDIR="$dest" >"$out" 2>"$err" || fail "make $*"
}
make_ install
for file in bin/patchlab share/patchlab/images/debian-12-min/build.sh \
    share/patchlab/testcases/base-health/testcase.yaml; do
    [ -f "$dest/usr/local/$file" ] || fail "expected the file $file to be installed"
done
[ -z "$(find "$dest" -perm /022 ! -type l)" ] || fail "expected nothing that others may write"

patchlab=$dest/usr/local/bin/patchlab
expect 0 --version
prints patchlab
expect 0 testcase lint "$dest"/usr/local/share/patchlab/testcases/*/
expect 0 patch list

make_ uninstall
same "what is left" "" "$(find "$dest" ! -type d)"
