import { mkdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

const MARK = "# Written by Berth's setup.";

/** Whether a file is a launcher. */
export async function isLauncher(path: string): Promise<boolean> {
  return (await stat(path)).size < 4096 && (await readFile(path, "utf8")).includes(MARK);
}

/**
 * Writes an executable which starts one of toolchain's JavaScript files on the Node.js in use now.
 * @param path the executable; replaced as a whole where it exists, as others may be starting it
 * @param script name of the file in the project's folder toolchain
 * @param args what it is given before the caller's own arguments
 */
export async function writeLauncher(
  path: string,
  projectDir: string,
  script: string,
  args: readonly string[],
): Promise<void> {
  const words = [process.execPath, join(projectDir, "toolchain", script), ...args].map(quote);
  const draft = `${path}.${process.pid}`;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(draft, `#!/bin/sh\n${MARK}\nexec ${words.join(" ")} "$@"\n`, { mode: 0o755 });
  await rename(draft, path);
}

/** A word for a POSIX shell. */
const quote = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;
