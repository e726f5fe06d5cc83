#!/bin/bash
# Builds debian-12-rpm. See images/README.md for what is expected of this script.
set -euo pipefail
. ../../../../images/lib/debian.sh

command -v rpmbuild >/dev/null || debian_stop "missing tools; install the Debian packages: rpm" 2
debian_tools
files=$PATCHLAB_WORK/files
mkdir -p "$files/root/rpms" "$files/etc/rpm"
cp -R ../../../../images/debian-12-min/rootfs/. "$files"
cp ../../../../images/debian-12-min/setup.sh "$files/root/min.sh"
# Where every other distribution has it.
echo '%_dbpath /var/lib/rpm' >"$files/etc/rpm/macros"
debian_step "build the shop"
rpmbuild --quiet -bb --define 'v 1' --define "_topdir $PATCHLAB_WORK/rpmbuild" --define "_rpmdir $files/root/rpms" \
    --define '_rpmfilename %%{NAME}.rpm' ../../rpm/shop.spec
rm "$files/root/rpms/shop-data.rpm" "$files/root/rpms/shop-extra.rpm"
debian_tree rpm "$files"
debian_disk
