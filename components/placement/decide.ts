import type { Topology } from "../topology/index.js";
import type { Assignment, Problem } from "./problem.js";
import { problemOf } from "./problemOf.js";
import { type Solution, solve } from "./solve.js";

/** A placement problem and its answer. */
export interface Decision {
  /** With the placement in force as `today`. */
  readonly problem: Problem;
  readonly solution: Solution;
}

/**
 * Which replica runs on which machine: the answer that an update carries out and that every report shows.
 *
 * @param today where each replica runs, by key. Default: nothing runs.
 * @param moves replica key → machine that it is to move to, as of a rebalancing's step. Default: none.
 */
export function decide(topology: Topology, today: Assignment = {}, moves: Assignment = {}): Decision {
  const problem = problemOf(topology, today);
  // What is to move is solved for as if it were there already, so that it stays there.
  const asked = Object.entries(moves).filter(([key]) => today[key] !== undefined);
  const solution = solve({ ...problem, today: { ...today, ...Object.fromEntries(asked) } }, { steady: true });
  return { problem, solution };
}
