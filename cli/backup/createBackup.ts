import { formatSize } from "@berth/components/topology";
import { commandCall } from "../commandCall.js";
import type { Project } from "../project.js";
import { say } from "../say.js";
import { setup } from "../setup.js";
import { chosenMachines, machineRef, stackMachines } from "../stackMachines.js";
import { temporaryFolder } from "../temporaryFolder.js";
import type { StackOptions } from "../up.js";
import { backUpMachines } from "./machine/backUpMachines.js";
import { openRepository, type RepositoryOptions } from "./openRepository.js";

export interface CreateBackupOptions extends StackOptions, RepositoryOptions {
  /** Names; all of the stack's where there is none. */
  readonly machine: readonly string[];
}

const limitMs = 6 * 60 * 60_000;

/** Backs machines of a stack up, all as they are at one point in time. Prints the backups' ids. */
export async function createBackup(project: Project, options: CreateBackupOptions): Promise<void> {
  const repository = await openRepository(options, true);
  const ready = await setup(project, []);
  const { machines } = await stackMachines(project, ready, options);
  const chosen = chosenMachines(machines, options.machine, options.stack).map(machineRef);
  const backups = await repository.exclusively("berth backup", (held) =>
    backUpMachines(
      repository,
      { stack: options.stack, machines: chosen, temporary: temporaryFolder(project) },
      commandCall(limitMs, AbortSignal.any([held, AbortSignal.timeout(limitMs)])),
    ),
  );
  for (const { id, machine, consistency, added } of backups) {
    say(`${machine}: ${consistency}, ${formatSize(added)} new in ${repository.store.where}`);
    process.stdout.write(`${id}\n`);
  }
  say('Not verified yet: "berth backup verify" restores them into throw-away machines, and tries them.');
}
