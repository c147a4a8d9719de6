import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { explainSpawn, virshEnvironment } from "./virsh.js";

const endLimitMs = 10_000;

/**
 * A virsh that stays connected. What it creates with `--autodestroy` lives as long as this connection: it goes when the
 * session is closed, and also when this process is killed.
 */
export class VirshSession {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #ended: Promise<void>;
  #failure: Error | undefined;
  #errors = "";

  constructor(uri: string) {
    this.#child = spawn("virsh", ["-q", "-c", uri], { env: virshEnvironment() });
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#errors += text;
    });
    this.#child.stdout.resume();
    this.#child.stdin.on("error", () => {});
    this.#child.on("error", (error) => {
      this.#failure = explainSpawn(error);
    });
    this.#ended = new Promise((resolve) => {
      this.#child.once("close", () => resolve());
    });
  }

  /** Runs a command and gives what it wrote to its error stream: nothing where it succeeded. */
  async run(command: string, signal: AbortSignal): Promise<string> {
    const marker = `end-${randomUUID()}`;
    this.#errors = "";
    this.#child.stdin.write(`${command}\necho --err ${marker}\n`);
    await new Promise<void>((resolve, reject) => {
      const stop = () => reject(signal.reason);
      const look = () => {
        if (!this.#errors.includes(marker)) return;
        signal.removeEventListener("abort", stop);
        this.#child.stderr.off("data", look);
        resolve();
      };
      if (signal.aborted) return stop();
      signal.addEventListener("abort", stop, { once: true });
      this.#child.stderr.on("data", look);
      void this.#ended.then(() => reject(this.#failure ?? new Error(`virsh ended: ${this.#errors.trim()}`)));
    });
    return this.#errors
      .split("\n")
      .filter((line) => !line.includes(marker))
      .join("\n");
  }

  async close(): Promise<void> {
    this.#child.stdin.end();
    const kill = setTimeout(() => this.#child.kill("SIGKILL"), endLimitMs);
    await this.#ended;
    clearTimeout(kill);
  }
}
