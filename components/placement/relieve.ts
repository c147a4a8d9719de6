import { exposes, fullness } from "./construct.js";
import type { Item } from "./instance.js";
import { resourceCount } from "./resources.js";
import { compareScores, machineFullness, movesTo, scoreOf } from "./score.js";
import { Seating } from "./seating.js";
import type { State } from "./state.js";

/** Machines looked at for one item that others must make room for. */
const pushSteps = 100_000;

/** Takes load off the fullest machine as long as that lowers the highest share; nothing moves that has a place today. */
export function relieve(state: State, steps: number): void {
  new Relief(state, steps).run();
}

class Relief {
  readonly #state: State;
  readonly #shares: Float64Array;
  #steps: number;

  /** @param steps how many moves and exchanges it looks at in all. */
  constructor(state: State, steps: number) {
    this.#state = state;
    this.#steps = steps;
    this.#shares = Float64Array.from(state.here, (_, machine) => machineFullness(state, machine));
  }

  run(): void {
    const shares = this.#shares;
    while (this.#steps > 0 && shares.length > 0) {
      let fullest = 0;
      for (let machine = 1; machine < shares.length; machine++) {
        if (shares[machine]! > shares[fullest]!) fullest = machine;
      }
      const to = this.#unload(fullest);
      if (to >= 0) {
        for (const machine of [fullest, to]) shares[machine] = machineFullness(this.#state, machine);
      } else if (this.#pushOn(fullest)) {
        shares.forEach((_, machine) => {
          shares[machine] = machineFullness(this.#state, machine);
        });
      } else {
        // What can't be relieved stays the fullest: there is nothing more to gain.
        return;
      }
    }
  }

  /** Moves one item off, or exchanges it; gives the other machine, or -1. */
  #unload(machine: number): number {
    const state = this.#state;
    const shares = this.#shares;
    const limit = shares[machine]! - 1e-9;
    const others = Array.from(shares.keys())
      .filter((other) => other !== machine)
      .sort((one, other) => shares[one]! - shares[other]! || one - other);
    const here = state.here[machine]!.filter((item) => item.pin === -1 && state.mayLeave(item));
    for (const item of here) {
      for (const to of others) {
        this.#steps--;
        if (fullness(state, item.kind, to) < limit && this.#move(item, machine, to)) return to;
      }
    }
    for (const to of others) {
      for (const item of here) {
        if (this.#exchangeForAny(item, machine, to, limit)) return to;
        if (this.#steps <= 0) return -1;
      }
    }
    return -1;
  }

  /** Moves one item off where others must make room for it in turn, no machine becoming as full as this one. */
  #pushOn(machine: number): boolean {
    const state = this.#state;
    const { room } = state.instance;
    const kept = room.map((amount) => amount * (1 - this.#shares[machine]! + 1e-9));
    // The room above the limit is taken away meanwhile.
    const lower = (sign: 1 | -1) => {
      for (let at = 0; at < kept.length; at++) state.free[at]! -= sign * kept[at]!;
    };
    const items = state.here[machine]!.filter(
      (item) => item.pin === -1 && item.kind.regrets === undefined && item.kind.wishes.length === 0,
    );
    // All that counts more than load, which means nothing meanwhile.
    const graver = () => scoreOf(state).slice(0, -2);
    const before = graver();
    lower(1);
    const moved = items.some((item) => {
      if (!state.mayLeave(item)) return false;
      const seating = new Seating(state, pushSteps);
      seating.closed[machine] = 1;
      seating.takeOff(item);
      if (seating.seat(item, movesTo(item, machine), 2) >= 0 && compareScores(graver(), before) <= 0)
        return true;
      seating.undo();
      return false;
    });
    lower(-1);
    // Whole amounts again, whatever the sums in between were rounded to.
    state.free.forEach((amount, at) => {
      state.free[at] = Math.round(amount);
    });
    this.#steps -= items.length * pushSteps;
    return moved;
  }

  /** Moves the item where that costs nothing that counts more than load. */
  #move(item: Item, from: number, to: number): boolean {
    const state = this.#state;
    if (movesTo(item, to) > movesTo(item, from)) return false;
    const regret = state.regret(item, from);
    state.take(item);
    const fine =
      state.objection(item, to) === undefined &&
      !exposes(state, item.kind, to) &&
      state.regret(item, to) <= regret;
    state.put(item, fine ? to : from);
    return fine;
  }

  #exchangeForAny(item: Item, from: number, to: number, limit: number): boolean {
    if (movesTo(item, to) > movesTo(item, from)) return false;
    for (const other of [...this.#state.here[to]!]) {
      this.#steps--;
      if (other.pin !== -1 || other.kind === item.kind || movesTo(other, from) > movesTo(other, to)) continue;
      if (this.#shareAfter(to, item, other) >= limit || this.#shareAfter(from, other, item) >= limit)
        continue;
      if (this.#state.mayLeave(other) && this.#exchange(item, from, other, to)) return true;
    }
    return false;
  }

  /** The machine's share with one item more and another one less. */
  #shareAfter(machine: number, more: Item, less: Item): number {
    const { free, instance } = this.#state;
    let most = 0;
    for (let at = machine * resourceCount, resource = 0; resource < resourceCount; resource++, at++) {
      const used = instance.room[at]! - free[at]! + more.kind.size[resource]! - less.kind.size[resource]!;
      if (used > 0) most = Math.max(most, used / instance.room[at]!);
    }
    return most;
  }

  #exchange(item: Item, from: number, other: Item, to: number): boolean {
    const state = this.#state;
    const regret = state.regret(item, from) + state.regret(other, to);
    state.take(item);
    state.take(other);
    if (state.objection(item, to) === undefined && !exposes(state, item.kind, to)) {
      state.put(item, to);
      if (state.objection(other, from) === undefined && !exposes(state, other.kind, from)) {
        state.put(other, from);
        if (state.regret(item, to) + state.regret(other, from) <= regret) return true;
        state.take(other);
      }
      state.take(item);
    }
    state.put(other, to);
    state.put(item, from);
    return false;
  }
}
