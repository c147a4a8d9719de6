#!/bin/sh
# Makes the namespaces of a lab around its first process. Started inside the lab's network namespace as
#   enter.sh cgroup ID STATE RUN
# it goes through three steps, each in more namespaces than the one before, and ends as `tini`, PID 1 of the
# lab: when that process ends, the kernel ends all others of the lab.
set -eu
step=$1 id=$2 state=$3 run=$4
self=$(readlink -f "$0")

# Prints "TYPE MOUNTPOINT OPTIONS" for each cgroup hierarchy that is mounted.
hierarchies() {
  awk '{ for (i = 7; $i != "-"; i++); if ($(i + 1) ~ /^cgroup2?$/) print $(i + 1), $5, $(i + 3) }' \
    /proc/self/mountinfo
}

# A cgroup of the lab's own in each hierarchy, so that what libvirt and Docker make there, under names that
# are the same in each lab, can't meet.
join_cgroups() {
  hierarchies | while read -r type at _; do
    own=$at/berth-$id
    mkdir -p "$own"
    for setting in cpuset.cpus cpuset.mems; do
      if [ "$type" = cgroup ] && [ -e "$own/$setting" ]; then
        cat "$at/$setting" >"$own/$setting"
      fi
    done
    if [ "$type" = cgroup2 ]; then
      enable_controllers "$at"
    fi
    echo $$ >"$own/cgroup.procs"
  done
}

# In version 2 a cgroup with controllers for its children must hold no processes itself.
leave_root_cgroup() {
  hierarchies | while read -r type at _; do
    if [ "$type" = cgroup2 ]; then
      mkdir -p "$at/berth-$id/daemons"
      echo $$ >"$at/berth-$id/daemons/cgroup.procs"
      enable_controllers "$at/berth-$id"
    fi
  done
}

enable_controllers() {
  for controller in $(cat "$1/cgroup.controllers"); do
    echo "+$controller" 2>/dev/null >"$1/cgroup.subtree_control" || true
  done
}

# /sys of this network namespace, with the lab's cgroup as the root of each hierarchy.
mount_sys() {
  mounted=$(hierarchies)
  mount -t sysfs -o nosuid,nodev,noexec sysfs /sys
  echo "$mounted" | grep -q '/sys/fs/cgroup/' && mount -t tmpfs -o mode=755,size=1m tmpfs /sys/fs/cgroup
  echo "$mounted" | while read -r type at options; do
    mkdir -p "$at"
    if [ "$type" = cgroup2 ]; then
      mount -t cgroup2 cgroup2 "$at"
    else
      # Of the options only those that name the hierarchy: its controllers, or "name=…".
      named=$(echo "$options" | tr , '\n' | grep -vxE 'r[ow]|xattr|clone_children|release_agent=.*' | paste -sd,)
      mount -t cgroup -o "$named" cgroup "$at"
    fi
  done
}

# Puts a folder of the lab's over one of the machine's; the lab's own folder stays reachable below it.
cover() {
  folder=$1 with=$2 keep=$3
  mkdir -p "$with/berth/$id"
  mount --bind "$keep" "$with/berth/$id"
  mount --rbind "$with" "$folder"
}

mount_private_folders() {
  if mountpoint -q /run/netns; then
    # A copy of another lab's namespace here would keep it alive after its end.
    umount -l -R /run/netns
  fi
  # The machine's resolver may listen on its loopback only; 10.0.2.3 is the uplink's.
  resolv_conf=$(readlink -f /etc/resolv.conf)
  cover /run "$run/run" "$run"
  cover /var/lib "$state/lib" "$state"
  mount --bind "$state/cache" /var/cache
  mount --bind "$state/log" /var/log
  mount --bind "$state/etc/libvirt" /etc/libvirt
  mount --bind "$state/etc/docker" /etc/docker
  if [ ! -e "$resolv_conf" ]; then
    mkdir -p "$(dirname "$resolv_conf")"
    : >"$resolv_conf"
  fi
  mount --bind "$run/resolv.conf" "$resolv_conf"
  mount --bind "$run/passwd" /etc/passwd
  mount --bind "$run/group" /etc/group
}

# QEMU runs as a user of its own, to whom the machine's /dev/kvm may be closed.
mount_kvm() {
  if [ -c /dev/kvm ]; then
    mkdir -p "$run/dev"
    mount -t tmpfs -o mode=711,size=64k tmpfs "$run/dev"
    mknod -m 600 "$run/dev/kvm" c 10 232
    chown "$BERTH_QEMU_ID:$BERTH_QEMU_ID" "$run/dev/kvm"
    mount --bind "$run/dev/kvm" /dev/kvm
  fi
}

case $step in
cgroup)
  join_cgroups
  exec unshare --cgroup sh "$self" fork "$id" "$state" "$run"
  ;;
fork)
  leave_root_cgroup
  exec unshare --mount --uts --pid --fork --kill-child --mount-proc sh "$self" mounts "$id" "$state" "$run"
  ;;
mounts)
  # libvirt moves no running machine between two hosts of one name. With a dot, nobody asks a resolver for the rest of it.
  echo "berth-$id.lab" >/proc/sys/kernel/hostname
  ip link set lo up
  # Set before dockerd and libvirtd look: where dockerd turns forwarding on itself, it also closes the
  # forward chain to everybody else.
  echo 1 >/proc/sys/net/ipv4/ip_forward
  # HAProxy binds port 80 without being root.
  echo 0 >/proc/sys/net/ipv4/ip_unprivileged_port_start
  # A connection that waits at an HAProxy that ends goes to the one in its place; before Linux 5.14 it can't.
  if [ -e /proc/sys/net/ipv4/tcp_migrate_req ]; then
    echo 1 >/proc/sys/net/ipv4/tcp_migrate_req
  fi
  mount_kvm
  mount_sys
  mount_private_folders
  exec tini -- sleep infinity
  ;;
*)
  echo "enter.sh: unknown step $step" >&2
  exit 2
  ;;
esac
