import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Still, standStill } from "../../../providers/berth/snapshot/standStill.js";
import type { MachineRef } from "../../../providers/berth/snapshot/types.js";
import { withLibvirts } from "../../../providers/berth/snapshot/withLibvirts.js";
import type { Call } from "../../../providers/kit/index.js";
import type { Libvirt } from "../../../providers/virsh/libvirt.js";
import { powerOf } from "../../../providers/virsh/powerOf.js";
import { elementText } from "../../../providers/virsh/xml.js";
import type { Backup, GuestFacts, StoredFile } from "../repository/manifest.js";
import type { Repository } from "../repository/repository.js";
import { storeFile } from "../repository/storedFiles.js";
import { beginCopy, type Copying, removeCopies } from "./copyDisks.js";
import { downloadVolume } from "./downloadVolume.js";
import { guestFacts } from "./guestFacts.js";

export interface BackupRequest {
  readonly stack: string;
  readonly machines: readonly MachineRef[];
  /** Folder for what is on its way; as large as the data of one machine's disks. */
  readonly temporary: string;
}

interface Caught {
  readonly still: Still;
  readonly xml: string;
  readonly facts: GuestFacts | undefined;
  readonly copying: Copying;
}

/**
 * Backs machines up, all as they are at one point in time, for which they stand still for a moment. A backup is in the
 * repository when all of it is.
 */
export async function backUpMachines(
  repository: Repository,
  { stack, machines, temporary }: BackupRequest,
  call: Pick<Call<unknown>, "signal" | "log" | "status">,
): Promise<Backup[]> {
  return withLibvirts(machines, call.signal, async (all) => {
    const facts = new Map<string, GuestFacts | undefined>();
    for (const { machine, libvirt } of all) {
      // Asked for before they are frozen: whoever is frozen answers nothing.
      const isUp = (await powerOf(libvirt, machine.domain)) === "running";
      facts.set(machine.name, isUp ? await guestFacts(libvirt, machine.domain, call.signal) : undefined);
    }
    const caught: Caught[] = [];
    const taken = new Date();
    try {
      await standStill(all, { memory: false }, call, async (still) => {
        for (const one of still) {
          const { libvirt, machine } = one;
          const xml = await libvirt.run(["dumpxml", "--inactive", "--security-info", machine.domain]);
          const copying = await beginCopy(one, xml);
          caught.push({ still: one, xml, facts: facts.get(machine.name), copying });
        }
      });
      const backups: Backup[] = [];
      for (const one of caught) backups.push(await keep(repository, one, { stack, taken, temporary }, call));
      // The whole set, or none of it.
      for (const backup of backups) await repository.putBackup(backup);
      return backups;
    } finally {
      for (const { still, copying } of caught) {
        await still.libvirt
          .find(["domjobabort", still.machine.domain], AbortSignal.timeout(30_000))
          .catch(() => {}); // None runs.
        await removeCopies(still.libvirt, copying.copies);
      }
    }
  });
}

async function keep(
  repository: Repository,
  { still, xml, facts, copying }: Caught,
  { stack, taken, temporary }: { readonly stack: string; readonly taken: Date; readonly temporary: string },
  call: Pick<Call<unknown>, "signal" | "log" | "status">,
): Promise<Backup> {
  const { machine, libvirt, consistency } = still;
  const { name } = machine;
  const folder = await mkdtemp(join(temporary, "berth-backup-"));
  try {
    await copying.done(call);
    const disks: Record<string, StoredFile> = {};
    const files: Record<string, StoredFile> = {};
    let added = 0;
    const store = async (what: string, path: string) => {
      const kept = await storeFile(repository, path, call.signal, (bytes, of) =>
        call.status(`${name}: storing ${what}, ${Math.floor((100 * bytes) / of)} %`),
      );
      added += kept.added;
      return kept.stored;
    };
    for (const { target, pool, volume } of copying.copies) {
      const path = join(folder, target);
      call.status(`${name}: fetching ${target}`);
      await downloadVolume(libvirt, { pool, volume }, path);
      await removeCopies(libvirt, [{ target, pool, volume }]);
      disks[target] = await store(target, path);
      await rm(path);
    }
    for (const path of bootFiles(xml)) {
      const local = join(folder, "file");
      if (!(await downloadPath(libvirt, path, local))) continue;
      files[path] = await store(path, local);
      await rm(local);
    }
    const when = taken.toISOString();
    return {
      version: 1,
      id: `${name}-${when.replace(/[-:]|\.\d+/g, "")}`,
      set: when,
      stack,
      machine: name,
      taken: when,
      consistency: consistency as Backup["consistency"],
      hypervisor: machine.uri,
      domain: xml,
      disks,
      files,
      ...(facts && { facts }),
      added,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Files on the hypervisor that a machine starts with: its kernel, its initial RAM disk. Its seed only matters to a new one. */
function bootFiles(xml: string): string[] {
  return ["kernel", "initrd"].flatMap((name) => elementText(xml, name) ?? []);
}

/** @returns whether libvirt has it as a volume */
async function downloadPath(libvirt: Libvirt, path: string, to: string): Promise<boolean> {
  const pool = await libvirt.find(["vol-pool", path]);
  if (pool === undefined) return false;
  await downloadVolume(libvirt, { pool, volume: path.split("/").at(-1)! }, to);
  return true;
}
