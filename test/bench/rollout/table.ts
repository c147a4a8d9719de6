import type { PhaseReport } from "../../support/load/types.js";
import type { Killed } from "./killed.js";

/** What a part of the benchmark has measured. */
export interface Part {
  readonly planned: readonly PhaseReport[];
  /** What nobody planned. */
  readonly killed: readonly Killed[];
  /** What must fail, for the rest to mean anything. */
  readonly naive: readonly PhaseReport[];
  readonly failures: readonly string[];
  /** Changes that did not succeed, in words. */
  readonly errors: readonly string[];
}

const heads = ["time", "requests", "failed", "retried", "p50 ms", "p99 ms"];

export function table(phases: readonly PhaseReport[]): string {
  const row = (name: string, cells: readonly (string | number)[]) =>
    name.padEnd(38) + cells.map((cell) => String(cell).padStart(9)).join("");
  return [
    row("", heads),
    ...phases.map(({ name, seconds, requests, failed, retried, p50Ms, p99Ms }) =>
      row(name, [`${seconds.toFixed(0)} s`, requests, failed, retried, p50Ms.toFixed(1), p99Ms.toFixed(1)]),
    ),
  ].join("\n");
}

export function sum(phases: readonly PhaseReport[], key: "requests" | "failed"): number {
  return phases.reduce((total, phase) => total + phase[key], 0);
}
