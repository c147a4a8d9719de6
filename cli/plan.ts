import { provePlacement } from "@berth/components/exactPlacement";
import {
  capacityOf,
  changesOf,
  compareMeasures,
  type Measures,
  type Problem,
  place,
  planText,
  survive,
} from "@berth/components/placement";
import { imageDigests, readTopology, runningSeats } from "./placementInput.js";
import type { Project } from "./project.js";
import { say } from "./say.js";
import type { StackOptions } from "./up.js";

export interface PlanOptions extends StackOptions {
  /** For a program to read. */
  readonly json?: boolean;
}

/** How long the proof may take. */
const proofSeconds = 10;

/** What an update would move and why, the room before and after, and the verdict for the loss of each machine. Changes nothing. */
export async function plan(project: Project, options: PlanOptions): Promise<void> {
  const topology = readTopology(project, options);
  const today = await runningSeats(project, options.stack);
  // Refuses what has no place, with what would help.
  const { replicas, problem, solution } = place(topology, today, {}, [], imageDigests(project, topology));
  if (options.json) {
    const { assignment } = solution;
    const report = {
      replicas,
      today,
      ...solution,
      changes: changesOf(problem, assignment),
      capacity: {
        before: capacityOf(problem, problem.today ?? {}),
        after: capacityOf(problem, assignment),
      },
      losses: survive(problem, assignment),
    };
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    return;
  }
  process.stdout.write(`${planText(problem, solution).join("\n")}\n`);
  if (solution.proven) return;
  say(`Looking for a proof, up to ${proofSeconds} s`);
  const exact = await provePlacement(problem, proofSeconds);
  if (!exact.proven) say("No proof within the time.");
  else if (compareMeasures(exact.measures, solution.measures) === 0) say("Proven: no placement is better.");
  else say(`A better one is there: ${better(exact.measures, solution.measures, problem)}.`);
}

/** In what a placement is better, the first thing that counts; "berth rebalance" looks for the way there. */
function better(one: Measures, other: Measures, { prefer }: Problem): string {
  const sum = (list: readonly number[]) => list.reduce((total, count) => total + count, 0);
  const percent = (share: number) => `${Number((share * 100).toFixed(1))} %`;
  const load =
    prefer === "pack"
      ? `${one.load} machines in use instead of ${other.load}`
      : `the fullest machine is ${percent(one.load)} full instead of ${percent(other.load)}`;
  const words: readonly [number, number, string][] = [
    [sum(one.unplaced), sum(other.unplaced), "fewer replicas are without a place"],
    [one.moves, other.moves, `${one.moves} of what runs move instead of ${other.moves}`],
    [one.exposed, other.exposed, "fewer services have all of their replicas on one machine"],
    [one.regrets, other.regrets, "more of the preferred rules are met"],
    [one.load, other.load, `${load}, which "berth rebalance" may lead to`],
    [one.cost, other.cost, `the machines in use cost ${one.cost} instead of ${other.cost}`],
  ];
  return words.find(([mine, its]) => Math.abs(mine - its) > 1e-9)?.[2] ?? "by its measures";
}
