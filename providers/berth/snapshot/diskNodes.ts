import type { Libvirt } from "../../virsh/libvirt.js";
import { snapshotDisks } from "../domain/domainDisks.js";

interface Block {
  /** Path of the device among QEMU's objects: `/machine/peripheral/virtio-disk0/virtio-backend`. */
  readonly qdev?: string;
  readonly inserted?: { readonly "node-name": string };
}

/** What QEMU calls the nodes that a running machine's disks are, of those that it writes to. */
export async function diskNodes(libvirt: Libvirt, domain: string, signal?: AbortSignal): Promise<string[]> {
  const disks = snapshotDisks(await libvirt.run(["dumpxml", domain], signal));
  const blocks: readonly Block[] = await libvirt.askQemu(domain, { execute: "query-block" }, signal);
  return disks.map(({ target, alias }) => {
    const block = blocks.find(({ qdev }) => qdev?.split("/").includes(alias ?? ""));
    const node = block?.inserted?.["node-name"];
    if (node === undefined) throw new Error(`QEMU has no name for the disk ${target}`);
    return node;
  });
}
