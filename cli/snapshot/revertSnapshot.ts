import { listSnapshots } from "../../providers/berth/snapshot/listSnapshots.js";
import { revertSnapshots } from "../../providers/berth/snapshot/revertSnapshots.js";
import type { MachineRef } from "../../providers/berth/snapshot/types.js";
import { Libvirt } from "../../providers/virsh/libvirt.js";
import { commandCall } from "../commandCall.js";
import type { Project } from "../project.js";
import { say, UserError } from "../say.js";
import { settle } from "../settle.js";
import { setup } from "../setup.js";
import { chosenMachines, machineRef, stackMachines } from "../stackMachines.js";
import type { StackOptions } from "../up.js";

export interface RevertSnapshotOptions extends StackOptions {
  /** Names; all that have the snapshot where there is none. */
  readonly machine: readonly string[];
}

const limitMs = 30 * 60_000;
const lookLimitMs = 60_000;

/**
 * Takes machines back to a snapshot, and then has an update bring what runs on them to what the stack describes. What they have
 * written since is lost.
 */
export async function revertSnapshot(
  project: Project,
  name: string,
  options: RevertSnapshotOptions,
): Promise<void> {
  const ready = await setup(project, []);
  const { machines } = await stackMachines(project, ready, options);
  const chosen =
    options.machine.length > 0
      ? chosenMachines(machines, options.machine, options.stack).map(machineRef)
      : await having(
          name,
          machines.flatMap((one) =>
            one.domain === undefined ? [] : [machineRef({ ...one, domain: one.domain })],
          ),
        );
  if (chosen.length === 0) {
    throw new UserError(
      `no machine of stack "${options.stack}" has a snapshot "${name}"; "berth snapshot list" shows them.`,
    );
  }
  await revertSnapshots(name, chosen, commandCall(limitMs));
  say(`Taken back to "${name}": ${chosen.map((one) => one.name).join(", ")}`);
  await settle(project, ready, options, chosen);
}

async function having(name: string, machines: readonly MachineRef[]): Promise<MachineRef[]> {
  const found: MachineRef[] = [];
  for (const machine of machines) {
    const all = await Libvirt.with(machine.uri, AbortSignal.timeout(lookLimitMs), (libvirt) =>
      listSnapshots(libvirt, machine.domain),
    );
    if (all?.some((one) => one.name === name)) found.push(machine);
  }
  return found;
}
