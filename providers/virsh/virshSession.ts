import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { clientUri } from "./clientUri.js";
import { explainSpawn, virshEnvironment } from "./virsh.js";

const endLimitMs = 10_000;
/** What virsh writes before it reads a command. */
const prompt = "virsh # ";

/** What a command of a session wrote. */
export interface SessionResult {
  readonly stdout: string;
  /** Lines that begin with `error:` where it failed. */
  readonly stderr: string;
}

/**
 * A virsh that stays connected, for one command after the other: each saves a process and a connection. What it creates with
 * `--autodestroy` lives as long as this connection: it goes when the session is closed, and also when this process is killed.
 */
export class VirshSession {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #ended: Promise<void>;
  #failure: Error | undefined;
  #output = "";
  #errors = "";

  constructor(uri: string) {
    this.#child = spawn("virsh", ["-q", "-c", clientUri(uri)], {
      env: { ...virshEnvironment(), TERM: "dumb" },
    });
    this.#child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.#output += text;
    });
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#errors += text;
    });
    this.#child.stdin.on("error", () => {});
    this.#child.on("error", (error) => {
      this.#failure = explainSpawn(error);
    });
    this.#ended = new Promise((resolve) => {
      this.#child.once("close", () => resolve());
    });
  }

  /**
   * Runs a command: one line, and one at a time. Whatever ends the wait for it ends the session, as the command may go on.
   *
   * @throws SessionEnded where virsh ends, which it does at once where it can't connect
   */
  async run(command: string, signal: AbortSignal): Promise<SessionResult> {
    signal.throwIfAborted();
    const [begin, end] = [`begin-${randomUUID()}`, `end-${randomUUID()}`];
    this.#output = "";
    this.#errors = "";
    this.#child.stdin.write(`echo ${begin}\n${command}\necho ${end}\necho --err ${end}\n`);
    try {
      await new Promise<void>((resolve, reject) => {
        const stop = () => reject(signal.reason);
        const look = () => {
          if (!this.#errors.includes(end) || !this.#output.includes(`\n${end}`)) return;
          signal.removeEventListener("abort", stop);
          this.#child.stderr.off("data", look);
          this.#child.stdout.off("data", look);
          resolve();
        };
        signal.addEventListener("abort", stop, { once: true });
        this.#child.stderr.on("data", look);
        this.#child.stdout.on("data", look);
        void this.#ended.then(() => reject(this.#failure ?? new SessionEnded(this.#errors.trim())));
      });
    } catch (error) {
      this.kill();
      throw error;
    }
    // On its output, virsh repeats each line that it reads.
    const output = between(this.#output, `\n${begin}`, `${prompt}echo ${end}`);
    return {
      stdout: output.slice(output.indexOf("\n") + 1),
      stderr: between(this.#errors, "", `error: ${end}`),
    };
  }

  /** Ends it at once. */
  kill(): void {
    this.#child.kill("SIGKILL");
  }

  async close(): Promise<void> {
    this.#child.stdin.end();
    const kill = setTimeout(() => this.kill(), endLimitMs);
    await this.#ended;
    clearTimeout(kill);
  }
}

/** virsh has ended by itself, with these words. */
export class SessionEnded extends Error {
  override name = "SessionEnded";
}

function between(text: string, begin: string, end: string): string {
  const start = text.indexOf(begin) + begin.length;
  return text.slice(start, text.indexOf(end, start));
}
