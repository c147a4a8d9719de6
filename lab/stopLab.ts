import { rm, rmdir } from "node:fs/promises";
import { dirname } from "node:path";
import { type Log, withLock } from "../toolchain/lock.js";
import { removeNamespaces } from "./labNamespaces.js";
import { labId, labPaths, labRecord } from "./labPaths.js";

export interface StopLabOptions {
  /** The checkout's BERTH_HOME, which the lab belongs to. */
  berthHome: string;
  log: Log;
  /** The id it was started with, where it was not the default. */
  id?: string;
}

/**
 * Ends the lab and removes everything in it: guests, volumes, containers, images, bridges, namespaces, files.
 * Harmless where none runs; works on what a crash left.
 */
export async function stopLab({ berthHome, log, id }: StopLabOptions): Promise<void> {
  const lab = labPaths(id ?? labId(berthHome));
  await withLock(`${lab.runDir}.lock`, { doing: `stopping lab ${lab.id}`, log }, async () => {
    await removeNamespaces(lab);
    await rm(lab.runDir, { recursive: true, force: true });
    await rm(lab.stateDir, { recursive: true, force: true });
    await rm(labRecord(berthHome), { force: true });
  });
  for (const parent of [dirname(lab.runDir), dirname(lab.stateDir)]) {
    await rmdir(parent).catch(() => {}); // Not empty where other labs are.
  }
}
