import { readFileSync, writeFileSync } from "node:fs";
import { place } from "@berth/components/placement";
import { imageDigests, readTopology, runningSeats } from "./placementInput.js";
import type { Project } from "./project.js";
import { configFileOf } from "./stack.js";
import type { StackOptions } from "./up.js";

/**
 * Writes a stack's file anew. Where what it then says is wrong, or some replica finds no place, the file is as it was.
 *
 * @param edit the file's text before → after
 * @throws TopologyError, PlacementError
 */
export async function editStackFile(
  project: Project,
  options: StackOptions,
  edit: (text: string) => string,
): Promise<void> {
  const file = configFileOf(project, options);
  const before = readFileSync(file, "utf8");
  writeFileSync(file, edit(before));
  try {
    const changed = readTopology(project, options);
    const today = await runningSeats(project, options.stack);
    place(changed, today, {}, [], imageDigests(project, changed));
  } catch (error) {
    writeFileSync(file, before);
    throw error;
  }
}
