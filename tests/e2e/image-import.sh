#!/usr/bin/env bash
# timeout: 600
# Disks from elsewhere become images, whatever their format; what is none, or reaches for other
# files, is refused and leaves nothing.
. "$(dirname "$0")/lib.sh"

new_state
min_image
built=$(fact .digest) disk=$(fact .disk) size=$(fact .virtual_size)
cd "$PATCHLAB_STATE" || exit 1 # not TEST_TMP: a raw disk is large
mkdir work
convert() { qemu-img convert -O "$@" || fail "qemu-img convert"; }

# --- formats -------------------------------------------------------------------------------------

# imported NAME FORMAT FILE OPTION...
imported() {
    local name=$1 format=$2 file=$3
    shift 3
    expect 0 image import "$file" --name "$name" --json --progress none "$@"
    same "virtual size" "$size" "$(fact .virtual_size)"
    same "format" "$format" "$(fact .origin.format)"
    same "mode of the sealed disk" 444 "$(stat -c %a "$(fact .disk)")"
    qemu-img compare -q "$disk" "$(fact .disk)" || fail "expected the same disk"
    same "digest" "$(fact .digest)" "$(sha256sum <"$(fact .disk)" | cut -d' ' -f1)"
}
convert raw "$disk" work/disk.raw
imported from-raw raw work/disk.raw --server app1 --category web --memory 256MiB --packages deb
rm work/disk.raw
convert vmdk -o subformat=streamOptimized "$disk" work/disk.vmdk
imported from-vmdk vmdk work/disk.vmdk --category database
rm work/disk.vmdk
imported from-qcow2 qcow2 "$disk" --spec "$root/images/debian-12-min/image.yaml"

# --- refused -------------------------------------------------------------------------------------

find . ! -name 'patchlab.db*' ! -path './work*' | sort >work/before
# refused TEXT FILE OPTION...
refused() {
    local text=$1 file=$2
    shift 2
    expect 2 image import "$file" --name bad --progress none --category web "$@"
    silent
    says "$text"
    find . ! -name 'patchlab.db*' ! -path './work*' | sort | diff work/before - >work/diff ||
        fail "files have changed: $(cat work/diff)"
    run image show bad
    same "an image of it" 2 "$status"
}
refused "absent.qcow2" work/absent.qcow2
head -c 1000000 /dev/urandom >work/rubbish
refused "rubbish" work/rubbish
refused "rubbish" work/rubbish --format qcow2
: >work/empty
refused "empty" work/empty
mkdir work/dir
refused "work/dir" work/dir
qemu-img create -q -f qcow2 -b "$disk" -F qcow2 work/overlay.qcow2
refused "backing" work/overlay.qcow2
qemu-img create -q -f qcow2 -b /etc/shadow -F raw work/shadow.qcow2 1M
refused "backing" work/shadow.qcow2
qemu-img create -q -f qcow2 -o data_file=/etc/shadow,data_file_raw=on work/data.qcow2 1M 2>work/null ||
    qemu-img create -q -f qcow2 -o data_file=work/raw work/data.qcow2 1M
refused "data" work/data.qcow2
printf '# Disk DescriptorFile\nversion=1\nCID=1\nparentCID=ffffffff\ncreateType="monolithicFlat"\nRW 8 FLAT "/etc/passwd" 0\n' >work/flat.vmdk
refused "flat.vmdk" work/flat.vmdk
refused "is no name for a server" "$disk" --server 'a b'
refused "memory" "$disk" --memory 1KiB
expect 2 image import "$disk" --name bad --progress none
says "which category"
refused "unknown kind" "$disk" --packages magic
head -c 100000 "$disk" >work/truncated.qcow2
refused "truncated.qcow2" work/truncated.qcow2

# --- looking, removing ---------------------------------------------------------------------------

expect 0 image list --json
same "images" 4 "$(fact length)"
expect 0 image show from-raw --json
same "what it stands for" '["app1"]' "$(fact .represents.servers)"
expect 0 image show "${built:0:12}"
prints "$built"
expect 0 image rm from-vmdk
expect 2 image rm from-vmdk
expect 0 image show from-vmdk --json
same "removed" true "$(fact .removed)"
expect 0 patch add "$samples/patches/motd"
expect 2 validate motd --image from-vmdk --testcases "$root/testcases/base-health"

# Names that share a disk each need it, and images are never written to.
for name in from-raw from-qcow2; do
    expect 0 image rm "$name"
done
[ -f "$disk" ] || fail "expected the disk to stay for the other name"
same "digest of the disk" "$built" "$(sha256sum <"$disk" | cut -d' ' -f1)"
expect 0 image rm debian-12-min
same "disks left" "" "$(find images -name '*.qcow2')"
