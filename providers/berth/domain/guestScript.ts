import { quote, script } from "../engine/shell.js";
import type { DataDiskInputs, InterfaceInputs } from "./types.js";

/** What the guest is to have, beside what its first boot gave it. */
export interface GuestSetup {
  readonly disks: Readonly<Record<string, Pick<DataDiskInputs, "mount">>>;
  readonly interfaces: Readonly<Record<string, Pick<InterfaceInputs, "mac" | "address">>>;
}

/**
 * Makes the guest agree with what is declared, and changes nothing where it does: an empty disk that is to be mounted gets a file
 * system; what is mounted no more is unmounted first; interfaces get their addresses from systemd-networkd. Needs nothing but what
 * every systemd guest has, and names what it could not do on its standard error.
 */
export function guestScript({ disks, interfaces }: GuestSetup): string {
  const mounts = Object.entries(disks).flatMap(([name, { mount }]) =>
    mount === undefined ? [] : [`prepared ${quote(name)} ${quote(mount)}`],
  );
  const networks = Object.entries(interfaces).flatMap(([name, { mac, address }]) =>
    address === undefined ? [] : [`addressed ${quote(name)} ${quote(mac.toLowerCase())} ${quote(address)}`],
  );
  const kept = Object.values(disks).flatMap(({ mount }) => (mount === undefined ? [] : [mount]));
  const named = Object.entries(interfaces).flatMap(([name, { address }]) =>
    address === undefined ? [] : [name],
  );
  return script(
    functions,
    ...(kept.length === 0 ? ["unmounted"] : [`unmounted ${kept.map(quote).join(" ")}`]),
    ...mounts,
    "save_fstab",
    "mount_all",
    ...(named.length === 0 ? ["unaddressed"] : [`unaddressed ${named.map(quote).join(" ")}`]),
    ...networks,
    "apply_networks",
  );
}

const functions = String.raw`
set -eu
fstab=/etc/fstab networks=/etc/systemd/network
lines=$(mktemp) changed=
trap 'rm -f "$lines" "$lines.mounts"' EXIT
fail() { echo "$*" >&2; exit 1; }

# Berth's own lines of fstab have an option that says so.
ours() { awk '$1 !~ /^#/ && "," $4 "," ~ /,x-berth,/' "$fstab" 2>/dev/null; }
others() { awk '$1 ~ /^#/ || "," $4 "," !~ /,x-berth,/' "$fstab" 2>/dev/null; }

# The disk whose serial number this is: its second identification page, behind four bytes of header.
device_of() {
  tries=0
  while :; do
    for block in /sys/block/sd*; do
      [ -r "$block/device/vpd_pg80" ] || continue
      [ "$(tail -c +5 "$block/device/vpd_pg80" | tr -d '\0 ')" = "$1" ] && { echo "/dev/$(basename "$block")"; return; }
    done
    tries=$((tries + 1))
    [ "$tries" -lt 150 ] || fail "disk $1 does not appear in the guest"
    sleep 0.2
  done
}

# unmounted KEPT…: unmounts what Berth has mounted and is to be mounted no more.
unmounted() {
  ours | while read -r _ where _; do
    for kept; do [ "$kept" != "$where" ] || continue 2; done
    ! mountpoint -q "$where" || umount "$where" || exit 1
  done || fail "a disk that is to be taken away is in use"
}

# prepared DISK WHERE: a file system on the disk, and a line for it that is to be in fstab.
prepared() {
  device=$(device_of "$1")
  id=$(blkid -p -s UUID -o value "$device") || {
    [ -z "$(blkid -p "$device" || true)" ] || fail "disk $1 holds something that is no file system"
    mkfs.ext4 -q -F "$device"
    id=$(blkid -p -s UUID -o value "$device")
  }
  mkdir -p "$2"
  if mountpoint -q "$2"; then
    [ "$(findmnt -n -o UUID "$2")" = "$id" ] || fail "$2 is mounted from somewhere else"
  else
    [ -z "$(ls -A "$2")" ] || fail "$2 holds files already, which a disk mounted there would hide"
  fi
  echo "UUID=$id $2 auto nofail,x-berth,x-systemd.growfs,x-systemd.before=docker.service 0 2" >>"$lines"
  echo "$device $2" >>"$lines.mounts"
}

mount_all() {
  [ -e "$lines.mounts" ] || return 0
  while read -r device where; do
    mountpoint -q "$where" || mount "$device" "$where"
  done <"$lines.mounts"
}

save_fstab() {
  wanted=$(others; cat "$lines")
  [ "$wanted" != "$(cat "$fstab" 2>/dev/null)" ] || return 0
  printf '%s\n' "$wanted" >"$fstab.berth"
  chmod 644 "$fstab.berth"
  mv "$fstab.berth" "$fstab"
  systemctl daemon-reload
}

# unaddressed KEPT…: forgets interfaces that are declared no more.
unaddressed() {
  for file in "$networks"/70-berth-*.network; do
    [ -e "$file" ] || continue
    name=$(basename "$file" .network)
    for kept; do [ "70-berth-$kept" != "$name" ] || continue 2; done
    rm "$file"
    changed=1
  done
}

# addressed NAME MAC ADDRESS
addressed() {
  file=$networks/70-berth-$1.network
  text=$(printf '[Match]\nMACAddress=%s\n[Network]\nAddress=%s\nLinkLocalAddressing=ipv6\n' "$2" "$3")
  [ "$(cat "$file" 2>/dev/null)" = "$text" ] || { mkdir -p "$networks"; printf '%s\n' "$text" >"$file"; changed=1; }
  wanted_addresses="$wanted_addresses $2,$3"
}
wanted_addresses=

link_of() { for link in /sys/class/net/*; do [ "$(cat "$link/address")" != "$1" ] || { basename "$link"; return; }; done; }

apply_networks() {
  if [ -n "$changed" ]; then
    systemctl is-active -q systemd-networkd || fail "systemd-networkd does not run, and sets interfaces' addresses"
    networkctl reload
  fi
  for one in $wanted_addresses; do
    tries=0
    until link=$(link_of "$(echo "$one" | cut -d, -f1)") && [ -n "$link" ] &&
      ip -o address show dev "$link" | grep -qF " $(echo "$one" | cut -d, -f2) "; do
      tries=$((tries + 1))
      [ "$tries" -lt 150 ] || fail "interface $one does not get its address"
      sleep 0.2
    done
  done
}`;
