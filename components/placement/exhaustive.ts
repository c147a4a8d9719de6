import { leastLoad } from "./bound.js";
import { hardestFirst } from "./construct.js";
import type { Instance, Item } from "./instance.js";
import { compareScores, machineFullness, movesTo, prioritiesOf, scoreOf } from "./score.js";
import { State } from "./state.js";
import { twinsOf } from "./twins.js";

/**
 * Branch and bound over all placements, for small problems.
 *
 * @param best a placement to beat, as `State.at`, or undefined.
 * @param steps how many placements of one item it tries at most.
 * @returns the best placement found, and whether it is proven to be the best there is.
 */
export function exhaustive(
  instance: Instance,
  best: Int32Array | undefined,
  steps: number,
): { at: Int32Array; proven: boolean } {
  return new Search(instance, best, steps).run();
}

class Search {
  readonly #instance: Instance;
  readonly #state: State;
  readonly #items: readonly Item[];
  readonly #leastLoad: number;
  readonly #twins: Int32Array;
  #steps: number;
  #best: Int32Array;
  #bestScore: number[];

  constructor(instance: Instance, best: Int32Array | undefined, steps: number) {
    this.#instance = instance;
    this.#state = new State(instance);
    this.#steps = steps;
    // Replicas of a kind stay together, so that their order can break ties.
    this.#items = [...instance.items].sort(hardestFirst(instance));
    this.#leastLoad = leastLoad(instance);
    this.#twins = twinsOf(instance);
    const start = new State(instance);
    if (best !== undefined) start.copyFrom(best);
    this.#best = start.at.slice();
    this.#bestScore = scoreOf(start);
  }

  run(): { at: Int32Array; proven: boolean } {
    const priorities = prioritiesOf(this.#state);
    this.#descend(
      0,
      priorities.map(() => 0),
      0,
      0,
      0,
      0,
    );
    return { at: this.#best, proven: this.#steps > 0 };
  }

  #descend(
    depth: number,
    unplaced: readonly number[],
    moves: number,
    regrets: number,
    load: number,
    cost: number,
  ): void {
    if (this.#hopeless(unplaced, moves, regrets, load, cost)) return;
    const item = this.#items[depth];
    if (item === undefined) {
      this.#take();
      return;
    }
    const state = this.#state;
    const { machines, pack } = this.#instance;
    for (let machine = this.#firstFor(item, depth); machine < machines.length; machine++) {
      if (this.#steps <= 0) return;
      if (state.clash(item, machine) !== undefined || this.#twinWasTried(machine, item)) continue;
      this.#steps--;
      const opens = state.here[machine]!.length === 0;
      state.put(item, machine);
      this.#descend(
        depth + 1,
        unplaced,
        moves + movesTo(item, machine),
        regrets + (item.kind.regrets?.[machine] ?? 0),
        pack ? load + (opens ? 1 : 0) : Math.max(load, machineFullness(state, machine)),
        cost + (opens ? this.#instance.cost[machine]! : 0),
      );
      state.take(item);
    }
    const priorities = prioritiesOf(state);
    const more = [...unplaced];
    for (const { priority = 0 } of item.kind.services) more[priorities.indexOf(priority)]! += 1;
    this.#descend(depth + 1, more, moves, regrets, load, cost);
  }

  /** A placement that can only get worse from here, and is not better now. */
  #hopeless(
    unplaced: readonly number[],
    moves: number,
    regrets: number,
    load: number,
    cost: number,
  ): boolean {
    const whole = unplaced.every((count) => count === 0);
    const least = [...unplaced, moves, 0, regrets, whole ? Math.max(load, this.#leastLoad) : load, cost];
    return compareScores(least, this.#bestScore) >= 0;
  }

  #take(): void {
    const { items } = this.#instance;
    if (items.some((item) => this.#state.at[item.index]! >= 0 && !this.#state.hasItsNeighbours(item))) return;
    const score = scoreOf(this.#state);
    if (compareScores(score, this.#bestScore) >= 0) return;
    this.#best = this.#state.at.slice();
    this.#bestScore = score;
  }

  /** Replicas that differ in nothing but their number go to machines in order. */
  #firstFor(item: Item, depth: number): number {
    const before = this.#items[depth - 1];
    if (before === undefined || before.kind !== item.kind) return 0;
    const same =
      before.pin === item.pin && before.today.every((machine, member) => machine === item.today[member]);
    const at = this.#state.at[before.index]!;
    // Where the one before stays out, so does this one.
    return same ? (at < 0 ? this.#instance.machines.length : at) : 0;
  }

  /** Of empty machines that are alike in everything, only the first is tried. */
  #twinWasTried(machine: number, item: Item): boolean {
    if (item.pin >= 0 || this.#state.here[machine]!.length > 0) return false;
    let twin = this.#twins[machine]!;
    while (twin >= 0 && this.#state.here[twin]!.length > 0) twin = this.#twins[twin]!;
    return twin >= 0;
  }
}
