# shellcheck shell=sh
# Runs inside of the tree of debian-12-min: leaves out of the boot what no test of this image looks at.

systemctl mask getty@tty1.service systemd-update-utmp.service systemd-random-seed.service \
    systemd-journal-flush.service modprobe@.service dev-hugepages.mount dev-mqueue.mount \
    sys-kernel-debug.mount sys-kernel-tracing.mount sys-kernel-config.mount sys-fs-fuse-connections.mount \
    proc-sys-fs-binfmt_misc.automount dpkg-db-backup.timer
mkdir -p /etc/systemd/journald.conf.d
printf '[Journal]\nStorage=volatile\n' >/etc/systemd/journald.conf.d/volatile.conf
