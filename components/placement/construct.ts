import type { Instance, Item } from "./instance.js";
import type { Kind } from "./kinds.js";
import { resourceCount } from "./resources.js";
import type { State } from "./state.js";

/** Picks a machine for an item, or -1 where it fits on none. */
export type Choose = (state: State, item: Item) => number;

/** Puts the items where they are pinned or are today, as far as that may be. */
export function keep(state: State, items: readonly Item[]): void {
  // What others must be near to comes first.
  for (const item of inDependencyOrder(items)) {
    if (state.at[item.index]! >= 0) continue;
    const wanted = item.pin >= 0 ? item.pin : item.today.find((machine) => machine >= 0);
    if (wanted !== undefined && state.objection(item, wanted) === undefined) state.put(item, wanted);
  }
}

/** Places item after item; gives those that fit nowhere. */
export function construct(state: State, items: readonly Item[], choose: Choose): Item[] {
  return inDependencyOrder(items).filter((item) => {
    if (state.at[item.index]! >= 0) return false;
    const machine = choose(state, item);
    if (machine < 0) return true;
    state.put(item, machine);
    return false;
  });
}

/** Everyone's first replica, then everyone's second; the more urgent first. */
export function inTurn(one: Item, other: Item): number {
  return other.kind.priority - one.kind.priority || one.replica - other.replica || one.index - other.index;
}

/** What is hardest to fit goes first: few machines to go to, then size. */
export function hardestFirst(instance: Instance): (one: Item, other: Item) => number {
  const weight = weights(instance);
  const size = new Map(instance.kinds.map((kind) => [kind, value(kind, weight)]));
  return (one, other) =>
    other.kind.priority - one.kind.priority ||
    size.get(other.kind)! - size.get(one.kind)! ||
    one.kind.eligibleCount - other.kind.eligibleCount ||
    one.index - other.index;
}

/** Share of the whole that a replica of a kind takes, scarce resources counting more. */
export function value(kind: Kind, weight: Float64Array): number {
  return kind.size.reduce((sum, amount, resource) => sum + amount * weight[resource]!, 0);
}

/** By resource: how scarce it is, in shares of an average machine; 0 where there is none of it. */
export function weights({ kinds, machines, room }: Instance): Float64Array {
  const demand = new Float64Array(resourceCount);
  const supply = new Float64Array(resourceCount);
  for (const kind of kinds) {
    for (let resource = 0; resource < resourceCount; resource++)
      demand[resource]! += kind.size[resource]! * kind.replicas;
  }
  room.forEach((amount, index) => {
    supply[index % resourceCount]! += amount;
  });
  const scarcity = demand.map((amount, resource) => (amount === 0 ? 0 : amount / supply[resource]!));
  const most = Math.max(...scarcity) || 1;
  return scarcity.map((share, resource) =>
    supply[resource] === 0 ? 0 : ((share / most) ** 2 * machines.length) / supply[resource]!,
  );
}

/** Services apart, machines evenly full; what is equal stays in the machines' order. */
export function balanced(instance: Instance): Choose {
  const first = firstChoices(instance);
  return (state, item) =>
    best(state, item, (machine) => [
      item.kind.replicas > 1 ? state.count(item.kind, machine) : 0,
      first[item.kind.index] === machine ? 0 : 1,
      fullness(state, item.kind, machine),
    ]);
}

/** Onto machines in use as long as they have room, the fullest first; then onto a cheap one. */
export function packed(instance: Instance): Choose {
  const weight = weights(instance);
  const left = (state: State, machine: number) => {
    let sum = 0;
    for (let resource = 0; resource < resourceCount; resource++)
      sum += weight[resource]! * state.free[machine * resourceCount + resource]!;
    return sum;
  };
  return (state, item) =>
    best(state, item, (machine) =>
      state.here[machine]!.length > 0
        ? [0, left(state, machine), 0]
        : [1, -left(state, machine), instance.cost[machine]!],
    );
}

/** The machine with the least rank; before it counts that no machine has all of a service, and what it would rather have. */
function best(state: State, item: Item, rank: (machine: number) => number[]): number {
  const { kind } = item;
  const wishes = kind.regrets !== undefined || kind.wishes.length > 0;
  let found = -1;
  let least: number[] = [];
  for (let machine = 0; machine < state.instance.machines.length; machine++) {
    if (kind.eligible[machine] === 0 || !state.fits(kind, machine)) continue;
    if (state.objection(item, machine) !== undefined) continue;
    const mine = [
      exposes(state, kind, machine) ? 1 : 0,
      wishes ? state.regret(item, machine) : 0,
      ...rank(machine),
    ];
    if (found < 0 || before(mine, least)) {
      found = machine;
      least = mine;
    }
  }
  return found;
}

/** Whether the loss of the machine would take every replica. */
export function exposes(state: State, kind: Kind, machine: number): boolean {
  return kind.replicas > 1 && state.count(kind, machine) === kind.replicas - 1;
}

/** The machine's fullest resource with one more of the kind, 0 to 1. */
export function fullness(state: State, kind: Kind, machine: number): number {
  const { room } = state.instance;
  let most = 0;
  for (let at = machine * resourceCount, resource = 0; resource < resourceCount; resource++, at++) {
    const used = room[at]! - state.free[at]! + kind.size[resource]!;
    if (used > 0) most = Math.max(most, used / room[at]!);
  }
  return most;
}

function before(one: readonly number[], other: readonly number[]): boolean {
  for (let index = 0; index < one.length; index++) {
    if (one[index] !== other[index]) return one[index]! < other[index]!;
  }
  return false;
}

/** Where each kind begins: on the machine where the fewest of the kinds before it begin. */
function firstChoices({ kinds, machines }: Instance): Int32Array {
  const begun = new Int32Array(machines.length);
  return Int32Array.from(kinds, ({ eligible }) => {
    let first = -1;
    for (let machine = 0; machine < machines.length; machine++) {
      if (eligible[machine] && (first < 0 || begun[machine]! < begun[first]!)) first = machine;
    }
    if (first >= 0) begun[first]! += 1;
    return first;
  });
}

/** Stable, but what others must be near to comes before them. */
export function inDependencyOrder(items: readonly Item[]): readonly Item[] {
  if (!items.some(({ kind }) => kind.near.length > 0)) return items;
  const kinds = [...new Set(items.map(({ kind }) => kind))];
  const depth = new Map<number, number>(kinds.map(({ index }) => [index, 0]));
  // As many rounds as there are kinds at most: kinds that need each other end there, too.
  for (let round = 0, changed = true; changed && round < kinds.length; round++) {
    changed = false;
    for (const { index, near } of kinds) {
      const deepest = Math.max(
        -1,
        ...near.filter((one) => one.kind !== index).map((one) => depth.get(one.kind) ?? -1),
      );
      if (deepest + 1 > depth.get(index)!) {
        depth.set(index, deepest + 1);
        changed = true;
      }
    }
  }
  return [...items].sort((one, other) => depth.get(one.kind.index)! - depth.get(other.kind.index)!);
}
