import type { MachineRef } from "../providers/berth/snapshot/types.js";
import type { Project } from "./project.js";
import { pulumi } from "./pulumi.js";
import { removeStrays } from "./removeStrays.js";
import { say } from "./say.js";
import type { Ready } from "./setup.js";
import { type StackOptions, stackArguments } from "./up.js";

/** After machines' disks were put to another time: an update that reads what is there now, and makes what the stack describes. */
export async function settle(
  project: Project,
  ready: Ready,
  options: StackOptions,
  machines: readonly MachineRef[],
): Promise<void> {
  say("An update follows, so that what runs on them is what the stack describes.");
  await removeStrays(project, ready, options.stack, machines);
  const quiet = ["--yes", "--skip-preview", "--suppress-outputs"];
  await pulumi(project, ready, ["up", "--refresh", "--run-program", ...quiet, ...stackArguments(options)]);
}
