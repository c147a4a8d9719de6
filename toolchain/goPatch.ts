import { chmod, copyFile, cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Go } from "./goToolchain.js";
import { runCommand } from "./runCommand.js";

/** A defect of a Go module that has no fixed version, mended in a copy that is compiled instead. */
export interface GoPatch {
  /** The module's path; its version is the one that go.mod pins. */
  module: string;
  /** The file in the module. */
  file: string;
  /** Text that occurs there exactly once. */
  find: string;
  replace: string;
}

const LIMIT_MS = 10 * 60_000;

/**
 * Copies the modules, as go.sum vouches for them, mends the copies, and writes a go.mod that names them.
 * @param folder for the copies; they are of use until the build is done
 * @returns the go.mod, for Go's `-modfile`
 * @throws where a text does not occur exactly once: another version of the module needs another look
 */
export async function patchedModFile(
  go: Go,
  moduleDir: string,
  patches: readonly GoPatch[],
  folder: string,
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const modFile = join(folder, "go.mod");
  await copyFile(join(moduleDir, "go.mod"), modFile);
  await copyFile(join(moduleDir, "go.sum"), join(folder, "go.sum"));
  const run = (...args: string[]) =>
    runCommand(go.command, args, { cwd: moduleDir, env: go.env, limitMs: LIMIT_MS });
  for (const [index, { module, file, find, replace }] of patches.entries()) {
    await run("mod", "download", module);
    const copy = join(folder, String(index));
    await cp((await run("list", "-m", "-f", "{{.Dir}}", module)).trim(), copy, { recursive: true });
    const path = join(copy, file);
    const [before, after, ...more] = (await readFile(path, "utf8")).split(find);
    if (before === undefined || after === undefined || more.length > 0) {
      throw new Error(
        `${module}: ${file} does not have ${JSON.stringify(find)} exactly once; look at its patch again.`,
      );
    }
    await chmod(path, 0o644);
    await writeFile(path, before + replace + after);
    await run("mod", "edit", `-replace=${module}=${copy}`, modFile);
  }
  return modFile;
}
