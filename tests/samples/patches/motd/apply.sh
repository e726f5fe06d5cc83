#!/bin/sh
# Puts a notice before each login; the old one is kept for undo.sh.
set -eu

[ -e /etc/motd.before-notice ] || cp -p /etc/motd /etc/motd.before-notice
cat >/etc/motd <<'END'
This server is for authorised use only. What you do here is recorded.
END
echo "/etc/motd says:"
cat /etc/motd
