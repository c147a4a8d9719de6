import { leastLoad } from "./bound.js";
import { balanced, type Choose, construct, hardestFirst, inTurn, keep, packed } from "./construct.js";
import { even } from "./even.js";
import { exhaustive } from "./exhaustive.js";
import { cheapen, climb, emptyMachines } from "./improve.js";
import { type Instance, type Item, instanceOf } from "./instance.js";
import { type Measures, measure } from "./measure.js";
import { pack } from "./pack.js";
import type { Assignment, Problem } from "./problem.js";
import { relieve } from "./relieve.js";
import { repair } from "./repair.js";
import { compareScores, scoreOf } from "./score.js";
import { State } from "./state.js";

/** A placement, how good it is, and how good one could be at best. */
export interface Solution {
  readonly assignment: Assignment;
  /** Keys of the replicas that have no machine, in natural order of services. */
  readonly unplaced: readonly string[];
  readonly measures: Measures;
  /** What no placement of every replica can be below. */
  readonly bound: { readonly moves: number; readonly load: number };
  /** How far the load is above its bound, as a share of the bound: 0.01 is 1 %. */
  readonly gap: number;
  /** Whether no placement is better, by all measures. */
  readonly proven: boolean;
}

export interface SolveOptions {
  /** Steps of the exhaustive search that small problems end with; 0: none. Default 60,000. */
  readonly search?: number;
  /**
   * Where nothing is anywhere today, take the first placement that has everything, services in turn, and don't look for
   * a better one: a later change of the problem then changes little. Default false.
   */
  readonly steady?: boolean;
}

/** Up to here every exchange is tried; above, the ones that promise most. */
const small = 4_000;
/** Placements of one item that the exhaustive search tries at most: some tenths of a second. */
const searchSteps = 60_000;

/**
 * Places what can be placed, best first by the measures' order. Synchronous, without I/O, and the same for the same
 * problem on every machine: its limits count steps, not time.
 *
 * @throws Error where the problem contradicts itself; see `instanceOf`.
 */
export function solve(problem: Problem, options: SolveOptions = {}): Solution {
  const instance = instanceOf(problem);
  const steady = options.steady === true ? inOrder(instance) : undefined;
  if (steady !== undefined) return solution(steady, atBound(instance, scoreOf(steady)));
  let best: Int32Array | undefined;
  let bestScore: number[] = [];
  for (const attempt of attempts(instance)) {
    const state = attempt();
    prune(state);
    const score = scoreOf(state);
    if (best !== undefined && compareScores(score, bestScore) >= 0) continue;
    best = state.at.slice();
    bestScore = score;
    if (atBound(instance, score)) break;
  }
  let proven = best !== undefined && atBound(instance, bestScore);
  const { items, machines } = instance;
  if (!proven && items.length * machines.length <= small / 2 && items.length <= 60) {
    ({ at: best, proven } = exhaustive(instance, best, options.search ?? searchSteps));
  }
  const state = new State(instance);
  if (best !== undefined) state.copyFrom(best);
  return solution(state, proven);
}

/** The bounds alone, for what others place. */
export function boundOf(problem: Problem): Solution["bound"] {
  const instance = instanceOf(problem);
  return { moves: forcedMoves(instance), load: leastLoad(instance) };
}

export function solution(state: State, proven: boolean): Solution {
  const { instance } = state;
  const assignment = state.assignment();
  const measures = measure(instance.problem, assignment);
  const load = leastLoad(instance);
  return {
    assignment,
    unplaced: instance.items.flatMap(({ keys }) => keys.filter((key) => assignment[key] === undefined)),
    measures,
    bound: { moves: forcedMoves(instance), load },
    gap: load === 0 ? 0 : Math.max(0, measures.load / load - 1),
    proven,
  };
}

/** Replicas that must leave their machine whatever else is done: it may not run them any more. */
export function forcedMoves({ items }: Instance): number {
  let moves = 0;
  for (const { kind, today, pin } of items) {
    const at = today.filter((machine) => machine >= 0);
    if (at.length === 0) continue;
    // Of a group that is apart today, all but those on the best machine move.
    const stay = (machine: number) => (pin === -1 || pin === machine) && kind.eligible[machine] === 1;
    const most = Math.max(
      ...at.map((machine) => (stay(machine) ? at.filter((one) => one === machine).length : 0)),
    );
    moves += at.length - most;
  }
  return moves;
}

/** As good as the bounds allow, cost included: nothing is better. */
function atBound(instance: Instance, score: readonly number[]): boolean {
  const [moves, exposed, regrets, load, cost] = score.slice(-5) as [number, number, number, number, number];
  if (score.slice(0, -5).some((count) => count > 0)) return false;
  if (moves > forcedMoves(instance) || exposed > 0 || regrets > 0) return false;
  const least = leastLoad(instance);
  const cheapest = instance.cost.slice().sort();
  const fewest = instance.pack ? load : 1;
  const leastCost = cheapest
    .slice(0, instance.items.length === 0 ? 0 : fewest)
    .reduce((sum, one) => sum + one, 0);
  return load <= least + 1e-9 && cost <= leastCost + 1e-9;
}

/** Item after item, none ever moved; undefined where that does not place everything, or something is there today. */
function inOrder(instance: Instance): State | undefined {
  const { items } = instance;
  if (instance.pack || items.some(({ today }) => today.some((machine) => machine >= 0))) return undefined;
  for (const order of [inTurn, hardestFirst(instance)]) {
    const state = new State(instance);
    keep(
      state,
      items.filter(({ pin }) => pin >= 0),
    );
    const left = construct(state, [...items].sort(order), balanced(instance));
    prune(state);
    if (left.length === 0 && !state.at.includes(-1)) return state;
  }
  return undefined;
}

/** The ways to a placement, the best first; the later ones are for where those before fall short. */
function* attempts(instance: Instance): Generator<() => State> {
  const { items } = instance;
  const settled = items.some(({ today }) => today.some((machine) => machine >= 0));
  const choose = instance.pack ? packed(instance) : balanced(instance);
  const hardest = hardestFirst(instance);
  const isSmall = items.length * instance.machines.length <= small;
  if (settled) {
    yield () => settle(instance, [...items].sort(inTurn), choose);
    yield () => settle(instance, [...items].sort(hardest), choose);
    if (isSmall) yield () => settle(instance, [...items].sort(hardest).reverse(), choose);
  }
  if (instance.pack) {
    yield () => fresh(instance, (state) => pack(state, items), choose);
    if (isSmall) {
      for (let seed = 1; seed <= 12; seed++) {
        const shuffle = shuffler(seed);
        yield () => fresh(instance, (state) => pack(state, items, shuffle), choose);
      }
    }
  } else {
    yield () => fresh(instance, (state) => construct(state, [...items].sort(inTurn), choose), choose);
  }
  yield () => fresh(instance, (state) => construct(state, [...items].sort(hardest), choose), choose);
}

/** From today's placement: what is there stays, the rest is added, and things move where there is no other way. */
function settle(instance: Instance, order: readonly Item[], choose: Choose): State {
  const state = new State(instance);
  keep(state, order);
  const left = construct(state, order, choose);
  repair(state, left);
  polish(state);
  return state;
}

/** As if nothing were placed yet. */
function fresh(instance: Instance, build: (state: State) => Item[], choose: Choose): State {
  const state = new State(instance);
  const order = [...instance.items];
  keep(
    state,
    order.filter(({ pin }) => pin >= 0),
  );
  repair(state, construct(state, build(state), choose));
  polish(state);
  return state;
}

function polish(state: State): void {
  const { instance } = state;
  const isSmall = instance.items.length * instance.machines.length <= small;
  if (instance.pack) {
    emptyMachines(state, leastLoad(instance), isSmall ? 40_000 : 4_000_000);
    cheapen(state);
  } else {
    even(state, isSmall ? 200_000 : 400_000_000);
    relieve(state, isSmall ? 100_000 : 100_000_000);
  }
  if (isSmall && instance.items.length <= 60) climb(state);
}

/** Takes out what can't be where it is because what it must be near to found no place. */
function prune(state: State): void {
  for (let again = true; again; ) {
    again = false;
    for (const item of state.instance.items) {
      if (state.at[item.index]! < 0 || state.hasItsNeighbours(item)) continue;
      state.take(item);
      again = true;
    }
  }
}

/** The same numbers from 0 to 0.3 on every machine. */
function shuffler(seed: number): () => number {
  let state = seed * 2654435761;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 32) * 0.3;
  };
}
