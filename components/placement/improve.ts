import { value, weights } from "./construct.js";
import type { Instance } from "./instance.js";
import { resourceCount } from "./resources.js";
import { compareScores, movesTo, scoreOf } from "./score.js";
import { Seating } from "./seating.js";
import type { State } from "./state.js";

/** Moves single items and exchanges pairs while that makes a placement better; for small problems. */
export function climb(state: State): void {
  const { items, machines } = state.instance;
  let best = scoreOf(state);
  for (let improved = true; improved; ) {
    improved = false;
    const kept = () => {
      const score = scoreOf(state);
      if (compareScores(score, best) >= 0) return false;
      best = score;
      improved = true;
      return true;
    };
    for (const item of items) {
      const from = state.at[item.index]!;
      if (from < 0 || !state.mayLeave(item)) continue;
      for (let to = 0; to < machines.length; to++) {
        const now = state.at[item.index]!;
        if (to === now || !state.mayLeave(item)) continue;
        state.take(item);
        if (state.objection(item, to) === undefined) {
          state.put(item, to);
          if (kept()) continue;
          state.take(item);
        }
        state.put(item, now);
      }
    }
  }
}

/** Empties machines, the emptiest first, into the others; as long as more are in use than there must be. */
export function emptyMachines(state: State, least: number, steps: number): void {
  const weight = weights(state.instance);
  const seating = new Seating(state, steps);
  seating.closed.forEach((_, machine) => {
    if (state.here[machine]!.length === 0) seating.closed[machine] = 1;
  });
  const inUse = () => state.here.filter((items) => items.length > 0).length;
  const content = (machine: number) =>
    state.here[machine]!.reduce((sum, { kind }) => sum + value(kind, weight), 0);
  const order = [...state.here.keys()]
    .filter((machine) => state.here[machine]!.length > 0)
    .sort((one, other) => content(one) - content(other) || one - other);
  for (const machine of order.slice(0, 20)) {
    if (inUse() <= least || seating.exhausted) return;
    const items = [...state.here[machine]!].sort(
      (one, other) => value(other.kind, weight) - value(one.kind, weight) || one.index - other.index,
    );
    if (items.some((item) => item.pin !== -1)) continue;
    seating.closed[machine] = 1;
    const mark = seating.mark;
    const before = scoreOf(state);
    const away = items.every((item) => {
      const budget = movesTo(item, machine);
      if (!state.mayLeave(item)) return false;
      seating.takeOff(item);
      return seating.seat(item, budget, 2) >= 0;
    });
    if (away && compareScores(scoreOf(state), before) < 0) continue;
    seating.undo(mark);
    seating.closed[machine] = 0;
  }
}

/** Moves the content of whole machines to unused ones that cost less. */
export function cheapen(state: State): void {
  const { machines, cost }: Instance = state.instance;
  const byCost = machines
    .map((_, machine) => machine)
    .sort((one, other) => cost[one]! - cost[other]! || one - other);
  for (const from of [...byCost].reverse()) {
    const items = [...state.here[from]!];
    if (items.length === 0 || items.some((item) => item.pin !== -1)) continue;
    for (const to of byCost) {
      if (cost[to]! >= cost[from]!) break;
      if (state.here[to]!.length > 0 || !roomFor(state, from, to)) continue;
      if (items.some((item) => movesTo(item, to) > movesTo(item, from))) continue;
      const before = scoreOf(state);
      for (const item of items) state.take(item);
      const stuck = items.some((item) => {
        if (state.objection(item, to) !== undefined) return true;
        state.put(item, to);
        return false;
      });
      if (!stuck && compareScores(scoreOf(state), before) < 0) break;
      for (const item of items) if (state.at[item.index]! >= 0) state.take(item);
      for (const item of items) state.put(item, from);
    }
  }
}

function roomFor({ instance: { room }, free }: State, from: number, to: number): boolean {
  return [0, 1, 2].every((resource) => {
    const [a, b] = [from * resourceCount + resource, to * resourceCount + resource];
    return room[a]! - free[a]! <= free[b]!;
  });
}
