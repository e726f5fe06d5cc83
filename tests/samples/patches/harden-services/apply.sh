#!/bin/sh
# Puts the hardening drop-in beside the application server's unit, and restarts it if it runs.
set -eu

dropin=/etc/systemd/system/webshop.service.d/50-hardening.conf
install -D -m 644 "$(dirname "$0")/50-hardening.conf" "$dropin"
systemctl daemon-reload
systemctl try-restart webshop.service
systemctl --no-pager --lines=0 status webshop.service
