import { leastLoad } from "./bound.js";
import { instanceOf } from "./instance.js";
import { type Terms, totalOf } from "./linearModel.js";
import { PlacementModel, type Stage } from "./placementModel.js";
import type { Problem } from "./problem.js";
import { compareScores, scoreOf } from "./score.js";
import { forcedMoves, type Solution, solution, solve } from "./solve.js";
import { State } from "./state.js";
import { verify } from "./verify.js";

/** Solves a linear model in the CPLEX LP format. */
export interface LinearSolver {
  /**
   * The values of an optimum, by variable; undefined where none was proven within the time.
   *
   * @param presolve whether the model may be simplified first. Default true.
   */
  solve(model: string, seconds: number, presolve?: boolean): Readonly<Record<string, number>> | undefined;
}

export interface ExactOptions {
  /** For all of it. */
  readonly seconds: number;
  /** The time now, in seconds from any point. */
  readonly clock: () => number;
  /** Steps of the search before; see `solve`. */
  readonly search?: number;
  /** The last measure that matters; what comes after it is as it comes. Default: all. */
  readonly upTo?: Stage["name"];
}

/**
 * Places with a linear solver's help where the search alone proves no optimum. What the solver answers is checked by the
 * verifier and taken only where it is better.
 *
 * Where the time does not do, the answer is that of `solve`, not proven: the same on every machine.
 */
export function solveExactly(problem: Problem, solver: LinearSolver, options: ExactOptions): Solution {
  const { seconds, clock, search } = options;
  const first = solve(problem, search === undefined ? {} : { search });
  if (first.proven) return first;
  const end = clock() + seconds;
  const instance = instanceOf(problem);
  const model = new PlacementModel(instance);
  const known = stateOf(instance, first);
  let best = known;
  const last = model.stages.findLastIndex(({ name }) => name === (options.upTo ?? "cost"));
  for (const [index, stage] of model.stages.entries()) {
    if (index > last) break;
    if (stage.terms.length === 0) continue;
    let least = scoreOf(best)[index]! - stage.constant;
    if (least + stage.constant > bottom(stage, best) + 1e-9) {
      const lines = model.model.minimise(stage.terms);
      let values = solver.solve(lines, end - clock());
      // An optimum is not worse than what is known: HiGHS' presolve is at fault now and then, and its search is not.
      if (values !== undefined && totalOf(stage.terms, values) > least + 1e-6)
        values = solver.solve(lines, end - clock(), false);
      if (values === undefined) return first;
      least = totalOf(stage.terms, values);
      const found = new State(instance);
      found.copyFrom(model.placement(values));
      const better = compareScores(scoreOf(found), scoreOf(best)) < 0;
      if (better && verify(problem, found.assignment()).length === 0) best = found;
    }
    // A placement that the later stages can't worsen; fractions get the tolerance that the solver itself has.
    const whole =
      stage.terms.every(([factor]) => Number.isInteger(factor)) && (stage.name !== "load" || instance.pack);
    model.model.atMost(stage.terms as Terms, whole ? Math.round(least) : least + 1e-7);
    if (Math.abs(scoreOf(best)[index]! - stage.constant - least) > 1e-6) return first;
  }
  return solution(best, true);
}

/** What a stage can't be below; the bounds are for placements of every replica. */
function bottom({ name }: Stage, { instance, at }: State): number {
  if (name === "moves") return at.includes(-1) ? 0 : forcedMoves(instance);
  return name === "load" && !at.includes(-1) ? leastLoad(instance) : 0;
}

function stateOf(instance: ReturnType<typeof instanceOf>, { assignment }: Solution): State {
  const at = Int32Array.from(
    instance.items,
    ({ keys }) => instance.machineIndex.get(assignment[keys[0]!] ?? "") ?? -1,
  );
  const state = new State(instance);
  state.copyFrom(at);
  return state;
}
