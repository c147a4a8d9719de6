import { printText, script } from "../engine/shell.js";
import { identitySubroutines, journaldProcess, subroutinesPath } from "./identitySubroutines.js";

/** Ends when the first boot is over and Docker answers; its last line is Docker's version. */
export function readyScript(seconds: number): string {
  return script(
    `deadline=$(($(date +%s) + ${seconds}))`,
    'wait_for() { until "$@"; do [ "$(date +%s)" -lt "$deadline" ] || return 1; sleep 0.2; done; }',
    "booted() { [ -e /var/lib/cloud/instance/boot-finished ] || ! command -v cloud-init; } >/dev/null",
    'answers() { docker version --format "{{.Server.Version}}"; } 2>/dev/null',
    'wait_for booted || { echo "its first boot did not finish" >&2; tail -n 5 /var/log/cloud-init-output.log >&2; exit 1; }',
    "command -v docker >/dev/null || { echo 'its image has no Docker' >&2; exit 2; }",
    'wait_for answers || { echo "Docker does not answer" >&2; journalctl -u docker -n 5 --no-pager >&2; exit 1; }',
  );
}

/**
 * Leaves nothing in a template that is its own, apart from what lies in memory: prints `key value` lines of what a fork must
 * get anew, and `unit NAME` for each unit that it stopped. All else goes on running: under emulation, what a fork has to start
 * costs it half a second each.
 */
export function prepareScript(): string {
  return script(
    "set -eu",
    "command -v perl >/dev/null || { echo 'its image has no perl' >&2; exit 1; }",
    "mkdir -p /run/berth",
    `${printText(identitySubroutines)} >${subroutinesPath}`,
    "machine=$(cat /etc/machine-id)",
    "echo machine $machine",
    "echo boot $(cat /proc/sys/kernel/random/boot_id)",
    // Docker itself is not asked: the thread that copies its answer may be a processor's last one, and a fork gets the registers as they are.
    "idfile=",
    "for file in /var/lib/docker/engine-id /etc/docker/key.json; do",
    '  if [ -s "$file" ]; then idfile=$file; break; fi',
    "done",
    '[ -n "$idfile" ] || { echo "its Docker keeps its id neither in /var/lib/docker/engine-id nor in /etc/docker/key.json" >&2; exit 1; }',
    "echo idfile $idfile",
    `engine=$(sed 's/.*"kid": *"\\([^"]*\\)".*/\\1/' $idfile)`,
    "echo engine $engine",
    "systemctl reset-failed",
    // sshd needs a key to listen with. This one is in no file afterwards, and no connection is ever shown it.
    "rm -f /etc/ssh/ssh_host_*",
    "ssh-keygen -q -t ed25519 -N '' -C '' -f /etc/ssh/ssh_host_ed25519_key </dev/null",
    "systemctl restart ssh.service 2>/dev/null || systemctl restart sshd.service",
    // A service's private folder for temporary files is named after the boot; it goes with the service.
    "for folder in /tmp/systemd-private-*; do",
    "  unit=${folder#/tmp/systemd-private-*-}; unit=${unit%-*}",
    '  case $unit in *.service) echo unit "$unit"; systemctl stop "$unit" ;; esac',
    "done",
    "rm -rf /var/lib/cloud /run/cloud-init /var/log/cloud-init*.log",
    "rm -f /var/lib/systemd/random-seed /var/lib/systemd/credential.secret",
    "rm -f /var/lib/dbus/machine-id /run/systemd/netif/leases/* /var/lib/dhcp/*.leases /root/.bash_history",
    "rm -f /etc/docker/key.json /var/lib/docker/engine-id /etc/systemd/network/10-cloud-init*",
    "find /var/lib/containerd -maxdepth 2 -name uuid -delete",
    // Whatever boots from this disk by itself makes an identity of its own.
    ": >/etc/machine-id",
    "sync",
    // Less to save, and to load in each fork: what is free holds zeros, which take no room.
    "echo 3 >/proc/sys/vm/drop_caches",
    "mkdir -p /run/berth/zeros; mount -t tmpfs -o size=100% berth-zeros /run/berth/zeros",
    "reserve=$(cat /proc/sys/vm/min_free_kbytes); echo 2048 >/proc/sys/vm/min_free_kbytes",
    "free=$(awk '$1 == \"MemFree:\" { print int($2 / 1024) }' /proc/meminfo)",
    "dd if=/dev/zero of=/run/berth/zeros/zeros bs=1M count=$((free - 20)) 2>/dev/null",
    "echo $reserve >/proc/sys/vm/min_free_kbytes",
    "umount /run/berth/zeros; rmdir /run/berth/zeros",
    // What each fork runs first is in memory again, and not on a disk to be read: Perl, accounts, a connection to sshd.
    `perl -e 'require "${subroutinesPath}"; getpwnam("root"); getgrnam("root"); socket($s, 2, 1, 0); ` +
      `connect($s, pack("Sna4x8", 2, 22, "\\x7f\\0\\0\\1")) && sysread($s, $greeting, 99) or die "sshd does not greet\\n"'`,
    "rm -f /etc/ssh/ssh_host_*",
    // The journal's file stays open, in no folder, and journald stands still, until a fork has it begin another: the next message
    // would have it begin one here. Bytes 72 on name what entries are numbered under.
    "for folder in /var/log/journal /run/log/journal; do",
    '  file="$folder/$machine/system.journal"',
    `  [ -e "$file" ] && [ -e ${journaldProcess} ] || continue`,
    '  echo journals "$folder"',
    `  echo journal $(perl -e 'open(F, "<", $ARGV[0]) && seek(F, 72, 0) && read(F, $id, 16) == 16 or die; print unpack("H*", $id)' "$file")`,
    `  kill -STOP $(cat ${journaldProcess})`,
    "  break",
    "done",
    "rm -rf /run/log/journal/* /var/log/journal/*",
    "sync",
  );
}

/** Runs the user's own first boot from the seed, which is attached by now. What needs the network goes on when there is one. */
export function firstBootScript(): string {
  return script(
    "set -eu",
    "udevadm settle --timeout=20",
    "if [ -x /usr/local/lib/berth/first-boot ]; then exec /usr/local/lib/berth/first-boot; fi",
    "cloud-init init --local && cloud-init init",
    "systemd-run --no-block --quiet sh -c 'cloud-init modules --mode=config; cloud-init modules --mode=final'",
  );
}
