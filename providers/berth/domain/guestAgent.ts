import { setTimeout as delay } from "node:timers/promises";
import { formatDuration } from "../../kit/index.js";
import type { Libvirt } from "../../virsh/libvirt.js";
import { Unreachable } from "../../virsh/virsh.js";

const pollMs = 100;
/** A libvirtd that restarts is back before; the machine goes on meanwhile. */
const libvirtBackMs = 30_000;
/** How long one question to the agent may take. */
const answerSeconds = 5;

export interface AgentResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** QEMU's guest agent in a running domain: reaches a machine that has no network. */
export class GuestAgent {
  constructor(
    private readonly libvirt: Libvirt,
    private readonly domain: string,
    private readonly signal: AbortSignal,
  ) {}

  /** Waits until the agent answers. @throws where the machine ends before, libvirt stays away, or the limit passes */
  async ready(limitMs: number, onWait: (elapsedMs: number) => void = () => {}): Promise<void> {
    const began = performance.now();
    let lost: number | undefined;
    for (;;) {
      try {
        await this.#ask("guest-ping");
        return;
      } catch (error) {
        // Nothing to wait for any more.
        if (/domain is not running|failed to get domain/.test((error as Error).message)) throw error;
        const now = performance.now();
        lost = error instanceof Unreachable ? (lost ?? now) : undefined;
        if (lost !== undefined && now - lost > libvirtBackMs) throw error;
        const elapsed = now - began;
        if (elapsed > limitMs) {
          throw new Error(
            `the guest agent of ${this.domain} did not answer within ${formatDuration(limitMs)}: ${(error as Error).message}`,
            { cause: error },
          );
        }
        onWait(elapsed);
      }
      await delay(pollMs, undefined, { signal: this.signal });
    }
  }

  /**
   * Runs a script, given to its interpreter on standard input. A non-zero exit does not throw; passing the limit does.
   *
   * @param interpreter default: the POSIX shell
   */
  async run(script: string, limitMs: number, interpreter = "/bin/sh"): Promise<AgentResult> {
    const began = performance.now();
    const { pid } = await this.#start(script, interpreter, began + limitMs);
    for (;;) {
      const status = await this.#status(pid);
      if (status?.exited) {
        const text = (data: string | undefined) => Buffer.from(data ?? "", "base64").toString();
        return {
          code: status.exitcode ?? 128 + (status.signal ?? 0),
          stdout: text(status["out-data"]),
          stderr: text(status["err-data"]),
        };
      }
      if (performance.now() - began > limitMs) {
        throw new Error(`a script in ${this.domain} did not end within ${formatDuration(limitMs)}`);
      }
      // Each question costs the guest some milliseconds: the longer it takes, the less is lost by asking less often.
      const pause = Math.min(250, Math.max(30, (performance.now() - began) / 8));
      await delay(pause, undefined, { signal: this.signal });
    }
  }

  /** Where the agent is too busy to take the question, it is asked again: it has not begun. */
  async #start(script: string, interpreter: string, until: number): Promise<any> {
    for (;;) {
      try {
        return await this.#ask("guest-exec", {
          path: interpreter,
          arg: ["-"],
          "input-data": Buffer.from(script).toString("base64"),
          "capture-output": true,
        });
      } catch (error) {
        if (!/not available for now/.test((error as Error).message) || performance.now() > until) throw error;
      }
      await delay(pollMs, undefined, { signal: this.signal });
    }
  }

  /** `undefined` where the agent does not answer in time: it may be busy, and the script goes on. */
  async #status(pid: number): Promise<any> {
    try {
      return await this.#ask("guest-exec-status", { pid });
    } catch (error) {
      if (/not responding|not available for now|timed? ?out/i.test((error as Error).message))
        return undefined;
      throw error;
    }
  }

  async #ask(execute: string, args?: Record<string, unknown>): Promise<any> {
    const question = args === undefined ? { execute } : { execute, arguments: args };
    return this.libvirt.askAgent(this.domain, question, answerSeconds);
  }
}
