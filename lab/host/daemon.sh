#!/bin/sh
# Starts a daemon of the lab in the background, in the lab's cgroup. Run inside the lab's mount, network and
# PID namespaces as
#   daemon.sh LOG COMMAND [ARGUMENT…]
set -eu
log=$1
shift
for at in /sys/fs/cgroup /sys/fs/cgroup/*; do
  if [ -e "$at/daemons/cgroup.procs" ]; then
    echo $$ >"$at/daemons/cgroup.procs"
  elif [ -e "$at/tasks" ]; then
    echo $$ >"$at/cgroup.procs"
  fi
done
# Only now the cgroup namespace: from inside it, a process outside can't be moved in.
nsenter --cgroup=/proc/1/ns/cgroup setsid "$@" </dev/null >>"$log" 2>&1 &
