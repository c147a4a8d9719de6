#!/bin/busybox sh
# The guest's first program: loads the disk's driver and goes over to the root file system. Debian's own
# initramfs starts udev for that, which takes seconds under emulation.
/bin/busybox mkdir -p /dev /proc /root
/bin/busybox mount -t devtmpfs dev /dev
/bin/busybox mount -t proc proc /proc
while read -r module; do
  /bin/busybox insmod "/modules/$module" || echo "berth: no module $module"
done </modules/order
label=LABEL=berth-root
tries=0
until root=$(/bin/busybox findfs "$label"); do
  tries=$((tries + 1))
  if [ "$tries" -gt 600 ]; then
    echo "berth: no disk with the label berth-root within 60 s; these are there:"
    /bin/busybox cat /proc/partitions
    /bin/busybox poweroff -f
  fi
  /bin/busybox usleep 100000
done
/bin/busybox mount -t ext4 -o rw,noatime "$root" /root || exec /bin/busybox poweroff -f
/bin/busybox umount /proc
exec /bin/busybox switch_root /root /sbin/init
