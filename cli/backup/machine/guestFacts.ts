import { GuestAgent } from "../../../providers/berth/domain/guestAgent.js";
import { script } from "../../../providers/berth/engine/shell.js";
import type { Libvirt } from "../../../providers/virsh/libvirt.js";
import type { GuestFacts } from "../repository/manifest.js";

const limitMs = 60_000;

/** What makes a machine the one that it is, in its guest's own words; nothing where no agent answers. */
export async function guestFacts(
  libvirt: Libvirt,
  domain: string,
  signal: AbortSignal,
): Promise<GuestFacts | undefined> {
  try {
    const agent = new GuestAgent(libvirt, domain, signal);
    const { code, stdout } = await agent.run(factsScript(), limitMs);
    if (code !== 0) return undefined;
    const [machineId = "", hostname = "", docker = "", ...containers] = stdout.trim().split("\n");
    return { machineId, hostname, ...(docker === "docker" && { containers: containers.sort() }) };
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

function factsScript(): string {
  return script(
    "set -eu",
    "cat /etc/machine-id /etc/hostname",
    'if names=$(docker ps --all --format "{{.Names}}" 2>/dev/null); then echo docker; echo "$names"; fi',
  );
}
