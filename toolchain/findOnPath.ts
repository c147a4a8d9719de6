import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { delimiter, join } from "node:path";

/** The executables of a name in the folders of a PATH, in its order. */
export async function findOnPath(name: string, path: string | undefined): Promise<string[]> {
  const found: string[] = [];
  for (const folder of (path ?? "").split(delimiter).filter((entry) => entry.startsWith("/"))) {
    const candidate = join(folder, name);
    try {
      await access(candidate, constants.X_OK);
      if ((await stat(candidate)).isFile() && !found.includes(candidate)) {
        found.push(candidate);
      }
    } catch {
      // Not in this folder.
    }
  }
  return found;
}
