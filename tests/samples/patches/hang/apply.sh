#!/bin/sh
# Waits forever, as do its children, one of them in a session of its own. None heeds SIGTERM or SIGHUP.
trap '' TERM HUP INT

echo "waiting for something that will never happen"
sh -c 'while :; do sleep 3600; done' &
setsid sh -c 'while :; do sleep 3600; done' &
while :; do
    wait
    sleep 3600
done
