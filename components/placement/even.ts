import { leastLoad } from "./bound.js";
import { exposes, weights } from "./construct.js";
import type { Item } from "./instance.js";
import { resourceCount } from "./resources.js";
import { machineFullness, movesTo } from "./score.js";
import type { State } from "./state.js";

/** Rounds over the machines, at most. */
const rounds = 40;
/** Machines that each is compared with in a round. */
const partners = 24;
/** Of the fullest machines that still stand out, how many are looked at. */
const mostRegrouped = 200;
/** The emptiest machines with which one is regrouped. */
const emptiest = 50;
const tolerance = 1e-9;
const nothing = new Float64Array(resourceCount);

/**
 * Makes machines evenly full in all scarce resources at once, by moves and exchanges that lower the sum of the squares of what
 * is used, until none is fuller than the bound; nothing moves that has a place today. Taking load off the fullest machine alone
 * gets stuck earlier, where each exchange that helps in one resource harms in another.
 *
 * @param steps how many moves and exchanges it looks at in all.
 */
export function even(state: State, steps: number): void {
  new Evening(state, steps).run();
}

class Evening {
  readonly #state: State;
  /** By machine, then resource: what the square of an amount used counts. */
  readonly #factors: Float64Array;
  readonly #square = new Float64Array(resourceCount);
  readonly #linear = new Float64Array(resourceCount);
  readonly #target: number;
  #steps: number;

  constructor(state: State, steps: number) {
    this.#state = state;
    this.#steps = steps;
    const weight = weights(state.instance);
    this.#factors = state.instance.room.map((amount, at) =>
      amount === 0 ? 0 : weight[at % resourceCount]! / amount,
    );
    this.#target = leastLoad(state.instance) + tolerance;
  }

  run(): void {
    const count = this.#state.instance.machines.length;
    if (count < 2) return;
    for (let round = 1; round <= rounds && this.#steps > 0; round++) {
      let gained = false;
      for (const one of this.#fullestFirst()) {
        if (machineFullness(this.#state, one) <= this.#target) break;
        for (let step = 1; step <= Math.min(partners, count - 1) && this.#steps > 0; step++) {
          // Others in each round, the same on every machine.
          const other = (one + 1 + ((step * round * 7919) % (count - 1))) % count;
          if (this.#exchange(one, other)) gained = true;
        }
      }
      if (!gained) break;
    }
    this.#regroup();
  }

  #fullestFirst(): number[] {
    const shares = this.#state.here.map((_, machine) => machineFullness(this.#state, machine));
    return [...shares.keys()].sort((a, b) => shares[b]! - shares[a]! || a - b);
  }

  /** Of the fullest machine an item goes to another one, and the two then exchange: a detour over something worse. */
  #regroup(): void {
    for (let times = 0; times < mostRegrouped && this.#steps > 0; times++) {
      const order = this.#fullestFirst();
      const fullest = order[0]!;
      if (machineFullness(this.#state, fullest) <= this.#target) return;
      const others = order.slice(Math.max(1, order.length - emptiest)).reverse();
      if (!others.some((other) => this.#redivide(fullest, other))) return;
    }
  }

  #redivide(one: number, other: number): boolean {
    const state = this.#state;
    const limit = machineFullness(state, one) - tolerance;
    const before = [one, other].flatMap((machine) => state.here[machine]!.map((item) => ({ item, machine })));
    for (const item of state.here[one]!.filter((here) => mayGo(here, one, other))) {
      if (!this.#swap(item, one, undefined, other)) continue;
      while (this.#steps > 0 && this.#exchange(one, other));
      if (machineFullness(state, one) < limit && machineFullness(state, other) < limit) return true;
      const gone = before.filter((was) => state.at[was.item.index] !== was.machine);
      for (const was of gone) state.take(was.item);
      for (const was of gone) state.put(was.item, was.machine);
    }
    return false;
  }

  /** The best move or exchange between two machines, if one gains anything. */
  #exchange(one: number, other: number): boolean {
    const { here, instance, free } = this.#state;
    const mine = here[one]!.filter((item) => mayGo(item, one, other));
    const its = here[other]!.filter((item) => mayGo(item, other, one));
    this.#steps -= (mine.length + 1) * (its.length + 1);
    const square = this.#square;
    const linear = this.#linear;
    for (let resource = 0; resource < resourceCount; resource++) {
      const [p, q] = [one * resourceCount + resource, other * resourceCount + resource];
      const [f, g] = [this.#factors[p]!, this.#factors[q]!];
      square[resource] = f + g;
      linear[resource] = 2 * f * (instance.room[p]! - free[p]!) - 2 * g * (instance.room[q]! - free[q]!);
    }
    let least = -tolerance;
    let [bestGive, bestTake] = [-1, -1];
    for (let a = 0; a <= mine.length; a++) {
      const give = mine[a]?.kind.size ?? nothing;
      for (let b = 0; b <= its.length; b++) {
        const take = its[b]?.kind.size ?? nothing;
        const [x, y, z] = [take[0]! - give[0]!, take[1]! - give[1]!, take[2]! - give[2]!];
        const change =
          x * (linear[0]! + x * square[0]!) +
          y * (linear[1]! + y * square[1]!) +
          z * (linear[2]! + z * square[2]!);
        if (change < least) {
          least = change;
          bestGive = a;
          bestTake = b;
        }
      }
    }
    if (bestGive < 0) return false;
    return this.#swap(mine[bestGive], one, its[bestTake], other);
  }

  /** One item to the other machine, and one from there, where that costs nothing that counts more than load. */
  #swap(give: Item | undefined, one: number, take: Item | undefined, other: number): boolean {
    const state = this.#state;
    const moves = [
      ...(give === undefined ? [] : [{ item: give, from: one, to: other }]),
      ...(take === undefined ? [] : [{ item: take, from: other, to: one }]),
    ];
    if (!moves.every(({ item }) => state.mayLeave(item))) return false;
    const regret = () => moves.reduce((sum, { item }) => sum + state.regret(item, state.at[item.index]!), 0);
    const before = regret();
    for (const { item } of moves) state.take(item);
    const stuck = moves.some(({ item, to }) => {
      if (state.objection(item, to) !== undefined || exposes(state, item.kind, to)) return true;
      state.put(item, to);
      return false;
    });
    if (!stuck && regret() <= before) return true;
    for (const { item } of moves) if (state.at[item.index]! >= 0) state.take(item);
    for (const { item, from } of moves) state.put(item, from);
    return false;
  }
}

/** Whether an item may leave a machine for another as far as these two are concerned; one that has a place today stays there. */
function mayGo(item: Item, from: number, to: number): boolean {
  return item.pin === -1 && item.kind.eligible[to] === 1 && movesTo(item, to) <= movesTo(item, from);
}
