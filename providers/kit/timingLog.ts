import { appendFileSync } from "node:fs";
import { join } from "node:path";

/** How long a resource's creation or update took, and its steps. */
export interface Timing {
  readonly urn: string;
  readonly what: "create" | "update";
  /** When it ended, ISO 8601. */
  readonly ended: string;
  readonly milliseconds: number;
  /** The named steps in order, each until the next one. */
  readonly steps: readonly { readonly name: string; readonly milliseconds: number }[];
}

/** The file in a checkout's folder that {@link Timing}s are appended to, one a line. */
export const timingsFile = "timings.jsonl";

/** Measures one call. */
export class Stopwatch {
  readonly #began = performance.now();
  readonly #steps: { readonly name: string; readonly began: number }[] = [];

  step(name: string): void {
    if (this.#steps.at(-1)?.name !== name) this.#steps.push({ name, began: performance.now() });
  }

  /** Appends what was measured, where there is a checkout's folder to keep it. That it can't be kept is no failure of the call. */
  record(what: "create" | "update", urn: string): void {
    const { BERTH_HOME: home } = process.env;
    if (home === undefined || home === "") return;
    const now = performance.now();
    const timing: Timing = {
      urn,
      what,
      ended: new Date().toISOString(),
      milliseconds: Math.round(now - this.#began),
      steps: this.#steps.map(({ name, began }, index) => ({
        name,
        milliseconds: Math.round((this.#steps[index + 1]?.began ?? now) - began),
      })),
    };
    try {
      appendFileSync(join(home, timingsFile), `${JSON.stringify(timing)}\n`, { mode: 0o600 });
    } catch {
      // The folder has gone, or is full.
    }
  }
}
