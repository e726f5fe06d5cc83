#!/usr/bin/env bash
# timeout: 300
# Patches that are broken or mean harm: each is refused in words, and leaves not one file behind.
. "$(dirname "$0")/lib.sh"

new_state
cd "$TEST_TMP" || exit 1

# A good patch is in, so that there is something which must not change.
expect 0 patch add "$samples/patches/motd"
expect 0 patch list --json
cp "$out" before.json

# The files of the state, and what is in them but for the database, which has pages of its own.
listing() { find "$PATCHLAB_STATE" ! -name 'patchlab.db*' -printf '%y %m %s %p\n' | sort; }
listing >before.files
unchanged() {
    listing >now.files
    cmp -s before.files now.files || fail "files have changed: $(diff before.files now.files)"
}

# refused TEXT ARG...: patch add ARG...
refused() {
    local text=$1 began=$SECONDS
    shift
    expect 2 patch add "$@"
    silent
    says "patchlab: "
    says "$text"
    ! LC_ALL=C grep -qP '[^\x20-\x7e\n]' "$err" || fail "expected a message of plain text"
    [ $((SECONDS - began)) -le 20 ] || fail "expected the refusal within 20 s"
    "$patchlab" patch list --json | cmp -s - before.json || fail "expected the list as before"
    unchanged
}

# archive NAME PYTHON: t is an open tarfile, add(name, bytes) adds a file, entry(name) makes one.
archive() {
    python3 - "$1" "$2" <<'PY'
import io, sys, tarfile
name = sys.argv[1]
kind = name.rsplit(".", 1)[1]
t = tarfile.open(name, "w:" + ("" if kind == "tar" else kind))
def entry(name, **more):
    e = tarfile.TarInfo(name)
    for key, value in more.items():
        setattr(e, key, value)
    return e
def add(name, data=b"#!/bin/sh\n", mode=0o755):
    t.addfile(entry(name, size=len(data), mode=mode), io.BytesIO(data))
def motd():
    t.add(MOTD, ".")
MOTD = "motd"
exec(sys.argv[2])
t.close()
PY
}
cp -R "$samples/patches/motd" motd

# The way of packing is not what is refused below.
archive good.tar.gz 'motd()'
expect 0 patch add good.tar.gz --json
same "the packed patch" false "$(fact .new)"
unchanged

# --- archives ------------------------------------------------------------------------------------

archive up.tar 'motd(); add("../escaped")'
refused "'../escaped'" up.tar
archive deep.tar 'motd(); add("a/b/../../../escaped")'
refused "'a/b/../../../escaped'" deep.tar
archive absolute.tar 'motd(); add("/tmp/patchlab-escaped")'
refused "'/tmp/patchlab-escaped'" absolute.tar
archive symlink.tar 'motd(); t.addfile(entry("link", type=tarfile.SYMTYPE, linkname="/etc/passwd"))'
refused "'link'" symlink.tar
archive through.tar 'motd(); t.addfile(entry("d", type=tarfile.SYMTYPE, linkname="..")); add("d/escaped")'
refused "'d'" through.tar
archive hardlink.tar 'motd(); t.addfile(entry("link", type=tarfile.LNKTYPE, linkname="/etc/passwd"))'
refused "'link'" hardlink.tar
archive device.tar 'motd(); t.addfile(entry("null", type=tarfile.CHRTYPE, devmajor=1, devminor=3))'
refused "'null'" device.tar
archive fifo.tar 'motd(); t.addfile(entry("fifo", type=tarfile.FIFOTYPE))'
refused "'fifo'" fifo.tar
archive twice.tar 'motd(); add("apply.sh", b"other")'
refused "apply.sh" twice.tar
archive escape.tar 'motd(); add("\x1b[2J\x1b]0;owned\x07.sh")'
refused "[2J" escape.tar
archive empty.tar 'pass'
refused "empty.tar" empty.tar
: >nothing.tar.gz
refused "nothing.tar.gz" nothing.tar.gz
archive many.tar.gz 'motd()
for i in range(20500): add("f%d" % i, b"")'
refused "more than 20000 entries" many.tar.gz

archive full.tar.gz 'motd(); import random; add("big", random.Random(1).randbytes(200000))'
for size in 10 100 50000 $(($(stat -c %s full.tar.gz) - 6)); do
    head -c "$size" full.tar.gz >truncated.tar.gz
    refused "truncated.tar.gz" truncated.tar.gz
done
head -c 300000 /dev/zero | tr '\0' 'x' >rubbish.tar.gz
refused "rubbish.tar.gz" rubbish.tar.gz

# 10 GiB of zeros: in xz, 1.5 MiB; packed twice, 10 KiB.
archive bomb.tar.xz 'motd()
class Zeros:
    def read(self, n): return bytes(n)
t.addfile(entry("zeros", size=1 << 30), Zeros())'
refused "bomb.tar.xz" bomb.tar.xz
python3 - <<'PY'
# A gzip member of 10 MiB of zeros, again and again, behind the head of a tar file of 10 GiB.
import gzip, tarfile
e = tarfile.TarInfo("zeros")
e.size = 10 << 30
block = gzip.compress(bytes(10 << 20))
with open("bomb.tar.gz", "wb") as f:
    f.write(gzip.compress(e.tobuf(tarfile.GNU_FORMAT)))
    f.write(block * 1024)
with open("bomb2.tar.gz", "wb") as f:
    f.write(gzip.compress(open("bomb.tar.gz", "rb").read()))
PY
refused "bomb.tar.gz" bomb.tar.gz
refused "bomb2.tar.gz" bomb2.tar.gz

# --- directories ---------------------------------------------------------------------------------

# patch NAME: a copy of the good one, to be spoilt.
patch() { rm -rf "$1" && cp -R "$samples/patches/motd" "$1"; }

patch changed
echo 'rm -rf /' >>changed/apply.sh
refused "apply.sh" changed
patch missing
rm missing/undo.sh
refused "undo.sh" missing
patch more
echo x >more/unlisted
refused "unlisted" more
patch link
ln -s /etc/passwd link/passwd
refused "passwd" link
patch device
mkfifo device/fifo
refused "fifo" device
patch key
echo 'titel: wrong' >>key/patch.yaml
refused "key 'titel'" key
says "key/patch.yaml:17"
patch kind
sed -i 's/^kind: .*/kind: magic/' kind/patch.yaml
refused "magic" kind
patch type
sed -i 's/^timeout: .*/timeout: [soon]/' type/patch.yaml
refused "timeout" type
says "type/patch.yaml:10"
patch path
sed -i 's#path: undo.sh#path: ../undo.sh#' path/patch.yaml
refused "../undo.sh" path
patch double
sed -i '$a version: "2"' double/patch.yaml
refused "version" double
patch yaml
printf 'name: [\n' >yaml/patch.yaml
refused "yaml/patch.yaml" yaml
patch alias
printf 'name: &a motd\ntitle: *a\n' >alias/patch.yaml
refused "alias/patch.yaml" alias
patch huge
head -c 20000000 /dev/zero | tr '\0' '#' >huge/patch.yaml
refused "huge/patch.yaml" huge
patch none
rm none/patch.yaml
refused "patch.yaml" none
mkdir void
refused "void" void

# --- other things --------------------------------------------------------------------------------

refused "absent" absent
refused "/dev/zero" /dev/zero
echo 'no package' >fake.deb
refused "fake.deb" fake.deb
printf '!<arch>\ndebian-binary   0           0     0     100644  4         `\n2.0\n' >short.deb
refused "short.deb" short.deb
refused "motd" motd "$samples/patches/panic"
refused "is no name for a patch" motd --name '../../etc'

# --- testcases -----------------------------------------------------------------------------------

# lint TEXT DIR
lint() {
    expect 2 testcase lint "$2"
    prints "$1"
    expect 2 testcase lint --json "$2" "$root/testcases/base-health"
    same "what lint says" '[false,true]' "$(fact '[.[].ok]')"
}
testcase() { rm -rf "$1" && cp -R "$root/testcases/base-health" "$1"; }

expect 0 testcase lint "$root"/testcases/*/ "$samples"/testcases/*/
testcase key
sed -i 's/^timeout: /tiemout: /' key/testcase.yaml
lint "tiemout" key
prints "key/testcase.yaml:"
testcase file
rm file/checks/disk
lint "checks/disk" file
testcase mode
chmod -x mode/checks/disk
lint "checks/disk" mode
testcase twice
sed -i 's/name: disk/name: clock/' twice/testcase.yaml
lint "another check has this name" twice
testcase path
sed -i 's#run: checks/disk#run: ../../bin/sh#' path/testcase.yaml
lint "checks[2].run" path
testcase link
ln -sf /bin/true link/checks/disk
lint "checks/disk" link
lint "absent" absent
[ ! -e /tmp/patchlab-escaped ] || fail "a file outside was written"
