# shellcheck shell=sh
# Runs inside of the tree which a Debian recipe builds, called by debian.sh:
#   before        once apt works, ahead of all other packages
#   after UUID    last of all; UUID is the root file system's

export DEBIAN_FRONTEND=noninteractive

# The kernel's modules for this guest's disks only, and its image made once: at the end.
before() {
    mkdir -p /etc/initramfs-tools/conf.d /etc/initramfs-tools/hooks
    echo 'MODULES=list' >/etc/initramfs-tools/conf.d/modules
    cat >/etc/initramfs-tools/hooks/disks <<'END'
#!/bin/sh
# The disk controllers that a lab or a production host may give this machine.
[ "$1" = prereqs ] && exit 0
. /usr/share/initramfs-tools/hook-functions
manual_add_modules virtio_pci virtio_blk virtio_scsi sd_mod ext4
END
    chmod 755 /etc/initramfs-tools/hooks/disks
}

grub() {
    modules=/boot/grub/i386-pc
    mkdir -p "$modules"
    cp /usr/lib/grub/i386-pc/*.mod /usr/lib/grub/i386-pc/*.lst /usr/lib/grub/i386-pc/boot.img "$modules"
    grub-mkimage -O i386-pc -o "$modules/core.img" -p '(,msdos1)/boot/grub' biosdisk part_msdos ext2 normal linux
    sed -i -e 's/^GRUB_TIMEOUT=.*/GRUB_TIMEOUT=0/' -e "s/^GRUB_CMDLINE_LINUX=.*/GRUB_CMDLINE_LINUX=\"$2\"/" /etc/default/grub
    echo 'grub-pc grub-pc/install_devices multiselect /dev/vda' | debconf-set-selections
    cat >/boot/grub/grub.cfg <<END
# Made with the image; update-grub writes this file anew when a kernel is installed.
set timeout=0
menuentry 'Debian GNU/Linux' {
    linux /vmlinuz root=UUID=$1 ro $2 quiet
    initrd /initrd.img
}
END
}

after() {
    echo "UUID=$1 / ext4 errors=remount-ro 0 1" >/etc/fstab
    printf '%s\n' sr_mod isofs >/etc/modules-load.d/lab.conf
    # QEMU's CPU model offers these; no server here runs guests of its own, and loading them slows the boot.
    printf 'blacklist %s\n' kvm_amd kvm_intel powernow_k8 >/etc/modprobe.d/lab.conf
    [ -s /etc/hostname ] || echo debian >/etc/hostname
    grub "$1" 'console=tty0 console=ttyS0,115200n8 init_on_free=1'
    # Timers that would wake up in the middle of a test, and would need a network.
    systemctl mask apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer systemd-networkd-wait-online.service
    passwd -l root
    : >/etc/machine-id
    rm -f /var/lib/dbus/machine-id /etc/resolv.conf
    update-initramfs -u -k all
}

"$@"
