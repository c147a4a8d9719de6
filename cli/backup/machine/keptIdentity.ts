import { GuestAgent } from "../../../providers/berth/domain/guestAgent.js";
import { quote, script } from "../../../providers/berth/engine/shell.js";
import type { Libvirt } from "../../../providers/virsh/libvirt.js";

const limitMs = 120_000;

/** What makes a Linux guest one of its own and known to others, as patterns of the shell's. */
const files = [
  "/etc/machine-id",
  "/etc/hostname",
  "/etc/hosts",
  "/etc/ssh/ssh_host_*",
  "/root/.ssh/authorized_keys",
  "/home/*/.ssh/authorized_keys",
  "/etc/systemd/network/*",
  "/etc/netplan/*",
  "/etc/network/interfaces",
  "/etc/network/interfaces.d/*",
  "/etc/docker/key.json",
  "/var/lib/docker/engine-id",
];

/** A running guest's identity, as an archive in base64. */
export async function readIdentity(libvirt: Libvirt, domain: string, signal: AbortSignal): Promise<string> {
  return run(libvirt, domain, signal, readScript());
}

/**
 * Gives a guest that runs on another one's disk this identity, in force from its next boot on, and takes away what that one
 * would be taken for it by.
 */
export async function writeIdentity(
  libvirt: Libvirt,
  domain: string,
  identity: string,
  signal: AbortSignal,
): Promise<void> {
  await run(libvirt, domain, signal, writeScript(identity));
}

function readScript(): string {
  return script(
    "set -eu",
    `tar --create --absolute-names --ignore-failed-read ${files.join(" ")} 2>/dev/null | base64 -w 0`,
  );
}

function writeScript(identity: string): string {
  return script(
    "set -eu",
    // Docker writes its id when it ends.
    "systemctl stop docker.socket docker.service 2>/dev/null || true",
    `rm -f ${files.join(" ")}`,
    "rm -rf /var/lib/dhcp/* /run/systemd/netif/leases/* /var/lib/systemd/random-seed /var/log/journal/*",
    `printf %s ${quote(identity)} | base64 -d | tar --extract --absolute-names --preserve-permissions`,
    "sync",
  );
}

async function run(libvirt: Libvirt, domain: string, signal: AbortSignal, text: string): Promise<string> {
  const { code, stdout, stderr } = await new GuestAgent(libvirt, domain, signal).run(text, limitMs);
  if (code !== 0) throw new Error(`${domain}: exit code ${code}: ${stderr.trim()}`);
  return stdout.trim();
}
