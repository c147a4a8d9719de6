import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Call } from "../../providers/kit/index.js";
import type { Libvirt } from "../../providers/virsh/libvirt.js";
import type { StoredFile } from "../backup/repository/manifest.js";
import type { Repository } from "../backup/repository/repository.js";
import { loadFile, storeFile } from "../backup/repository/storedFiles.js";
import type { Part } from "./changedParts.js";

/** A disk's content on the target hypervisor, raw, until the machine has it. */
export interface StagedDisk {
  readonly pool: string;
  readonly volume: string;
}

/** Volumes of this machine that are on their way begin so; no other machine's do. */
export function stagedPrefix(domain: string): string {
  return `berth-move-${domain}-`;
}

/** Brings a whole disk to a hypervisor, in the place of what has the volume's name, and reads it back. */
export async function stageDisk(
  libvirt: Libvirt,
  repository: Repository,
  disk: StagedDisk,
  stored: StoredFile,
  temporary: string,
  call: Pick<Call<unknown>, "signal">,
): Promise<void> {
  const { pool, volume } = disk;
  await libvirt.run(["pool-refresh", pool]);
  await libvirt.find(["vol-delete", "--pool", pool, volume]);
  const size = ["--allocation", "0", "--format", "raw"];
  await libvirt.run(["vol-create-as", pool, volume, `${stored.bytes}B`, ...size]);
  await send(libvirt, repository, disk, { offset: 0, stored }, ["--sparse"], temporary, call);
}

/** Brings parts of a disk that is there already, and reads each back. */
export async function stageParts(
  libvirt: Libvirt,
  repository: Repository,
  disk: StagedDisk,
  parts: readonly Part[],
  temporary: string,
  call: Pick<Call<unknown>, "signal">,
): Promise<void> {
  for (const part of parts) {
    const range = ["--offset", `${part.offset}`, "--length", `${part.stored.bytes}`];
    await send(libvirt, repository, disk, part, range, temporary, call);
  }
}

/** @throws where what is read back is not what was sent */
async function send(
  libvirt: Libvirt,
  repository: Repository,
  { pool, volume }: StagedDisk,
  { offset, stored }: Part,
  range: readonly string[],
  temporary: string,
  { signal }: Pick<Call<unknown>, "signal">,
): Promise<void> {
  const folder = await mkdtemp(join(temporary, "berth-move-"));
  try {
    const local = join(folder, "part");
    await loadFile(repository, stored, local, signal);
    await libvirt.run(["vol-upload", "--pool", pool, volume, local, ...range]);
    await rm(local);
    await libvirt.run(["vol-download", "--pool", pool, volume, local, ...range]);
    const { stored: arrived } = await storeFile(repository, local, signal);
    if (!isDeepStrictEqual(arrived, stored)) {
      throw new Error(
        `what came to ${libvirt.uri} is not what was sent: ${stored.bytes} bytes of ${volume} from ${offset} on have another checksum. Look at its disk and at the network on the way, and try again.`,
      );
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Removes all that is on its way of a machine. */
export async function removeStaged(libvirt: Libvirt, pool: string, domain: string): Promise<void> {
  await libvirt.run(["pool-refresh", pool]);
  const list = await libvirt.run(["vol-list", "--pool", pool]);
  const volumes = list.split("\n").map((line) => line.trim().split(/\s+/)[0] ?? "");
  for (const volume of volumes.filter((one) => one.startsWith(stagedPrefix(domain))))
    await libvirt.find(["vol-delete", "--pool", pool, volume]);
}
