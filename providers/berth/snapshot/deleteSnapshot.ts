import type { Libvirt } from "../../virsh/libvirt.js";
import { powerOf } from "../../virsh/powerOf.js";
import { isOn } from "../domain/power.js";
import { diskNodes } from "./diskNodes.js";

/**
 * Removes a machine's snapshot. Succeeds where it has gone, with its machine or without.
 *
 * @param options.unrecorded libvirt may not have been told of it yet, and QEMU has it all the same
 */
export async function deleteSnapshot(
  libvirt: Libvirt,
  domain: string,
  name: string,
  options: { readonly unrecorded?: boolean; readonly signal?: AbortSignal } = {},
): Promise<void> {
  const { signal } = options;
  const names = await libvirt.find(["snapshot-list", domain, "--name"], signal);
  if (names === undefined) return;
  if (names.split("\n").includes(name)) {
    await libvirt.find(["snapshot-delete", domain, name], signal);
    return;
  }
  if (options.unrecorded !== true || !isOn(await powerOf(libvirt, domain, signal))) return;
  for (const device of await diskNodes(libvirt, domain, signal)) {
    const question = { execute: "blockdev-snapshot-delete-internal-sync", arguments: { device, name } };
    // Where it was not taken, there is none.
    await libvirt.askQemu(domain, question, signal).catch(() => {});
  }
}
