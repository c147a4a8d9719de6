import { commandCall } from "../commandCall.js";
import type { Project } from "../project.js";
import { say, UserError } from "../say.js";
import { settle } from "../settle.js";
import { type Ready, setup } from "../setup.js";
import { chosenMachines, machineRef, stackMachines } from "../stackMachines.js";
import { temporaryFolder } from "../temporaryFolder.js";
import { type StackOptions, update } from "../up.js";
import { restoreMachine } from "./machine/restoreMachine.js";
import { openRepository, type RepositoryOptions } from "./openRepository.js";
import type { Backup } from "./repository/manifest.js";
import type { Repository } from "./repository/repository.js";

export interface RestoreBackupOptions extends StackOptions, RepositoryOptions {
  /** The machine whose disks are replaced. Default: the one that was backed up. */
  readonly machine?: string;
  /** Also where it was not verified. */
  readonly unverified?: boolean;
}

const limitMs = 6 * 60 * 60_000;

/** Brings a machine back from a backup: made anew where it is not there, on whichever hypervisor the stack puts it. */
export async function restoreBackup(
  project: Project,
  id: string,
  options: RestoreBackupOptions,
): Promise<void> {
  const repository = await openRepository(options);
  const backup = await repository.getBackup(id);
  if (!options.unverified && !(await repository.verifications()).has(id)) {
    throw new UserError(
      `"${id}" was never verified, so nobody knows whether it works. "berth backup verify ${id}" tries it; --unverified restores it all the same.`,
    );
  }
  const ready = await setup(project, []);
  await restoreInto(project, ready, repository, backup, options.machine ?? backup.machine, options);
}

/** Puts a backup in the place of a stack's machine, and has an update make the rest agree. */
export async function restoreInto(
  project: Project,
  ready: Ready,
  repository: Repository,
  backup: Backup,
  name: string,
  options: StackOptions,
): Promise<void> {
  let { machines } = await stackMachines(project, ready, options);
  if (machines.find(({ spec }) => spec.name === name)?.domain === undefined) {
    say(`${name} is not there: an update makes it first.`);
    await update(project, ready, options);
    ({ machines } = await stackMachines(project, ready, options));
  }
  const target = machineRef(chosenMachines(machines, [name], options.stack)[0]!);
  await restoreMachine(repository, backup, target, temporaryFolder(project), commandCall(limitMs));
  say(`${name}: restored from ${backup.id}`);
  await settle(project, ready, options, [target]);
}
