import { isMap, parseDocument } from "yaml";
import { editStackFile } from "./editStackFile.js";
import { readTopology } from "./placementInput.js";
import type { Project } from "./project.js";
import { say, UserError } from "./say.js";
import { setup } from "./setup.js";
import { configFileOf } from "./stack.js";
import { imagesOf, type StackOptions, update } from "./up.js";

export interface DrainOptions extends StackOptions {
  /** Use the machine again. */
  readonly undo?: boolean;
}

/**
 * Takes every replica off a machine, for its maintenance: says so in the stack's file, and brings that about with an update, in which
 * each new replica is there before the old one goes. What can't be is refused before anything is changed, the file included.
 */
export async function drain(project: Project, machine: string, options: DrainOptions): Promise<void> {
  const file = configFileOf(project, options);
  const topology = readTopology(project, options);
  const spec = topology.machines.find(({ name }) => name === machine);
  if (spec === undefined) {
    const known = topology.machines.map(({ name }) => name).join(", ");
    throw new UserError(`stack "${options.stack}" has no machine "${machine}"; it has ${known}.`);
  }
  const wanted = !options.undo;
  if (spec.drain === wanted) {
    say(`Machine "${machine}" is ${wanted ? "drained" : "in use"} already in ${file}.`);
  } else {
    await editStackFile(project, options, (text) => withDrain(text, machine, wanted));
  }
  await update(project, await setup(project, imagesOf(project, options)), options);
  say(
    wanted
      ? `Machine "${machine}" runs no replica now. "berth drain ${machine} --undo" uses it again.`
      : `Machine "${machine}" may be used again; "berth rebalance" moves replicas to it.`,
  );
}

/** The text of a stack's file with a machine drained, or not; its comments and its order stay. */
export function withDrain(text: string, machine: string, drained: boolean): string {
  const document = parseDocument(text);
  const at = ["config", "berth:machines", machine];
  if (!isMap(document.getIn(at))) document.setIn(at, document.createNode({}, { flow: true }));
  if (drained) document.setIn([...at, "drain"], true);
  else document.deleteIn([...at, "drain"]);
  return document.toString({ lineWidth: 0 });
}
