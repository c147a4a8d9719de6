import type { Item } from "./instance.js";
import { machineFullness, movesTo } from "./score.js";
import type { State } from "./state.js";

/** How many items may make room for one. */
const mostEjected = 3;

/** Finds a place for an item by moving others aside, with as few moves as it can; every failure leaves the state as it was. */
export class Seating {
  readonly #state: State;
  #steps: number;
  /** By machine: 1 where nothing may go. */
  readonly closed: Uint8Array;
  readonly #journal: { item: Item; from: number }[] = [];
  readonly #busy = new Set<Item>();

  /** @param steps how many machines it looks at in all; a count, not a time, so that the answer is the same everywhere. */
  constructor(state: State, steps: number) {
    this.#state = state;
    this.#steps = steps;
    this.closed = new Uint8Array(state.instance.machines.length);
  }

  get exhausted(): boolean {
    return this.#steps <= 0;
  }

  /**
   * @param moves how many replicas may leave their machine of today for it.
   * @param depth how many may move in a row.
   * @returns how many moves are left of these; -1 where it found no place.
   */
  seat(item: Item, moves: number, depth: number): number {
    const left = this.#directly(item, moves);
    return left >= 0 || depth === 0 ? left : this.#byEjection(item, moves, depth);
  }

  /** Takes an item off its machine, to be seated anew. */
  takeOff(item: Item): void {
    this.#take(item);
  }

  /** What was moved since then goes back. */
  undo(mark = 0): void {
    this.#rollback(mark);
  }

  get mark(): number {
    return this.#journal.length;
  }

  #directly(item: Item, moves: number): number {
    const state = this.#state;
    let found = -1;
    let least = Infinity;
    for (let machine = 0; machine < this.closed.length; machine++) {
      this.#steps--;
      if (!state.fits(item.kind, machine) || !this.#mayGo(item, machine, moves)) continue;
      if (state.objection(item, machine) !== undefined) continue;
      const fullness = machineFullness(state, machine);
      const rank = movesTo(item, machine) * 4 + (state.instance.pack ? 1 - fullness : fullness);
      if (rank < least) {
        least = rank;
        found = machine;
      }
    }
    if (found < 0) return -1;
    this.#put(item, found);
    return moves - movesTo(item, found);
  }

  #byEjection(item: Item, moves: number, depth: number): number {
    let left = -1;
    this.#busy.add(item);
    for (let machine = 0; machine < this.closed.length && this.#steps > 0 && left < 0; machine++) {
      if (!this.#mayGo(item, machine, moves)) continue;
      left = this.#clear(item, machine, 0, [], moves - movesTo(item, machine), depth);
    }
    this.#busy.delete(item);
    return left;
  }

  /** Takes items off the machine, from the `first` on, until the item fits; then seats them elsewhere. */
  #clear(
    item: Item,
    machine: number,
    first: number,
    out: readonly Item[],
    moves: number,
    depth: number,
  ): number {
    const state = this.#state;
    const here = [...state.here[machine]!];
    for (let index = first; index < here.length && this.#steps > 0; index++) {
      const one = here[index]!;
      if (one.pin !== -1 || this.#busy.has(one) || !state.mayLeave(one)) continue;
      this.#steps--;
      const mark = this.#journal.length;
      this.#take(one);
      const all = [...out, one];
      const budget = moves + movesTo(one, machine);
      let left = -1;
      if (state.objection(item, machine) === undefined) {
        this.#put(item, machine);
        left = this.#seatAll(all, budget, depth - 1);
      } else if (all.length < mostEjected) {
        left = this.#clear(item, machine, index, all, budget, depth);
      }
      if (left >= 0) return left;
      this.#rollback(mark);
    }
    return -1;
  }

  #seatAll(items: readonly Item[], moves: number, depth: number): number {
    let left = moves;
    for (const item of items) {
      left = this.seat(item, left, depth);
      if (left < 0) return -1;
    }
    return left;
  }

  #mayGo(item: Item, machine: number, moves: number): boolean {
    if (this.closed[machine] === 1 || item.kind.eligible[machine] === 0) return false;
    return (item.pin === -1 || item.pin === machine) && movesTo(item, machine) <= moves;
  }

  #put(item: Item, machine: number): void {
    this.#journal.push({ item, from: -1 });
    this.#state.put(item, machine);
  }

  #take(item: Item): void {
    this.#journal.push({ item, from: this.#state.take(item) });
  }

  #rollback(mark: number): void {
    while (this.#journal.length > mark) {
      const { item, from } = this.#journal.pop()!;
      if (from < 0) this.#state.take(item);
      else this.#state.put(item, from);
    }
  }
}
