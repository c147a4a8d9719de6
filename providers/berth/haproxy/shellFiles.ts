import { posix } from "node:path";
import { quote } from "../engine/shell.js";
import type { ContainerFile } from "./containerFiles.js";
import type { ContainerShell } from "./containerShell.js";

/** There is no folder for a file. */
export class NoFolderError extends Error {
  override readonly name = "NoFolderError";
}

const noFolder = 3;

/**
 * A file in a container that runs; `undefined` where there is none. Through a shell, which is open anyway: Docker 20.10 starts itself anew
 * for each copy out of a container or into one, at the cost of a program that is started there.
 */
export async function readShellFile(
  shell: ContainerShell,
  path: string,
  signal: AbortSignal,
): Promise<ContainerFile | undefined> {
  const file = quote(path);
  const script = `[ -e ${file} ] || exit 0; stat -L -c %Y ${file} && cat ${file}`;
  const { code, output } = await shell.run(script, signal, "root");
  if (code !== 0) throw new Error(`${path} in a container can't be read: ${output.trim()}`);
  if (output === "") return undefined;
  const end = output.indexOf("\n");
  return { text: output.slice(end + 1), modified: Number(output.slice(0, end)) };
}

/** Writes a file that anybody may read, in a container that runs. @throws NoFolderError */
export async function writeShellFile(
  shell: ContainerShell,
  path: string,
  { text, modified }: ContainerFile,
  signal: AbortSignal,
): Promise<void> {
  const file = quote(path);
  const script =
    `[ -d ${quote(posix.dirname(path))} ] || exit ${noFolder}; ` +
    `printf %s ${quote(text)} >${file} && chmod 644 ${file} && touch -d @${modified} ${file}`;
  const { code, output } = await shell.run(script, signal, "root");
  if (code === noFolder) throw new NoFolderError(`there is no folder for ${path}`);
  if (code !== 0) throw new Error(`${path} in a container can't be written: ${output.trim()}`);
}
