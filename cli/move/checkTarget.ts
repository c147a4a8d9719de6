import { basename } from "node:path";
import { moveOf, sameOwner } from "../../providers/berth/domain/ownership.js";
import type { DomainInputs } from "../../providers/berth/domain/types.js";
import type { Libvirt } from "../../providers/virsh/libvirt.js";
import { powerOf } from "../../providers/virsh/powerOf.js";
import { elementText } from "../../providers/virsh/xml.js";
import { writtenDisks } from "../backup/machine/copyDisks.js";
import { UserError } from "../say.js";
import { diskPaths, inputsThere, type Place } from "./targetDomain.js";

/**
 * What the target has of the machine: nothing; what a move that was cut off has left, and is begun anew; or the machine itself, which
 * runs.
 */
export type Found = "nothing" | "remains" | "machine";

/**
 * Looks whether a machine can come to a place, before anything is touched.
 *
 * @param xml its description where it is
 * @throws UserError with what stands in the way
 */
export async function checkTarget(
  from: Libvirt,
  to: Libvirt,
  { domain, xml, inputs, place }: { domain: string; xml: string; inputs: DomainInputs; place: Place },
): Promise<Found> {
  const { name } = inputs;
  const there = await inputsThere(to, inputs, place);
  const its = await to.find(["dumpxml", "--inactive", domain]);
  const named = await to.find(["dumpxml", "--inactive", name]);
  const taken = named !== undefined && elementText(named, "uuid") !== domain;
  if (taken || (its !== undefined && !sameOwner(its, xml))) {
    throw new UserError(
      `a domain "${name}" is on "${place.name}" already, and is another machine. Remove it ("virsh -c ${place.uri} undefine ${name}"), or rename it.`,
    );
  }
  const paths = await diskPaths(to, there);
  if (its !== undefined && writtenDisks(its).some(({ path }) => path !== paths.get(basename(path)))) {
    throw new UserError(
      `${name} is on "${place.name}" with disks outside of its pool "${place.pool}", as if that were where it is already. Look at "virsh -c ${place.uri} dumpxml ${domain}".`,
    );
  }
  if (its !== undefined && moveOf(its) !== "on its way" && (await powerOf(to, domain)) === "running")
    return "machine";
  if (its === undefined) await refuseVolumes(to, paths, place);
  await requireRoom(from, to, xml, place);
  return its === undefined ? "nothing" : "remains";
}

/** @throws UserError where what an update brings to each hypervisor is not at the place */
export async function requireParts(to: Libvirt, inputs: DomainInputs, place: Place): Promise<void> {
  const { nic, interfaces, boot, name: machine } = await inputsThere(to, inputs, place);
  const { name } = place;
  const active = (await to.run(["net-list", "--name"])).split("\n").map((one) => one.trim());
  for (const { network } of [nic, ...Object.values(interfaces)]) {
    if (!active.includes(network))
      throw new UserError(
        `"${name}" has no network "${network}" that is up. Start or make it there, and move ${machine} then.`,
      );
  }
  for (const path of [boot?.kernel, boot?.initrd]) {
    if (
      path !== undefined &&
      (await to.find(["vol-path", "--pool", place.pool, basename(path)])) === undefined
    )
      throw new UserError(
        `"${name}" does not have ${path}, from which ${machine} boots. Update the stack, and move it then.`,
      );
  }
}

async function refuseVolumes(
  to: Libvirt,
  paths: ReadonlyMap<string, string>,
  { name, pool, uri }: Place,
): Promise<void> {
  for (const volume of paths.keys()) {
    if ((await to.find(["vol-path", "--pool", pool, volume])) === undefined) continue;
    throw new UserError(
      `a volume "${volume}" is in pool "${pool}" on "${name}" already, and is not this machine's. Where nobody needs it, remove it ("virsh -c ${uri} vol-delete --pool ${pool} ${volume}").`,
    );
  }
}

/** Each disk lies there twice for a while: as it came, and as the machine's own. */
async function requireRoom(from: Libvirt, to: Libvirt, xml: string, { name, pool }: Place): Promise<void> {
  let needed = 0;
  for (const { path } of writtenDisks(xml)) needed += 2 * (await allocated(from, path));
  const free = bytes(await to.run(["pool-info", "--bytes", pool]), "Available");
  if (free >= needed) return;
  throw new UserError(
    `pool "${pool}" on "${name}" has ${mebibytes(free)} MiB free, and the move takes up to ${mebibytes(needed)} MiB there. Make room, or choose another hypervisor.`,
  );
}

/** What a disk's content takes, with that which it is a clone of. */
async function allocated(libvirt: Libvirt, path: string): Promise<number> {
  const xml = await libvirt.find(["vol-dumpxml", path]);
  if (xml === undefined) return 0;
  const own = bytes(await libvirt.run(["vol-info", "--bytes", path]), "Allocation");
  const base = /<backingStore>\s*<path>([^<]+)<\/path>/.exec(xml)?.[1];
  return base === undefined ? own : own + (await allocated(libvirt, base));
}

function bytes(text: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(text)?.[1] ?? 0);
}

function mebibytes(count: number): number {
  return Math.ceil(count / 2 ** 20);
}
