#!/bin/bash
# Builds debian-12-web. See ../README.md for what is expected of this script.
set -euo pipefail
. ../lib/debian.sh

# What the shop needs, then what its administrators want on each server.
shop=nginx,openssl,python3,sqlite3,ca-certificates
admin=openssh-server,cron,logrotate,rsyslog,curl,procps,iproute2,less,vim-tiny

debian_tools
debian_tree "$shop,$admin" rootfs
debian_disk
