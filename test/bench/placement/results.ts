import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { typeScriptArguments } from "../../support/typeScriptProcess.js";
import type { baselines } from "./baselines.js";
import type { InstanceArgs } from "./instances.js";

export interface Case extends InstanceArgs {
  readonly solver: "berth" | keyof typeof baselines;
}

export interface Result extends Omit<Case, "seed"> {
  /** Of the processor, in all threads: at least what a clock shows where nothing else runs, and the same beside other work. */
  readonly seconds: number;
  /** Share of the bound that the load is above it. */
  readonly gap: number;
  readonly peakMiB: number;
  readonly load: number;
  readonly bound: number;
  /** Replicas that found no place. */
  readonly unplaced: number;
  /** Rules broken, by the verifier. */
  readonly violations: number;
}

/** Runs one case in a process of its own; one that takes over two minutes ends with an error. */
export function runCase(one: Case): Result {
  const file = fileURLToPath(new URL("runCase.ts", import.meta.url));
  const { status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    [...typeScriptArguments(file), JSON.stringify(one)],
    { encoding: "utf8", timeout: 120_000 },
  );
  if (status !== 0) throw new Error(`${JSON.stringify(one)} ended with ${signal ?? status}: ${stderr}`);
  return JSON.parse(stdout);
}
