import type { Libvirt } from "../../virsh/libvirt.js";
import { elementText, escapeXml } from "../../virsh/xml.js";
import type { RootInputs } from "./types.js";

type Volume = Pick<RootInputs, "pool" | "name">;

/** Path that a volume of this name has in its pool, whether it is there yet or not. */
export async function volumePath(libvirt: Libvirt, { pool, name }: Volume): Promise<string> {
  const xml = await libvirt.run(["pool-dumpxml", pool]);
  const folder = elementText(xml, "path");
  if (folder === undefined) {
    throw new Error(
      `pool "${pool}" on ${libvirt.uri} has no folder, and machines' disks are files. Use a pool of type "dir".`,
    );
  }
  return `${folder.replace(/\/$/, "")}/${name}`;
}

/** @throws where a volume of this name is there: whoever made it, it is not this creation's to delete. */
export async function refuseTaken(libvirt: Libvirt, volume: Volume): Promise<void> {
  if ((await libvirt.find(["vol-path", "--pool", volume.pool, volume.name])) !== undefined) {
    throw new VolumeTaken(libvirt.uri, volume);
  }
}

/** Makes a linked clone, empty but for what its base holds. @throws VolumeTaken where there is one of its name already, which stays */
export function makeRootDisk(libvirt: Libvirt, root: RootInputs, base: string): Promise<void> {
  return makeVolume(libvirt, root, base);
}

/** Makes a volume of `size` bytes, empty but for what its base holds. @throws VolumeTaken */
export async function makeVolume(
  libvirt: Libvirt,
  { pool, name, size }: Volume & { readonly size: number },
  base?: string,
): Promise<void> {
  const backing =
    base === undefined
      ? ""
      : `<backingStore><path>${escapeXml(base)}</path><format type="qcow2"/></backingStore>`;
  const xml = await libvirt.file(
    "volume.xml",
    `<volume><name>${escapeXml(name)}</name><capacity unit="bytes">${size}</capacity>` +
      `<target><format type="qcow2"/></target>${backing}</volume>\n`,
  );
  try {
    await libvirt.run(["vol-create", pool, xml]);
  } catch (error) {
    // Also a file in the pool's folder that libvirt has not listed.
    if (/(exists already|already exists)/i.test((error as Error).message))
      throw new VolumeTaken(libvirt.uri, { pool, name });
    throw error;
  }
}

/** Succeeds where it has gone already, with its pool or without. */
export async function removeRootDisk(libvirt: Libvirt, { pool, name }: Volume): Promise<void> {
  if ((await libvirt.find(["vol-path", "--pool", pool, name])) === undefined) return;
  await libvirt.find(["vol-delete", "--pool", pool, name]);
}

/** A volume that is not this creation's has the name that its disk would have. */
export class VolumeTaken extends Error {
  override name = "VolumeTaken";
  readonly volume: string;

  constructor(uri: string, { pool, name }: Volume) {
    super(
      `a volume "${name}" is in pool "${pool}" on ${uri} already, and no machine that this stack began to make has it as its disk. ` +
        "A disk that Berth did not make is never deleted. Give the machine another name, " +
        `or, where nobody needs what is on that volume, remove it ("virsh vol-delete --pool ${pool} ${name}").`,
    );
    this.volume = name;
  }
}
