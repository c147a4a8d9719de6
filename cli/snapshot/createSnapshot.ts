import { takeSnapshots } from "../../providers/berth/snapshot/takeSnapshots.js";
import { commandCall } from "../commandCall.js";
import type { Project } from "../project.js";
import { say, UserError } from "../say.js";
import { setup } from "../setup.js";
import { chosenMachines, machineRef, stackMachines } from "../stackMachines.js";
import type { StackOptions } from "../up.js";

export interface CreateSnapshotOptions extends StackOptions {
  /** Names; all of the stack's where there is none. */
  readonly machine: readonly string[];
  readonly memory?: boolean;
  readonly description: string;
}

const limitMs = 20 * 60_000;
const nameRule = /^[A-Za-z][\w.-]{0,62}$/;
const words = {
  memory: "with its memory: it goes on where it was",
  frozen: "its file systems at rest",
  off: "it does not run",
  crash: "as a power cut would leave it",
} as const;

/** Takes a snapshot of machines of a stack, all at one point in time. */
export async function createSnapshot(
  project: Project,
  name: string,
  options: CreateSnapshotOptions,
): Promise<void> {
  if (!nameRule.test(name)) {
    throw new UserError(
      `"${name}" is not a snapshot's name: a letter, then letters, digits and "._-", 63 at most.`,
    );
  }
  const ready = await setup(project, []);
  const { machines } = await stackMachines(project, ready, options);
  const { consistency } = await takeSnapshots(
    {
      name,
      description: options.description,
      memory: options.memory ?? false,
      machines: chosenMachines(machines, options.machine, options.stack).map(machineRef),
    },
    commandCall(limitMs),
  );
  for (const [machine, what] of Object.entries(consistency)) say(`${machine}: ${words[what]}`);
  say(`"berth snapshot revert ${name}" goes back to it.`);
}
