import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Libvirt } from "../../../providers/virsh/libvirt.js";
import type { StoredFile } from "../repository/manifest.js";
import type { Repository } from "../repository/repository.js";
import { loadFile } from "../repository/storedFiles.js";

const convertLimitMs = 60 * 60_000;

export interface Destination {
  readonly pool: string;
  readonly volume: string;
  /** Local folder for what is on its way. */
  readonly temporary: string;
}

/**
 * Puts a stored file into a pool, as a volume that is there only when all of it is. A disk becomes qcow2, a clone of nothing.
 * What has the volume's name is replaced.
 *
 * @returns its path on the hypervisor
 * @throws where a chunk of it is missing or damaged; nothing was touched then
 */
export async function uploadStored(
  libvirt: Libvirt,
  repository: Repository,
  stored: StoredFile,
  kind: "disk" | "file",
  { pool, volume, temporary }: Destination,
  signal: AbortSignal,
): Promise<string> {
  const folder = await mkdtemp(join(temporary, "berth-restore-"));
  try {
    let local = join(folder, "raw");
    await loadFile(repository, stored, local, signal);
    if (kind === "disk") {
      const disk = join(folder, "qcow2");
      await promisify(execFile)("qemu-img", ["convert", "-f", "raw", "-O", "qcow2", local, disk], {
        signal,
        timeout: convertLimitMs,
      });
      await rm(local);
      local = disk;
    }
    return await uploadVolume(libvirt, { pool, volume }, local);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Copies a local file into a pool, in the place of what has the volume's name. @returns its path on the hypervisor */
export async function uploadVolume(
  libvirt: Libvirt,
  { pool, volume }: Pick<Destination, "pool" | "volume">,
  from: string,
): Promise<string> {
  await libvirt.run(["pool-refresh", pool]);
  await libvirt.find(["vol-delete", "--pool", pool, volume]);
  await libvirt.run(["vol-create-as", pool, volume, "1MiB", "--format", "raw"]);
  await libvirt.run(["vol-upload", "--pool", pool, volume, from]);
  await libvirt.run(["pool-refresh", pool]);
  return libvirt.run(["vol-path", "--pool", pool, volume]);
}
