import type { Libvirt } from "../../virsh/libvirt.js";
import { volumeSize } from "../../virsh/volumeSize.js";
import { makeVolume, removeRootDisk, VolumeTaken, volumePath } from "./rootDisk.js";
import type { DomainInputs } from "./types.js";

type Machine = Pick<DomainInputs, "name" | "root" | "disks">;

/** A data disk's volume. */
export interface DataVolume {
  readonly disk: string;
  readonly volume: string;
  readonly path: string;
  /** Made with the machine, and gone with it. */
  readonly own: boolean;
  readonly size: number;
}

/** The volumes that a machine's data disks are, whether they are there yet or not. */
export async function dataVolumes(libvirt: Libvirt, { name, root, disks }: Machine): Promise<DataVolume[]> {
  return Promise.all(
    Object.entries(disks).map(async ([disk, { volume: given, size }]) => {
      const volume = given ?? `${name}-${disk}.qcow2`;
      const path = await volumePath(libvirt, { pool: root.pool, name: volume });
      return { disk, volume, path, own: given === undefined, size };
    }),
  );
}

/** Names of those that are made with the machine. */
export function ownVolumes(volumes: readonly DataVolume[]): string[] {
  return volumes.filter(({ own }) => own).map(({ volume }) => volume);
}

/** @throws where the name of a volume that is to be made is taken, unless the machine has it as a disk already */
export async function refuseTakenVolumes(
  libvirt: Libvirt,
  pool: string,
  volumes: readonly DataVolume[],
  had: (path: string) => boolean,
): Promise<void> {
  for (const { volume, path, own } of volumes) {
    if (own && !had(path) && (await volumeSize(libvirt, { pool, name: volume })) !== undefined) {
      throw new VolumeTaken(libvirt.uri, { pool, name: volume });
    }
  }
}

/** Makes those that are not there yet; a volume that is not the machine's to make must be there. */
export async function makeVolumes(
  libvirt: Libvirt,
  pool: string,
  volumes: readonly DataVolume[],
): Promise<void> {
  for (const { disk, volume, own, size } of volumes) {
    if ((await volumeSize(libvirt, { pool, name: volume })) !== undefined) continue;
    if (!own) throw new Error(`disk "${disk}": there is no volume "${volume}" in pool "${pool}"`);
    await makeVolume(libvirt, { pool, name: volume, size });
  }
}

/** Succeeds for those that have gone already. */
export async function removeVolumes(
  libvirt: Libvirt,
  pool: string,
  volumes: readonly string[],
): Promise<void> {
  for (const name of volumes) await removeRootDisk(libvirt, { pool, name });
}
