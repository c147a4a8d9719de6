import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { findMarks } from "../../providers/berth/template/findMarks.js";
import type { Identifiers } from "../../providers/berth/template/marks.js";
import type { Machines, Made } from "./machines.js";

/** What a machine can be told by, as it says itself. */
export interface Identity {
  readonly hostname: string;
  /** The board's UUID in the firmware's tables. */
  readonly systemUuid: string;
  readonly machineId: string;
  readonly bootId: string;
  /** Folder of its journal. */
  readonly journal: string;
  readonly hostKey: string;
  /** 4 KiB from getrandom. */
  readonly random: string;
  readonly randomSeed: string;
  /** As Docker says, and as it will say after a restart. */
  readonly dockerId: string;
  readonly dockerIdKept: string;
  readonly dockerBridge: string;
  readonly mac: string;
  readonly address: string;
  /** Seconds that its clock is ahead of ours. */
  readonly clockSkew: number;
}

/** What no two machines have in common. */
export const ownToEach = [
  "systemUuid",
  "machineId",
  "bootId",
  "hostKey",
  "random",
  "randomSeed",
  "dockerId",
  "dockerBridge",
  "mac",
] as const satisfies readonly (keyof Identity)[];

const script = `
echo hostname $(hostname)
echo systemUuid $(cat /sys/class/dmi/id/product_uuid)
echo machineId $(cat /etc/machine-id)
echo bootId $(cat /proc/sys/kernel/random/boot_id)
echo journal $(ls /run/log/journal)
echo hostKey $(cut -d' ' -f1,2 /etc/ssh/ssh_host_ed25519_key.pub)
echo random $(perl -e '$n = 318; $b = "\\0" x 4096; syscall($n, $b, 4096, 0) == 4096 or die; print unpack "H*", $b')
echo randomSeed $(sha256sum </var/lib/systemd/random-seed)
echo dockerId $(docker info --format '{{.ID}}')
echo dockerIdKept $(sed 's/.*"kid":"\\([^"]*\\)".*/\\1/' /etc/docker/key.json)
echo dockerBridge $(cat /sys/class/net/docker0/address)
echo mac $(cat /sys/class/net/eth0/address)
echo address $(ip -4 -o address show dev eth0 | awk '{ print $4 }' | cut -d/ -f1)
echo now $(date +%s.%N)
`;

/** Asks a running machine through its agent. */
export async function identityOf(machines: Machines, { inputs }: Pick<Made, "inputs">): Promise<Identity> {
  const output = await machines.inGuest(inputs.name, script);
  const values = Object.fromEntries(
    output.split("\n").map((line) => [line.split(" ")[0]!, line.slice(line.indexOf(" ") + 1)]),
  );
  const { now, ...rest } = values;
  return { ...(rest as unknown as Identity), clockSkew: Number(now) - Date.now() / 1000 };
}

/** Which of these identifiers lie anywhere in a machine's memory; it is stopped for as long as that takes. */
export async function traces(
  machines: Machines,
  { inputs }: Pick<Made, "inputs">,
  ids: Identifiers,
): Promise<string[]> {
  const path = join(machines.lab.stateDir, `${inputs.name}.dump`);
  await machines.virsh("dump", inputs.name, path, "--memory-only");
  const file = await open(path);
  try {
    const marks = await findMarks(file, 0, ids, AbortSignal.timeout(120_000));
    return marks.map(
      ({ of, form, from, to, at }) => `${of} as ${form}, bytes ${from} to ${to}, ${at.length} times`,
    );
  } finally {
    await file.close();
    await rm(path);
  }
}
