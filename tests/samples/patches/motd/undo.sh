#!/bin/sh
# Brings the old notice back.
set -eu

mv /etc/motd.before-notice /etc/motd
