import { deleteSnapshot as deleteOne } from "../../providers/berth/snapshot/deleteSnapshot.js";
import { listSnapshots } from "../../providers/berth/snapshot/listSnapshots.js";
import { Libvirt } from "../../providers/virsh/libvirt.js";
import type { Project } from "../project.js";
import { say, UserError } from "../say.js";
import { setup } from "../setup.js";
import { stackMachines } from "../stackMachines.js";
import type { StackOptions } from "../up.js";

export interface DeleteSnapshotOptions extends StackOptions {
  /** Names; all that have it where there is none. */
  readonly machine: readonly string[];
}

const limitMs = 10 * 60_000;

/** Deletes a snapshot; the machines stay as they are. One that the stack declares is taken anew by its next refresh and update. */
export async function deleteSnapshot(
  project: Project,
  name: string,
  options: DeleteSnapshotOptions,
): Promise<void> {
  const ready = await setup(project, []);
  const { topology, machines } = await stackMachines(project, ready, options);
  if (topology.snapshots.some((one) => one.name === name)) {
    throw new UserError(
      `snapshot "${name}" is declared under berth:snapshots. Remove it there, and update the stack.`,
    );
  }
  const deleted: string[] = [];
  for (const { spec, uri, domain } of machines) {
    if (domain === undefined || (options.machine.length > 0 && !options.machine.includes(spec.name)))
      continue;
    await Libvirt.with(uri, AbortSignal.timeout(limitMs), async (libvirt) => {
      const found = await listSnapshots(libvirt, domain);
      if (!found?.some((one) => one.name === name)) return;
      await deleteOne(libvirt, domain, name);
      deleted.push(spec.name);
    });
  }
  if (deleted.length === 0) {
    throw new UserError(
      `no such snapshot "${name}" in stack "${options.stack}"; "berth snapshot list" shows them.`,
    );
  }
  say(`Deleted "${name}" of ${deleted.join(", ")}`);
}
