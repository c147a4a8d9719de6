import type { PhaseReport } from "../../support/load/types.js";

/** 99 of 100 answers in each phase so named, as multiples of the mean in the nearest steady ones before and after it. */
export function againstSteady(
  phases: readonly Pick<PhaseReport, "name" | "p99Ms">[],
  name: RegExp,
): number[] {
  const steady = /^steady \d/;
  return phases.flatMap((phase, index) => {
    if (!name.test(phase.name)) return [];
    const before = phases.slice(0, index).findLast((one) => steady.test(one.name));
    const after = phases.slice(index).find((one) => steady.test(one.name));
    if (before === undefined || after === undefined) throw new Error(`no steady load beside ${phase.name}`);
    return [(2 * phase.p99Ms) / (before.p99Ms + after.p99Ms)];
  });
}
