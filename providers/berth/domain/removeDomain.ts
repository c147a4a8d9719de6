import type { Libvirt } from "../../virsh/libvirt.js";
import { cutPower } from "./power.js";

/** Ends a domain and removes it; its disks stay. `domain`: its name or UUID. What has gone already is fine. */
export async function removeDomain(libvirt: Libvirt, domain: string): Promise<void> {
  await cutPower(libvirt, domain);
  await libvirt.find(["undefine", domain, "--managed-save", "--snapshots-metadata", "--nvram"]);
}
