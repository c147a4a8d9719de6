import { type Item, instanceOf } from "./instance.js";
import type { Assignment, Problem } from "./problem.js";
import { resourceCount } from "./resources.js";
import { State } from "./state.js";

export interface Move {
  readonly key: string;
  readonly from: string;
  readonly to: string;
}

/** Moves that may be made at once, by creating each replica on its new machine before it goes from the old one. */
export type Step = readonly Move[];

export interface MovePlan {
  readonly steps: readonly Step[];
  /** What no order of valid steps brings to its place. */
  readonly stuck: readonly string[];
}

/** Detours over a third machine for one replica, at most. */
const mostDetours = 2;

/**
 * The way from one placement to another in steps, each of which leaves a valid placement. While a step is made, a moving
 * replica takes room and ports on both of its machines. Replicas without a place in either placement are left alone.
 *
 * @param atOnce moves in a step, at most; a group's members count each, and stay where they are more than that.
 */
export function orderMoves(problem: Problem, from: Assignment, to: Assignment, atOnce: number): MovePlan {
  return new Mover(problem, from, to, atOnce).run();
}

class Mover {
  readonly #state: State;
  readonly #target: Map<Item, number>;
  readonly #detours = new Map<Item, number>();
  readonly #atOnce: number;
  readonly #steps: Step[] = [];

  constructor(problem: Problem, from: Assignment, to: Assignment, atOnce: number) {
    // Where data is today holds it there: the target has been decided with that in mind.
    const instance = instanceOf({ ...problem, today: {} });
    this.#state = new State(instance);
    this.#atOnce = atOnce;
    const place = (assignment: Assignment, item: Item) =>
      instance.machineIndex.get(assignment[item.keys[0]!] ?? "");
    this.#target = new Map();
    for (const item of instance.items) {
      const [now, then] = [place(from, item), place(to, item)];
      if (now !== undefined) this.#state.put(item, now);
      if (now !== undefined && then !== undefined && now !== then) this.#target.set(item, then);
    }
  }

  run(): MovePlan {
    while (this.#target.size > 0) {
      const step = this.#step();
      if (step.length === 0) break;
      this.#steps.push(step);
    }
    return { steps: this.#steps, stuck: [...this.#target.keys()].flatMap(({ keys }) => keys) };
  }

  #step(): Step {
    const step: Move[] = [];
    const held: { item: Item; machine: number }[] = [];
    for (const [item, machine] of this.#target) {
      if (step.length + item.keys.length > this.#atOnce) continue;
      if (this.#mayMove(item, machine, held)) step.push(...this.#move(item, machine, held));
    }
    if (step.length === 0) step.push(...this.#detour(held));
    this.#release(held);
    return step;
  }

  /** One replica out of the way, to where it can be until its place is free. */
  #detour(held: { item: Item; machine: number }[]): Move[] {
    for (const item of this.#target.keys()) {
      if (item.keys.length > this.#atOnce) continue;
      const before = this.#detours.get(item) ?? 0;
      if (before >= mostDetours) continue;
      for (let machine = 0; machine < this.#state.here.length; machine++) {
        if (machine === this.#state.at[item.index] || !this.#mayMove(item, machine, held)) continue;
        this.#detours.set(item, before + 1);
        const target = this.#target.get(item)!;
        const moves = this.#move(item, machine, held);
        this.#target.set(item, target);
        return moves;
      }
    }
    return [];
  }

  #mayMove(item: Item, machine: number, held: readonly { item: Item; machine: number }[]): boolean {
    const state = this.#state;
    if (!state.mayLeave(item)) return false;
    if (
      held.some(
        (one) =>
          one.machine === machine && one.item.kind.ports.some((port) => item.kind.ports.includes(port)),
      )
    )
      return false;
    const from = state.take(item);
    const fine = state.objection(item, machine) === undefined;
    state.put(item, from);
    return fine;
  }

  #move(item: Item, machine: number, held: { item: Item; machine: number }[]): Move[] {
    const { machines } = this.#state.instance;
    const from = this.#state.take(item);
    this.#hold(item, from, 1);
    held.push({ item, machine: from });
    this.#state.put(item, machine);
    if (this.#target.get(item) === machine) this.#target.delete(item);
    return item.keys.map((key) => ({ key, from: machines[from]!.name, to: machines[machine]!.name }));
  }

  #release(held: readonly { item: Item; machine: number }[]): void {
    for (const { item, machine } of held) this.#hold(item, machine, -1);
  }

  /** The room of what leaves is not free before the step is through. */
  #hold({ kind }: Item, machine: number, sign: 1 | -1): void {
    for (let resource = 0; resource < resourceCount; resource++) {
      this.#state.free[machine * resourceCount + resource]! -= sign * kind.size[resource]!;
    }
  }
}
