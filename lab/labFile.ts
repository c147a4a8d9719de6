import { existsSync } from "node:fs";
import { join } from "node:path";

/**
 * The path of a file of this folder that is no TypeScript and so is not copied to dist/: a script, a Dockerfile.
 * @param name relative to lab/: "host/enter.sh"
 */
export function labFile(name: string): string {
  const here = import.meta.dirname;
  const beside = join(here, name);
  // Compiled, this file is dist/lab/labFile.js.
  return existsSync(beside) ? beside : join(here, "..", "..", "lab", name);
}
