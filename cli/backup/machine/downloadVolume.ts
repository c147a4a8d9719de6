import type { Libvirt } from "../../../providers/virsh/libvirt.js";

/** Copies a volume of a hypervisor to a local file, over the connection to its libvirt; holes stay holes. */
export async function downloadVolume(
  libvirt: Libvirt,
  { pool, volume }: { readonly pool: string; readonly volume: string },
  to: string,
): Promise<void> {
  await libvirt.run(["pool-refresh", pool]);
  await libvirt.run(["vol-download", "--sparse", "--pool", pool, volume, to]);
}
