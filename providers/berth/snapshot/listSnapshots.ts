import type { Libvirt } from "../../virsh/libvirt.js";
import { readSnapshotXml } from "./snapshotXml.js";
import type { FoundSnapshot } from "./types.js";

/** The snapshots of a domain, oldest first; `undefined` where the domain is not there. */
export async function listSnapshots(libvirt: Libvirt, domain: string): Promise<FoundSnapshot[] | undefined> {
  const names = await libvirt.find(["snapshot-list", domain, "--name"]);
  if (names === undefined) return undefined;
  const found: FoundSnapshot[] = [];
  for (const name of names.split("\n").filter((one) => one !== "")) {
    const xml = await libvirt.find(["snapshot-dumpxml", domain, name]);
    if (xml !== undefined) found.push(readSnapshotXml(xml));
  }
  return found.sort((one, other) => one.taken.localeCompare(other.taken));
}
