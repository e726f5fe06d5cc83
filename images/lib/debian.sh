# shellcheck shell=bash disable=SC2016
# Shared by the Debian recipes, sourced by their build.sh: from packages to a disk that boots by itself.
#
#   . ../lib/debian.sh
#   debian_tools                             # or exit 2, naming the Debian packages to install
#   debian_tree nginx,python3 rootfs         # packages, then the files of rootfs/, then setup.sh
#   debian_disk                              # ext4 in a partition, GRUB in front -> PATCHLAB_OUTPUT
#
# Needs neither root, nor loop devices, nor a mount on the host. Everything but the result stays in PATCHLAB_WORK.

: "${PATCHLAB_OUTPUT:?}" "${PATCHLAB_SIZE:?}" "${PATCHLAB_WORK:?}"

debian_suite=bookworm
debian_root=$PATCHLAB_WORK/root
debian_lib=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# What every image here has: a kernel made for VMs, GRUB, the guest agent, and what the agent works with: logind (by way of
# dbus and libpam-systemd) to shut down, hwclock to set the clock.
debian_base=systemd-sysv,dbus,libpam-systemd,udev,kmod,linux-image-cloud-amd64,initramfs-tools,zstd,grub-pc,qemu-guest-agent,util-linux-extra

# Fixed, so that two builds differ only where their packages do.
debian_fs_uuid=6f8f1c5e-0b5d-4f0e-9a57-64656269616e
debian_disk_id=0x70617463
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-1700000000}
export E2FSPROGS_FAKE_TIME=$SOURCE_DATE_EPOCH
export LC_ALL=C.UTF-8 TMPDIR=$PATCHLAB_WORK
PATH=$PATH:/usr/sbin:/sbin
umask 022

debian_step() { printf '==> %s\n' "$*"; }

debian_stop() {
    printf 'build.sh: %s\n' "$1" >&2
    exit "${2:-1}"
}

# Makes sure that the build can be done: stops with exit status 2 when a tool is missing, and says which package has it.
# Goes on in namespaces of its own: its mounts and processes end with it, however it ends. A normal user is root in there,
# so that the files of the tree get their right owners.
debian_tools() {
    [ -z "${DEBIAN_INSIDE:-}" ] || return 0
    local tools="mmdebstrap:mmdebstrap mke2fs:e2fsprogs qemu-img:qemu-utils sfdisk:fdisk apt-get:apt" pair user missing="" map=()
    [ "$(id -u)" -eq 0 ] || tools+=" newuidmap:uidmap"
    for pair in $tools; do
        command -v "${pair%%:*}" >/dev/null || missing+=" ${pair#*:}"
    done
    [ -z "$missing" ] || debian_stop "missing tools; install the Debian packages:$missing" 2
    if [ "$(id -u)" -ne 0 ]; then
        map=(--map-root-user --map-auto)
        user=$(id -un)
        for pair in /etc/subuid /etc/subgid; do
            grep -qE "^($user|$(id -u)):" "$pair" ||
                debian_stop "user $user has no range in $pair; as root: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 $user" 2
        done
    elif ! unshare --mount --pid --fork true 2>/dev/null; then
        return 0 # a container's root, who cannot mount anything either
    fi
    DEBIAN_INSIDE=1 exec unshare "${map[@]}" --mount --pid --fork --mount-proc --kill-child "$0"
}

# Prints the sources.list line to build from: the release as published, without security and point updates, from the
# mirror which this machine's own apt is set to use.
debian_source() {
    local mirror
    mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' "Codename: $debian_suite" 'Component: main' |
        sed -n '/^\(https\{0,1\}\|file\|copy\):/{p;q}')
    [ -n "$mirror" ] || debian_stop "this machine's apt has no '$debian_suite main'; add it to /etc/apt/sources.list" 2
    echo "deb $mirror $debian_suite main"
}

# debian_tree PACKAGES FILES: PACKAGES, comma-separated, come on top of debian_base. FILES is a directory laid over the
# root, all owned by root. Then ./setup.sh, if the recipe has one, runs inside of the tree to finish it.
debian_tree() {
    local source proxy hooks=()
    source=$(debian_source)
    proxy=$(apt-config dump --format '%f "%v";%n' Acquire::http::Proxy)
    tar -C "$2" --owner=0 --group=0 --mode=go-w -cf "$PATCHLAB_WORK/files.tar" .
    [ ! -f setup.sh ] || hooks=(
        --customize-hook="upload setup.sh /tmp/setup.sh"
        --customize-hook='chroot "$1" sh -eu /tmp/setup.sh && rm "$1"/tmp/setup.sh')
    # Only this side of the user namespace can remove the tree.
    trap 'rm -rf --one-file-system "$debian_root"' EXIT
    trap 'exit 1' HUP INT TERM
    debian_step "install packages ($debian_suite main)"
    # The quoted $1 is the tree, filled in by mmdebstrap.
    mmdebstrap --mode=root --variant=minbase --include="$debian_base,$1" ${proxy:+--aptopt="$proxy"} \
        --essential-hook="upload $debian_lib/debian-guest.sh /tmp/debian-guest.sh" \
        --essential-hook='chroot "$1" sh -eu /tmp/debian-guest.sh before' \
        --customize-hook='echo "==> set up the guest" >&3' \
        --customize-hook="tar-in $PATCHLAB_WORK/files.tar /" \
        "${hooks[@]}" \
        --customize-hook='chroot "$1" sh -eu /tmp/debian-guest.sh after '"$debian_fs_uuid"' && rm "$1"/tmp/debian-guest.sh' \
        --skip=cleanup/reproducible/machine-id \
        "$debian_suite" "$debian_root" "$source" 3>&1 1>&2
}

# debian_disk: an MBR disk with one ext4 partition at 1 MiB; GRUB's core lies in the gap before it.
debian_disk() {
    local raw=$PATCHLAB_WORK/disk.raw start=1048576
    debian_step "make the file system"
    truncate -s "$PATCHLAB_SIZE" "$raw"
    printf 'label: dos\nlabel-id: %s\nstart=2048, type=83, bootable\n' "$debian_disk_id" |
        sfdisk -q --no-reread --no-tell-kernel "$raw"
    find "$debian_root" -newermt "@$SOURCE_DATE_EPOCH" -exec touch -hcd "@$SOURCE_DATE_EPOCH" {} +
    mke2fs -q -F -t ext4 -L root -U "$debian_fs_uuid" -E "offset=$start,hash_seed=$debian_fs_uuid" \
        -d "$debian_root" "$raw" "$(((PATCHLAB_SIZE - start) / 1024))k"
    debian_step "make it boot"
    dd if="$debian_root/boot/grub/i386-pc/boot.img" of="$raw" bs=440 count=1 conv=notrunc status=none
    dd if="$debian_root/boot/grub/i386-pc/core.img" of="$raw" bs=512 seek=1 conv=notrunc status=none
    debian_step "write the disk"
    qemu-img convert -f raw -O qcow2 "$raw" "$PATCHLAB_OUTPUT"
}
