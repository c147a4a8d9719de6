import type { Libvirt } from "./libvirt.js";

/** A volume's size in bytes; `undefined` where it has gone. */
export async function volumeSize(
  libvirt: Libvirt,
  { pool, name }: { readonly pool: string; readonly name: string },
): Promise<number | undefined> {
  const info = await libvirt.find(["vol-info", "--bytes", "--pool", pool, name]);
  const size = /^Capacity:\s+(\d+)/m.exec(info ?? "")?.[1];
  return size === undefined ? undefined : Number(size);
}
