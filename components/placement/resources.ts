import type { Amounts } from "./problem.js";

/** Resources in the solver's arrays: thousandths of a CPU, bytes, bytes. Whole numbers, so that sums are exact. */
export const resourceCount = 3;

export function amounts(of: Partial<Amounts> = {}): number[] {
  return [Math.round((of.cpus ?? 0) * 1000), of.memoryBytes ?? 0, of.diskBytes ?? 0];
}
