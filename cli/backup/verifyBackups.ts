import { Libvirt } from "../../providers/virsh/libvirt.js";
import { commandCall } from "../commandCall.js";
import { readTopology } from "../placementInput.js";
import type { Project } from "../project.js";
import { say, UserError } from "../say.js";
import { setup } from "../setup.js";
import { temporaryFolder } from "../temporaryFolder.js";
import type { StackOptions } from "../up.js";
import { verifyBackup } from "./machine/verifyBackup.js";
import { openRepository, type RepositoryOptions } from "./openRepository.js";

export interface VerifyBackupsOptions extends StackOptions, RepositoryOptions {
  /** The hypervisor to try them on. Default: the machine's own, as the stack describes it. */
  readonly hypervisor?: string;
}

const limitMs = 60 * 60_000;

/** Tries backups, each in a throw-away machine; those that are named, or the newest of each machine where it was not tried. */
export async function verifyBackups(
  project: Project,
  ids: readonly string[],
  options: VerifyBackupsOptions,
): Promise<void> {
  const repository = await openRepository(options);
  const ready = await setup(project, []);
  const topology = readTopology(project, options, ready.host);
  const verified = await repository.verifications();
  const all = await repository.backups();
  const newest = [...new Map(all.map((backup) => [`${backup.stack} ${backup.machine}`, backup])).values()];
  const chosen =
    ids.length > 0
      ? await Promise.all(ids.map((id) => repository.getBackup(id)))
      : newest.filter(({ id, stack }) => stack === options.stack && !verified.has(id));
  if (chosen.length === 0) say("The newest backup of each machine was verified already.");
  const wrong: string[] = [];
  for (const backup of chosen) {
    const name =
      options.hypervisor ?? topology.machines.find((one) => one.name === backup.machine)?.hypervisor;
    const hypervisor = topology.hypervisors.find(
      (one) => one.name === (name ?? topology.hypervisors[0]?.name),
    );
    if (hypervisor === undefined) {
      const known = topology.hypervisors.map((one) => one.name).join(", ");
      throw new UserError(`stack "${options.stack}" has no hypervisor "${name}"; it has: ${known}.`);
    }
    const where = { uri: hypervisor.uri, pool: hypervisor.pool.name, temporary: temporaryFolder(project) };
    await requirePool(where.uri, where.pool);
    try {
      const done = await verifyBackup(repository, backup, where, commandCall(limitMs));
      await repository.putVerification(done);
      say(`${backup.id}: verified: ${done.checks.join("; ")}`);
    } catch (error) {
      wrong.push(backup.id);
      say(`${backup.id}: NOT VERIFIED: ${(error as Error).message}`);
    }
  }
  if (wrong.length > 0) throw new UserError(`not verified: ${wrong.join(", ")}`);
}

async function requirePool(uri: string, pool: string): Promise<void> {
  await Libvirt.with(uri, AbortSignal.timeout(30_000), async (libvirt) => {
    if ((await libvirt.find(["pool-uuid", pool])) === undefined) {
      throw new UserError(`hypervisor ${uri} has no pool "${pool}"; bring the stack up first.`);
    }
  });
}
