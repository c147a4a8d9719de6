import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Project } from "./project.js";

/** A folder of the checkout's for what a command needs for a while, closed to others. */
export function temporaryFolder(project: Project): string {
  const folder = join(project.home, "tmp");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}
