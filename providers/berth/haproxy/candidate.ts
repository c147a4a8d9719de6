import type { Container } from "dockerode";
import type { Call } from "../../kit/index.js";
import { type ContainerFile, putContainerFile } from "./containerFiles.js";
import { execInContainer } from "./execInContainer.js";
import { explainRefusal, haproxyWords } from "./haproxyWords.js";

/** Where a configuration lies until it is in force. */
export function candidatePath(path: string): string {
  return `${path}.candidate`;
}

/**
 * Puts the file beside the real one and has HAProxy check it.
 *
 * @param named what to make of HAProxy's words before they are shown.
 * @throws Error with HAProxy's words where it refuses.
 */
export async function putChecked(
  container: Container,
  name: string,
  path: string,
  file: ContainerFile,
  call: Call<unknown>,
  named = (words: string) => words,
): Promise<void> {
  const candidate = candidatePath(path);
  await putContainerFile(container, candidate, file).catch((error: { statusCode?: number }) => {
    if (error.statusCode !== 404) throw error;
    throw new Error(
      `container ${name} has no folder for ${path}. Correct "path", or make the folder part of its image.`,
    );
  });
  const { code, output } = await execInContainer(container, ["haproxy", "-c", "-f", candidate], call.signal);
  const words = haproxyWords(named(output), candidate, path);
  for (const warning of words.warnings) call.log("warning", `HAProxy warns: ${warning}`);
  if (code === 0) return;
  await inContainer(container, name, ["rm", "-f", candidate], call.signal);
  throw new Error(
    `container ${name}: HAProxy refuses this configuration; the one in force stays.\n${explainRefusal(words, named(file.text))}\n` +
      'Correct "config".',
  );
}

/** As root: the file's folder need not belong to HAProxy's user. */
export async function inContainer(
  container: Container,
  name: string,
  command: string[],
  signal: AbortSignal,
): Promise<void> {
  const { code, output } = await execInContainer(container, command, signal, "0");
  if (code === 0) return;
  throw new Error(`container ${name}: "${command.join(" ")}" failed (exit code ${code}): ${output.trim()}`);
}
