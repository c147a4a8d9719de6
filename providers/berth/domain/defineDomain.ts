import type { Libvirt } from "../../virsh/libvirt.js";
import type { DataVolume } from "./dataDisks.js";
import { type DomainShape, domainXml } from "./domainXml.js";
import { ownerMark } from "./ownership.js";

/** Describes a machine to libvirt: what it is at its next start. A domain that runs goes on as it is. */
export async function defineDomain(
  libvirt: Libvirt,
  shape: DomainShape,
  volumes: readonly DataVolume[],
  urn: string,
): Promise<void> {
  const dataDisks = Object.fromEntries(volumes.map(({ disk, path }) => [disk, path]));
  const xml = domainXml({ ...shape, dataDisks }, ownerMark(urn));
  await libvirt.run(["define", await libvirt.file("domain.xml", xml)]);
}
