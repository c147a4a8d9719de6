import { exposes, value, weights } from "./construct.js";
import type { Item } from "./instance.js";
import { resourceCount } from "./resources.js";
import type { State } from "./state.js";

/** Items looked at for one machine: enough to fill it well, few enough that the work grows with the items only. */
const sampleSize = 600;
/** Items of which each pair is tried. */
const pairSize = 90;
/** How a machine is filled; what fills it best counts. */
const ways = [
  { alongSize: true, skip: 0 },
  { alongSize: false, skip: 0 },
  { alongSize: false, skip: 2 },
  { alongSize: true, skip: 3 },
] as const;
/** Full enough: no other way is tried. */
const full = 0.9995;

/**
 * Fills machine after machine, each as well as it can: the largest item that is left, then what best suits the room
 * that is left, then exchanges for a fuller machine.
 *
 * @param shuffle up to how much larger than it is an item counts in the order; for several attempts.
 * @returns items that fit nowhere.
 */
export function pack(state: State, items: readonly Item[], shuffle: () => number = () => 0): Item[] {
  return new Packer(state).run(items, shuffle);
}

class Packer {
  readonly #state: State;
  readonly #weight: Float64Array;
  /** By kind: its share of the whole. */
  readonly #worth: Float64Array;

  constructor(state: State) {
    this.#state = state;
    this.#weight = weights(state.instance);
    this.#worth = Float64Array.from(state.instance.kinds, (kind) => value(kind, this.#weight));
  }

  run(items: readonly Item[], shuffle: () => number): Item[] {
    const key = new Map(
      items.map((item) => [item, this.#of(item) * this.#narrowness(item) * (1 + shuffle())]),
    );
    let rest = this.#unplaced(items).sort(
      (one, other) => key.get(other)! - key.get(one)! || one.index - other.index,
    );
    for (const machine of this.#largestFirst()) {
      if (rest.length === 0) break;
      if (this.#fill(machine, rest)) rest = this.#unplaced(rest);
    }
    return rest;
  }

  #of({ kind }: Item): number {
    return this.#worth[kind.index]!;
  }

  /** What can go to few machines goes before what can go to any: 1 to 2. */
  #narrowness({ kind }: Item): number {
    return 2 - kind.eligibleCount / this.#state.instance.machines.length;
  }

  #unplaced(items: readonly Item[]): Item[] {
    return items.filter((item) => this.#state.at[item.index]! < 0);
  }

  #largestFirst(): number[] {
    const { machines, room, cost } = this.#state.instance;
    const size = machines.map((_, machine) =>
      this.#weight.reduce((sum, one, resource) => sum + one * room[machine * resourceCount + resource]!, 0),
    );
    return machines
      .map((_, machine) => machine)
      .sort((one, other) => size[other]! - size[one]! || cost[one]! - cost[other]! || one - other);
  }

  #may(item: Item, machine: number): boolean {
    const state = this.#state;
    return (
      state.at[item.index]! < 0 &&
      state.fits(item.kind, machine) &&
      !exposes(state, item.kind, machine) &&
      state.objection(item, machine) === undefined
    );
  }

  #free(machine: number): Float64Array {
    return this.#state.free.subarray(machine * resourceCount, (machine + 1) * resourceCount);
  }

  #fill(machine: number, rest: readonly Item[]): boolean {
    const state = this.#state;
    const seed = rest.find((item) => this.#may(item, machine));
    if (seed === undefined) return false;
    state.put(seed, machine);
    const sample = sampled(rest, sampleSize).filter((item) => this.#may(item, machine));
    const kept = state.here[machine]!.length;
    const whole = this.#free(machine).reduce((sum, one, resource) => sum + one * this.#weight[resource]!, 0);
    let most = -1;
    let best: Item[] = [];
    for (const { alongSize, skip } of ways) {
      const some = skip === 0 ? sample : sample.filter((_, index) => index % skip !== 0);
      this.#grow(machine, some, alongSize);
      this.#refine(machine, some, kept);
      const added = state.here[machine]!.slice(kept);
      const worth = added.reduce((sum, item) => sum + this.#of(item), 0);
      for (const item of added) state.take(item);
      if (worth > most) {
        most = worth;
        best = added;
      }
      if (worth >= full * whole) break;
    }
    for (const item of best) state.put(item, machine);
    return true;
  }

  /** Adds what points best to the room that is left: of large items first, or whatever their size. */
  #grow(machine: number, sample: readonly Item[], alongSize: boolean): void {
    const state = this.#state;
    const free = this.#free(machine);
    for (;;) {
      let found: Item | undefined;
      let most = -1;
      for (const item of sample) {
        if (state.at[item.index]! >= 0 || !state.fits(item.kind, machine)) continue;
        let along = 0;
        let length = 0;
        for (let resource = 0; resource < resourceCount; resource++) {
          const part = item.kind.size[resource]! * this.#weight[resource]!;
          along += part * free[resource]! * this.#weight[resource]!;
          length += part * part;
        }
        if (!alongSize && length > 0) along /= Math.sqrt(length);
        const score = along * this.#narrowness(item);
        if (score > most && this.#may(item, machine)) {
          most = score;
          found = item;
        }
      }
      if (found === undefined) return;
      state.put(found, machine);
    }
  }

  /** Exchanges one item of the machine, from the `first` on, for one or two others as long as that fills it better. */
  #refine(machine: number, sample: readonly Item[], first: number): void {
    const state = this.#state;
    for (let round = 0, improved = true; improved && round < 4; round++) {
      improved = false;
      for (const item of state.here[machine]!.slice(first)) {
        state.take(item);
        const better = this.#bestPair(machine, sample, item);
        for (const one of better.length > 0 ? better : [item]) state.put(one, machine);
        improved ||= better.length > 0;
      }
    }
  }

  /** One or two items that fit together and are worth more than the one they replace. */
  #bestPair(machine: number, sample: readonly Item[], out: Item): Item[] {
    const state = this.#state;
    const free = this.#free(machine);
    const fitting = sample.filter(
      (item) => item !== out && state.at[item.index]! < 0 && state.fits(item.kind, machine),
    );
    const few = sampled(fitting, pairSize);
    let most = this.#of(out) * (1 + 1e-9);
    let found: Item[] = [];
    for (const [index, one] of few.entries()) {
      const first = this.#of(one);
      if (first > most && this.#may(one, machine)) {
        most = first;
        found = [one];
      }
      for (let next = index + 1; next < few.length; next++) {
        const other = few[next]!;
        const both = first + this.#of(other);
        if (both <= most || !fitTogether(one, other, free)) continue;
        if (!this.#may(one, machine)) break;
        state.put(one, machine);
        const together = this.#may(other, machine);
        state.take(one);
        if (!together) continue;
        most = both;
        found = [one, other];
      }
    }
    return found;
  }
}

function fitTogether(one: Item, other: Item, free: Float64Array): boolean {
  return (
    one.kind.size[0]! + other.kind.size[0]! <= free[0]! &&
    one.kind.size[1]! + other.kind.size[1]! <= free[1]! &&
    one.kind.size[2]! + other.kind.size[2]! <= free[2]!
  );
}

/** Evenly from the whole list, which is sorted by size. */
function sampled<T>(list: readonly T[], most: number): readonly T[] {
  if (list.length <= most) return list;
  return Array.from({ length: most }, (_, index) => list[Math.floor((index * list.length) / most)]!);
}
