#!/bin/sh
# Takes the hardening drop-in away again.
set -eu

rm -f /etc/systemd/system/webshop.service.d/50-hardening.conf
rmdir --ignore-fail-on-non-empty /etc/systemd/system/webshop.service.d
systemctl daemon-reload
systemctl try-restart webshop.service
