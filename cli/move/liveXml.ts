import { escapeXml } from "../../providers/virsh/xml.js";

/** What differs for a running machine on another hypervisor; all else its memory knows. */
export interface LiveChanges {
  /** Its disks, kernel and console's log: where each lies there, by its path here. */
  readonly paths: ReadonlyMap<string, string>;
  /** libvirt's name of the network there, of the interface with this Ethernet address. */
  readonly nic: { readonly mac: string; readonly network: string };
}

/** The description of a running machine, with the same devices in the same places, for another hypervisor. */
export function liveXml(xml: string, { paths, nic }: LiveChanges): string {
  let result = xml
    // Its disks are clones of nothing there.
    .replace(/<disk [\s\S]*?<\/disk>/g, (disk) =>
      disk.replace(/\s*<backingStore[\s>][\s\S]*<\/backingStore>/, ""),
    )
    .replace(/<interface [\s\S]*?<\/interface>/g, (one) =>
      new RegExp(`<mac address=['"]${nic.mac}['"]`, "i").test(one)
        ? one.replace(/<source network=['"][^'"]*['"]/, `<source network="${escapeXml(nic.network)}"`)
        : one,
    );
  for (const [here, there] of paths) {
    const [old, own] = [escapeXml(here), escapeXml(there)];
    // As a whole: one path may begin like another.
    for (const [begin, end] of [
      ['"', '"'],
      ["'", "'"],
      [">", "<"],
    ])
      result = result.replaceAll(`${begin}${old}${end}`, `${begin}${own}${end}`);
  }
  return result;
}
