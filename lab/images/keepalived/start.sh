#!/bin/sh
# Starts keepalived with the configuration in $CONFIG, on the interface that has the machine's own address ($ADDRESS): what the
# kernel calls it is for the machine to know.
set -eu

interface=$(busybox ip -o -4 addr show | busybox awk -v own="$ADDRESS" '{ split($4, at, "/"); if (at[1] == own) print $2 }' | busybox head -n 1)
if [ -z "$interface" ]; then
  echo "no interface of this machine has $ADDRESS" >&2
  exit 1
fi
printf '%s' "$CONFIG" | busybox sed "s/@interface@/$interface/" >/run/keepalived.conf
exec keepalived --dont-fork --log-console --vrrp --use-file=/run/keepalived.conf --pid=/run/keepalived.pid --vrrp_pid=/run/vrrp.pid
