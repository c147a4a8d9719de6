import type { Libvirt } from "../../virsh/libvirt.js";
import { readDomainXml } from "./domainXml.js";
import type { DomainState } from "./types.js";

/** Up to which a machine's processors and memory can be raised as it runs now. */
export async function ceilingOf(libvirt: Libvirt, id: string): Promise<Pick<DomainState, "ceiling">> {
  const { ceiling } = readDomainXml(await libvirt.run(["dumpxml", id]));
  return { ceiling };
}
