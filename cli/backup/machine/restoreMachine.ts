import { awaitBoot } from "../../../providers/berth/domain/awaitBoot.js";
import { GuestAgent } from "../../../providers/berth/domain/guestAgent.js";
import { cutPower } from "../../../providers/berth/domain/power.js";
import { rebootDomain } from "../../../providers/berth/domain/rebootDomain.js";
import type { MachineRef } from "../../../providers/berth/snapshot/types.js";
import type { Call } from "../../../providers/kit/index.js";
import { Libvirt } from "../../../providers/virsh/libvirt.js";
import { powerOf } from "../../../providers/virsh/powerOf.js";
import { elementText, escapeXml } from "../../../providers/virsh/xml.js";
import type { Backup } from "../repository/manifest.js";
import type { Repository } from "../repository/repository.js";
import { writtenDisks } from "./copyDisks.js";
import { readIdentity, writeIdentity } from "./keptIdentity.js";
import { uploadStored } from "./uploadStored.js";

const agentLimitMs = 5 * 60_000;

/** A disk that what came to its hypervisor takes the place of. */
export interface Replacement {
  readonly pool: string;
  readonly volume: string;
  /** Bytes that the machine's disk has. */
  readonly capacity: number;
  /** The volume with its new content, which goes with the replacement. */
  readonly incoming: string;
}

/**
 * Puts a backup's disks in the place of a machine's. The machine stays what it is described as; where it is not the one that was
 * backed up, it also keeps its own identity. What was on its disks is lost, its snapshots included, though not before all of
 * the backup is on its hypervisor. Cut off half way, it is done by doing it again.
 */
export async function restoreMachine(
  repository: Repository,
  backup: Backup,
  { uri, domain, name }: MachineRef,
  temporary: string,
  call: Pick<Call<unknown>, "signal" | "log" | "status">,
): Promise<void> {
  await Libvirt.with(uri, call.signal, async (libvirt) => {
    const xml = await libvirt.run(["dumpxml", "--inactive", "--security-info", domain]);
    const replacements = await plan(libvirt, xml, name, backup);
    const isItself = elementText(backup.domain, "uuid") === domain && backup.machine === name;
    const identity = isItself ? undefined : await identityOf(libvirt, domain, name, call);
    for (const { target, pool, incoming } of replacements) {
      call.status(`${name}: bringing ${target} of ${backup.id} to its hypervisor`);
      const to = { pool, volume: incoming, temporary };
      await uploadStored(libvirt, repository, backup.disks[target]!, "disk", to, call.signal);
    }
    call.status(`${name}: its disks are replaced`);
    await cutPower(libvirt, domain);
    await forgetSnapshots(libvirt, domain);
    for (const one of replacements) await replaceDisk(libvirt, one);
    if (identity === undefined) {
      await libvirt.run(["start", domain]);
      await awaitBoot(libvirt, domain, name, call);
    } else {
      const become = () => writeIdentity(libvirt, domain, identity, call.signal);
      await startApart(libvirt, { domain, name, xml }, become, call);
    }
  });
}

async function plan(
  libvirt: Libvirt,
  xml: string,
  name: string,
  backup: Backup,
): Promise<(Replacement & { readonly target: string })[]> {
  const disks = writtenDisks(xml);
  const [has, had] = [
    disks
      .map(({ target }) => target)
      .sort()
      .join(", "),
    Object.keys(backup.disks).sort().join(", "),
  ];
  if (has !== had) {
    throw new Error(
      `${name} has the disks ${has}, and ${backup.id} is of ${had}: give it the same, and restore again.`,
    );
  }
  const replacements: (Replacement & { readonly target: string })[] = [];
  for (const { target, path } of disks) {
    const pool = await libvirt.run(["vol-pool", path]);
    const volume = path.split("/").at(-1)!;
    const info = await libvirt.run(["vol-info", "--bytes", "--pool", pool, volume]);
    const capacity = Number(/^Capacity:\s+(\d+)/m.exec(info)?.[1] ?? 0);
    const { bytes } = backup.disks[target]!;
    if (capacity < bytes) {
      throw new Error(
        `${name}: its disk ${target} has ${capacity} bytes, and ${backup.id} needs ${bytes}. Raise its size, update, and restore again.`,
      );
    }
    replacements.push({ target, pool, volume, capacity, incoming: `${volume}.restoring` });
  }
  return replacements;
}

async function identityOf(
  libvirt: Libvirt,
  domain: string,
  name: string,
  call: Pick<Call<unknown>, "signal" | "status">,
): Promise<string> {
  if ((await powerOf(libvirt, domain)) !== "running") {
    throw new Error(
      `${name} has to run, for its identity to be read, which it keeps. Start it, and restore again.`,
    );
  }
  const agent = new GuestAgent(libvirt, domain, call.signal);
  await agent.ready(agentLimitMs, () => call.status(`waiting for the guest agent of ${name}`));
  return readIdentity(libvirt, domain, call.signal);
}

/** Snapshots lie in the disks and go with them. */
async function forgetSnapshots(libvirt: Libvirt, domain: string): Promise<void> {
  const names = (await libvirt.run(["snapshot-list", domain, "--name"])).split("\n").filter(Boolean);
  for (const name of names) await libvirt.run(["snapshot-delete", domain, name, "--metadata"]);
}

/** The hypervisor copies it, which takes less than the bringing did; until that is done, the incoming volume stays. */
export async function replaceDisk(
  libvirt: Libvirt,
  { pool, volume, capacity, incoming }: Replacement,
): Promise<void> {
  await libvirt.find(["vol-delete", "--pool", pool, volume]);
  const xml = await libvirt.file(
    "volume.xml",
    `<volume><name>${escapeXml(volume)}</name><capacity unit="bytes">${capacity}</capacity>` +
      '<target><format type="qcow2"/><compat>1.1</compat></target></volume>',
  );
  await libvirt.run(["vol-create-from", pool, xml, incoming, "--inputpool", pool]);
  const info = await libvirt.run(["vol-info", "--bytes", "--pool", pool, volume]);
  const copied = Number(/^Capacity:\s+(\d+)/m.exec(info)?.[1] ?? 0);
  if (copied < capacity) await libvirt.run(["vol-resize", "--pool", pool, volume, `${capacity}B`]);
  await libvirt.run(["vol-delete", "--pool", pool, incoming]);
}

/**
 * Starts a machine with its network's cables out, lets `become` make it what it is to be, has it boot again as that, and plugs it in.
 * One that runs already only does the rest.
 */
export async function startApart(
  libvirt: Libvirt,
  { domain, name, xml }: { domain: string; name: string; xml: string },
  become: () => Promise<void>,
  call: Pick<Call<unknown>, "signal" | "log" | "status">,
): Promise<void> {
  if ((await powerOf(libvirt, domain)) !== "running") {
    await libvirt.run(["define", await libvirt.file("apart.xml", withLinksDown(xml))]);
    try {
      await libvirt.run(["start", domain]);
    } finally {
      await libvirt.run(["define", await libvirt.file("domain.xml", xml)]);
    }
  }
  const agent = new GuestAgent(libvirt, domain, call.signal);
  await agent.ready(agentLimitMs, () => call.status(`waiting for the guest agent of ${name}`));
  await become();
  call.status(`${name}: starting as itself`);
  await rebootDomain(libvirt, domain, call);
  for (const mac of [...xml.matchAll(/<mac address=['"]([^'"]+)['"]/g)].map(([, one]) => one!)) {
    await libvirt.run(["domif-setlink", domain, mac, "up"]);
  }
}

export function withLinksDown(xml: string): string {
  return xml
    .replaceAll(/\s*<link state=['"]\w+['"]\s*\/>/g, "")
    .replaceAll(/<\/interface>/g, '<link state="down"/></interface>');
}
