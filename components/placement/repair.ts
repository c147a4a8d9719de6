import type { Item } from "./instance.js";
import { Seating } from "./seating.js";
import type { State } from "./state.js";

/** Replicas that may move for one that has no place, at most. */
const mostMoves = 4;
/** Machines looked at for one item: so many, and so many times each. */
const stepsEach = 8_000;
const roundsEach = 50;
/** Items for which others are moved aside; when there are so many without a place, there is no room, and not just a wrong order. */
const mostItems = 40;

/** Finds places for what has none: by moving others aside, as few as can be, else in place of what is less urgent. */
export function repair(state: State, left: readonly Item[]): void {
  for (const item of left.slice(0, mostItems)) {
    if (state.at[item.index]! >= 0) continue;
    if (!byMoving(state, item)) inPlaceOfOthers(state, item);
  }
}

function byMoving(state: State, item: Item): boolean {
  for (let moves = 0; moves <= mostMoves + item.keys.length; moves++) {
    const seating = new Seating(state, stepsEach + roundsEach * state.instance.machines.length);
    for (let depth = 0; depth <= 2; depth++) {
      if (seating.seat(item, moves, depth) >= 0) return true;
    }
  }
  return false;
}

/** Takes off what has lower priority, as little as it can, and finds places for that as far as there are any. */
function inPlaceOfOthers(state: State, item: Item): void {
  const { machines } = state.instance;
  let fewest: { machine: number; out: Item[] } | undefined;
  for (let machine = 0; machine < machines.length; machine++) {
    if (item.kind.eligible[machine] === 0 || (item.pin !== -1 && item.pin !== machine)) continue;
    const out = makingRoom(state, item, machine);
    if (out !== undefined && (fewest === undefined || out.length < fewest.out.length))
      fewest = { machine, out };
  }
  if (fewest === undefined) return;
  for (const one of fewest.out) state.take(one);
  state.put(item, fewest.machine);
  for (const one of fewest.out) byMoving(state, one);
}

/** What must leave a machine for the item, lowest priority first; undefined where that does not help. The state is as before. */
function makingRoom(state: State, item: Item, machine: number): Item[] | undefined {
  const out: Item[] = [];
  const lower = state.here[machine]!.filter(({ kind }) => kind.priority < item.kind.priority);
  lower.sort((one, other) => one.kind.priority - other.kind.priority || one.index - other.index);
  let fits = false;
  for (const one of lower) {
    if (!state.mayLeave(one)) continue;
    state.take(one);
    out.push(one);
    fits = state.objection(item, machine) === undefined;
    if (fits) break;
  }
  for (const one of out) state.put(one, machine);
  return fits ? out : undefined;
}
