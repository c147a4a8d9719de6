import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isMap, parseDocument } from "yaml";
import { commandCall } from "../commandCall.js";
import { editStackFile } from "../editStackFile.js";
import type { Project } from "../project.js";
import { say, UserError } from "../say.js";
import { setup } from "../setup.js";
import { configFileOf } from "../stack.js";
import { chosenMachines, machineRef, stackMachines } from "../stackMachines.js";
import { temporaryFolder } from "../temporaryFolder.js";
import { type StackOptions, update } from "../up.js";
import { backUpMachines } from "./machine/backUpMachines.js";
import { FolderStore } from "./repository/folderStore.js";
import { Repository } from "./repository/repository.js";
import { restoreInto } from "./restoreBackup.js";

const limitMs = 6 * 60 * 60_000;

/** Adds a machine to a stack whose disks hold what another one's do, and that has a name, an address and an identity of its own. */
export async function cloneMachine(
  project: Project,
  source: string,
  name: string,
  options: StackOptions,
): Promise<void> {
  const ready = await setup(project, []);
  const { machines } = await stackMachines(project, ready, options);
  const from = machineRef(chosenMachines(machines, [source], options.stack)[0]!);
  if (machines.some(({ spec }) => spec.name === name)) {
    throw new UserError(`stack "${options.stack}" has a machine "${name}" already; choose another name.`);
  }
  await editStackFile(project, options, (text) => withClone(text, source, name));
  say(`${configFileOf(project, options)} has a machine "${name}" now, like "${source}".`);
  const folder = mkdtempSync(join(temporaryFolder(project), "clone-"));
  try {
    const repository = await Repository.open(new FolderStore(folder), undefined, {});
    const [copy] = await backUpMachines(
      repository,
      { stack: options.stack, machines: [from], temporary: folder },
      commandCall(limitMs),
    );
    await update(project, ready, options);
    await restoreInto(project, ready, repository, copy!, name, options);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The text of a stack's file with one machine more, described as another but for its address. */
export function withClone(text: string, source: string, name: string): string {
  const document = parseDocument(text);
  const at = ["config", "berth:machines"];
  const settings = document.getIn([...at, source]);
  const copy = isMap(settings) ? (settings.toJSON() as Record<string, unknown>) : {};
  delete copy["address"];
  document.setIn([...at, name], document.createNode(copy, { flow: true }));
  return document.toString({ lineWidth: 0 });
}
