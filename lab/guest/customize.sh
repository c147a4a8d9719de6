#!/bin/sh
# Turns a fresh Debian into the guest image's root file system. Run by mmdebstrap as
#   customize.sh ROOT
set -eu
root=$1
here=$(dirname "$(readlink -f "$0")")

# Owner and mode must not depend on who checked the files out, and how.
tar -C "$here/overlay" --owner=0 --group=0 --mode=u=rwX,go=rX -cf - . | tar -C "$root" -xf -

mask() {
  for unit; do
    ln -sfn /dev/null "$root/etc/systemd/system/$unit"
  done
}

chroot "$root" systemctl enable --quiet systemd-networkd.service berth-cloud-init.service berth-grow-root.service \
  berth-resolv-conf.path
chroot "$root" systemctl disable --quiet systemd-networkd-wait-online.service
# cloud-init's own units; berth-cloud-init takes their place.
mask cloud-init-local.service cloud-init.service cloud-config.service cloud-final.service \
  cloud-init-hotplugd.socket
# Of no use in a guest that is replaced rather than kept up: each is a process or a wait at boot.
# AppArmor's service only loads profiles of programs that are not here; Docker loads its own.
mask apparmor.service apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer \
  e2scrub_reap.service fstrim.timer getty@tty1.service serial-getty@ttyS0.service getty-static.service \
  systemd-pstore.service systemd-update-utmp.service systemd-update-utmp-runlevel.service \
  systemd-binfmt.service proc-sys-fs-binfmt_misc.automount sys-kernel-debug.mount sys-kernel-tracing.mount \
  sys-kernel-config.mount sys-fs-fuse-connections.mount dev-hugepages.mount dev-mqueue.mount \
  systemd-machine-id-commit.service systemd-ask-password-console.path systemd-ask-password-wall.path \
  remote-fs.target systemd-journal-flush.service systemd-modules-load.service \
  systemd-network-generator.service kmod-static-nodes.service systemd-repart.service \
  systemd-firstboot.service modprobe@configfs.service modprobe@dm_mod.service modprobe@drm.service \
  modprobe@fuse.service modprobe@loop.service
# What looks at the machine's disks, partitions and old init scripts at each start, to find none.
mkdir -p "$root/etc/systemd/system-generators"
for generator in cloud-init cryptsetup debug getty gpt-auto hibernate-resume integritysetup rc-local run \
  system-update sysv veritysetup; do
  for name in "systemd-$generator-generator" "$generator-generator"; do
    [ ! -e "$root/lib/systemd/system-generators/$name" ] ||
      ln -sfn /dev/null "$root/etc/systemd/system-generators/$name"
  done
done

# Rules for devices that no guest has: each event runs through all of them.
mkdir -p "$root/etc/udev/rules.d"
for rules in 50-firmware 55-dm 60-autosuspend 60-drm 60-evdev 60-fido-id 60-infiniband \
  60-persistent-alsa 60-persistent-input 60-persistent-storage-dm 60-persistent-storage-tape \
  60-persistent-v4l 60-sensor 64-btrfs 66-azure-ephemeral 70-camera 70-joystick 70-memory 70-mouse \
  70-touchpad 71-seat 73-seat-late 73-special-net-names 75-net-description 75-probe_mtd 78-sound-card \
  80-docker 80-net-setup-link 81-net-dhcp 85-hwclock 95-dm-notify 96-e2scrub; do
  ln -sfn /dev/null "$root/etc/udev/rules.d/$rules.rules"
done

# Docker's group, which cloud-init puts the user in, is there before Docker is.
chroot "$root" getent group docker >/dev/null || chroot "$root" addgroup --quiet --system docker
chroot "$root" passwd --quiet --lock root

# Each machine gets an identity of its own: the empty file is filled at the first boot.
rm -f "$root"/etc/ssh/ssh_host_* "$root/var/lib/dbus/machine-id" "$root/etc/hostname"
: >"$root/etc/machine-id"
: >"$root/etc/resolv.conf"
# systemd compares these with /usr and would otherwise rebuild its caches at the first boot.
touch "$root/etc/.updated" "$root/var/.updated"

# Python compiles what it finds uncompiled at each start.
# "Unchecked": it then need not look at the sources.
chroot "$root" python3 -m compileall -q -f --invalidation-mode unchecked-hash \
  /usr/lib/python3/dist-packages /usr/lib/python3.11

# The kernel's initramfs is made below, from busybox and the disk's drivers.
kernel=$(ls "$root/lib/modules")
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree/bin" "$tree/modules"
cp "$root/bin/busybox" "$tree/bin/busybox"
install -m 755 "$here/initramfs.sh" "$tree/init"
for wanted in virtio_pci virtio_blk; do
  chroot "$root" modprobe --set-version "$kernel" --show-depends "$wanted"
done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | while read -r module; do
  cp "$root$module" "$tree/modules/"
  basename "$module" >>"$tree/modules/order"
done
find "$tree" -exec touch -h -d "@${SOURCE_DATE_EPOCH:-0}" {} +
mkdir -p "$root/boot/berth"
(cd "$tree" && find . | LC_ALL=C sort | "$root/bin/busybox" cpio -o -H newc 2>/dev/null) >"$root/boot/berth/initrd.img"
cp "$root/boot/vmlinuz-$kernel" "$root/boot/berth/vmlinuz"
rm -f "$root"/boot/initrd.img-* "$root"/initrd.img* "$root"/vmlinuz*
