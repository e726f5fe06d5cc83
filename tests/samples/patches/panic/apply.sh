#!/bin/sh
# Makes the kernel panic at once. The message before it must not be lost.
set -eu

echo "about to crash"
echo 1 >/proc/sys/kernel/sysrq
echo c >/proc/sysrq-trigger
