#!/bin/bash
# Builds debian-12-min. See ../README.md for what is expected of this script.
set -euo pipefail
. ../lib/debian.sh

debian_tools
debian_tree less rootfs
debian_disk
