import type { Item } from "./instance.js";
import { resourceCount } from "./resources.js";
import type { State } from "./state.js";

/**
 * The measures of a state as numbers, most important first: replicas not placed (by priority), moves, exposed services,
 * regrets, load, cost. The same as `measure` says, taken from the solver's own data.
 */
export function scoreOf(state: State): number[] {
  const { instance } = state;
  const { kinds, items, machines, cost, pack } = instance;
  const priorities = prioritiesOf(state);
  const unplaced = priorities.map(() => 0);
  let [moves, regrets, exposed, load, spent] = [0, 0, 0, 0, 0];
  for (const item of items) {
    const machine = state.at[item.index]!;
    if (machine < 0) {
      for (const { priority = 0 } of item.kind.services) unplaced[priorities.indexOf(priority)]! += 1;
    } else {
      moves += movesTo(item, machine);
      if (item.kind.regrets !== undefined || item.kind.wishes.length > 0)
        regrets += state.regret(item, machine);
    }
  }
  for (const kind of kinds) {
    if (kind.replicas < 2 || state.placedOf(kind) < kind.replicas) continue;
    for (let machine = 0; machine < machines.length; machine++) {
      if (state.count(kind, machine) === kind.replicas) exposed += kind.services.length;
    }
  }
  for (let machine = 0; machine < machines.length; machine++) {
    if (state.here[machine]!.length === 0) continue;
    spent += cost[machine]!;
    load = pack ? load + 1 : Math.max(load, machineFullness(state, machine));
  }
  return [...unplaced, moves, exposed, regrets, load, spent];
}

/** Replicas of the item that leave their machine of today when it is on this one. */
export function movesTo(item: Item, machine: number): number {
  let moves = 0;
  for (const today of item.today) if (today >= 0 && today !== machine) moves++;
  return moves;
}

/** The machine's fullest resource, 0 to 1. */
export function machineFullness(state: State, machine: number): number {
  const { room } = state.instance;
  let most = 0;
  for (let at = machine * resourceCount, end = at + resourceCount; at < end; at++) {
    const used = room[at]! - state.free[at]!;
    if (used > 0) most = Math.max(most, used / room[at]!);
  }
  return most;
}

export function compareScores(one: readonly number[], other: readonly number[]): number {
  for (let index = 0; index < one.length; index++) {
    const difference = one[index]! - other[index]!;
    if (Math.abs(difference) > 1e-9) return difference;
  }
  return 0;
}

const known = new WeakMap<object, number[]>();

/** All priorities of the problem, highest first. */
export function prioritiesOf({ instance }: State): number[] {
  let found = known.get(instance);
  if (found === undefined) {
    const all = instance.kinds.flatMap(({ services }) => services.map(({ priority = 0 }) => priority));
    found = [...new Set(all)].sort((one, other) => other - one);
    known.set(instance, found);
  }
  return found;
}
