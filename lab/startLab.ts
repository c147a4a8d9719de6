import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { ensurePackages } from "../toolchain/apt.js";
import { type Log, withLock } from "../toolchain/lock.js";
import { writeDaemonConfig } from "./daemonConfig.js";
import { startDaemons } from "./daemons.js";
import type { Lab } from "./lab.js";
import { createNamespaces, removeNamespaces } from "./labNamespaces.js";
import { labPackages } from "./labPackages.js";
import { labId, labPaths, labRecord } from "./labPaths.js";
import { labInit } from "./labProcesses.js";

export interface StartLabOptions {
  /** The checkout's BERTH_HOME, which the lab belongs to. */
  berthHome: string;
  /** Told what is done and how long it may take. */
  log: Log;
  /** Names the lab; default derived from berthHome, so that each checkout has its own. */
  id?: string;
}

/**
 * Makes this checkout's lab run, whatever its state: started for the first time (about 3 s), after a reboot
 * with its domains and containers, or with those of its daemons that died. A running lab is left as it is.
 * Records it in `<berthHome>/lab.json`.
 * @throws where the caller is not root, a package is missing and can't be installed, or a daemon does not get
 *   ready in 60 s; the message has the end of its log
 */
export async function startLab({ berthHome, log, id }: StartLabOptions): Promise<Lab> {
  if (process.getuid?.() !== 0) {
    throw new Error("A lab makes namespaces and bridges: run as root, or use a libvirtd that runs already.");
  }
  const lab = labPaths(id ?? labId(berthHome));
  await ensurePackages(labPackages, log);
  await withLock(`${lab.runDir}.lock`, { doing: `starting lab ${lab.id}`, log }, async () => {
    let init = labInit(lab);
    if (!init) {
      log(`Starting lab ${lab.id}: libvirt and Docker in a network namespace of their own (a few seconds)`);
      await removeNamespaces(lab);
      // libvirtd starts autostart domains once a boot, and knows by a file in here that it has.
      await rm(lab.runDir, { recursive: true, force: true });
      await writeDaemonConfig(lab);
      init = await createNamespaces(lab);
    }
    await startDaemons(lab, init);
    await record(berthHome, lab);
  });
  return lab;
}

async function record(berthHome: string, lab: Lab): Promise<void> {
  const path = labRecord(berthHome);
  const text = `${JSON.stringify(lab, null, 2)}\n`;
  if ((await readFile(path, "utf8").catch(() => "")) !== text) {
    await writeFile(`${path}.tmp`, text);
    await rename(`${path}.tmp`, path);
  }
}
