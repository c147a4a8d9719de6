import type { Call } from "../../kit/index.js";
import { quote } from "../engine/shell.js";
import type { ContainerFile } from "./containerFiles.js";
import type { ContainerShell } from "./containerShell.js";
import { explainRefusal, haproxyWords } from "./haproxyWords.js";
import { NoFolderError, writeShellFile } from "./shellFiles.js";

/** A running HAProxy and its configuration. */
export interface Place {
  readonly shell: ContainerShell;
  /** The container's name, for messages. */
  readonly name: string;
  /** The configuration's file. */
  readonly path: string;
}

/** Where a configuration lies until it is in force. */
export function candidatePath(path: string): string {
  return `${path}.candidate`;
}

/** A configuration on its way: beside its place, checked by HAProxy, and then in it. */
export class Candidate {
  /** What lies there, as far as it was put there by this. */
  #there: ContainerFile | undefined;
  readonly #path: string;

  constructor(private readonly place: Place) {
    this.#path = candidatePath(place.path);
  }

  async put(file: ContainerFile, signal: AbortSignal): Promise<void> {
    const there = this.#there;
    if (there?.text === file.text && there.modified === file.modified) return;
    await writeShellFile(this.place.shell, this.#path, file, signal);
    this.#there = file;
  }

  /**
   * Puts the file beside the real one and has HAProxy check it.
   *
   * @param named what to make of HAProxy's words before they are shown.
   * @throws Error with HAProxy's words where it refuses.
   */
  async check(file: ContainerFile, call: Call<unknown>, named = (words: string) => words): Promise<void> {
    const { shell, name, path } = this.place;
    await this.put(file, call.signal).catch((error: Error) => {
      if (!(error instanceof NoFolderError)) throw error;
      throw new Error(
        `container ${name} has no folder for ${path}. Correct "path", or make the folder part of its image.`,
      );
    });
    const { code, output } = await shell.run(`haproxy -c -f ${quote(this.#path)}`, call.signal);
    const words = haproxyWords(named(output), this.#path, path);
    for (const warning of words.warnings) call.log("warning", `HAProxy warns: ${warning}`);
    if (code === 0) return;
    await this.discard(call.signal);
    throw new Error(
      `container ${name}: HAProxy refuses this configuration; the one in force stays.\n${explainRefusal(words, named(file.text))}\n` +
        'Correct "config".',
    );
  }

  /** Into its place, at once. */
  async commit(signal: AbortSignal): Promise<void> {
    await inContainer(this.place, ["mv", "-f", this.#path, this.place.path], signal);
    this.#there = undefined;
  }

  async discard(signal: AbortSignal): Promise<void> {
    await inContainer(this.place, ["rm", "-f", this.#path], signal);
    this.#there = undefined;
  }
}

/** As root: the file's folder need not belong to HAProxy's user. */
export async function inContainer(
  { shell, name }: Place,
  command: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const { code, output } = await shell.run(command.map(quote).join(" "), signal, "root");
  if (code === 0) return;
  throw new Error(`container ${name}: "${command.join(" ")}" failed (exit code ${code}): ${output.trim()}`);
}
