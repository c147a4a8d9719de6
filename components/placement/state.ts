import type { Instance, Item } from "./instance.js";
import type { Kind, Relation } from "./kinds.js";
import type { Assignment } from "./problem.js";
import { resourceCount } from "./resources.js";

/** Why an item can't be on a machine. */
export type Objection =
  | "not eligible"
  | "pinned elsewhere"
  | "no room"
  | "spread"
  | "apart"
  | "port"
  | "near";

/** A placement in the making: what is where, what is free, and whether one more item may go somewhere. */
export class State {
  readonly instance: Instance;
  /** By item: its machine, or -1. */
  readonly at: Int32Array;
  /** By machine, then resource. */
  readonly free: Float64Array;
  /** Items by machine. */
  readonly here: Item[][];
  readonly #onMachine: Uint16Array;
  readonly #inZone: Uint16Array;
  readonly #placedOf: Uint16Array;
  readonly #ports = new Map<number, Set<number>>();

  constructor(instance: Instance) {
    this.instance = instance;
    const { machines, kinds, items, room, zoneCount } = instance;
    this.at = new Int32Array(items.length).fill(-1);
    this.free = Float64Array.from(room);
    this.here = machines.map(() => []);
    this.#onMachine = new Uint16Array(kinds.length * machines.length);
    this.#inZone = new Uint16Array(kinds.length * zoneCount);
    this.#placedOf = new Uint16Array(kinds.length);
  }

  /** Replicas of a kind on a machine. */
  count(kind: Kind, machine: number): number {
    return this.#onMachine[kind.index * this.instance.machines.length + machine]!;
  }

  placedOf(kind: Kind): number {
    return this.#placedOf[kind.index]!;
  }

  fits(kind: Kind, machine: number): boolean {
    const at = machine * resourceCount;
    const { size } = kind;
    return size[0]! <= this.free[at]! && size[1]! <= this.free[at + 1]! && size[2]! <= this.free[at + 2]!;
  }

  /** Why the item can't go to a machine as things are; undefined where it can. */
  objection(item: Item, machine: number): Objection | undefined {
    const { kind } = item;
    const clash = this.clash(item, machine);
    if (clash !== undefined) return clash;
    return kind.near.some((one) => !this.#nearby(kind, one, machine)) ? "near" : undefined;
  }

  /** Like {@link objection}, but for what must be near: that may come later. */
  clash(item: Item, machine: number): Objection | undefined {
    const { kind } = item;
    if (item.pin !== -1 && item.pin !== machine) return "pinned elsewhere";
    if (kind.eligible[machine] === 0) return "not eligible";
    if (!this.fits(kind, machine)) return "no room";
    if (kind.spread !== "none" && this.#around(kind.index, machine, kind.spread) > 0) return "spread";
    if (kind.apart.some((one) => this.#around(one.kind, machine, one.within) > 0)) return "apart";
    const taken = this.#ports.get(machine);
    return taken !== undefined && kind.ports.some((port) => taken.has(port)) ? "port" : undefined;
  }

  /** Whether an item may leave its machine without taking from another what it must be near to. */
  mayLeave(item: Item): boolean {
    const machine = this.at[item.index]!;
    return item.kind.nearMe.every(({ kind, within }) => {
      const self = kind === item.kind.index ? 1 : 0;
      // Of the kind itself, what stays behind must not be alone.
      const left = this.#around(item.kind.index, machine, within) - 1;
      const dependants = this.#around(kind, machine, within) - self;
      return dependants === 0 || left - self >= 1;
    });
  }

  /** Whether the item has near what must be near it. */
  hasItsNeighbours(item: Item): boolean {
    const machine = this.at[item.index]!;
    return item.kind.near.every(
      ({ kind, within }) => this.#around(kind, machine, within) > (kind === item.kind.index ? 1 : 0),
    );
  }

  put(item: Item, machine: number): void {
    this.at[item.index] = machine;
    this.here[machine]!.push(item);
    this.#add(item.kind, machine, 1);
    if (item.kind.ports.length > 0) {
      const taken = this.#ports.get(machine) ?? new Set();
      for (const port of item.kind.ports) taken.add(port);
      this.#ports.set(machine, taken);
    }
  }

  take(item: Item): number {
    const machine = this.at[item.index]!;
    const list = this.here[machine]!;
    list.splice(list.indexOf(item), 1);
    this.at[item.index] = -1;
    this.#add(item.kind, machine, -1);
    for (const port of item.kind.ports) this.#ports.get(machine)!.delete(port);
    return machine;
  }

  /** Weight of the preferred rules that the item would not get on a machine, as things are. */
  regret(item: Item, machine: number): number {
    const { regrets, wishes, index } = item.kind;
    let total = regrets?.[machine] ?? 0;
    for (const { kind, within, want, weight } of wishes) {
      const own = kind === index && this.at[item.index]! >= 0 ? this.#self(item, machine, within) : 0;
      const met = this.#around(kind, machine, within) - own > 0;
      if (met !== (want === "near")) total += weight;
    }
    return total;
  }

  assignment(): Assignment {
    const { items, machines } = this.instance;
    return Object.fromEntries(
      items.flatMap(({ index, keys }) => {
        const machine = this.at[index]!;
        return machine < 0 ? [] : keys.map((key) => [key, machines[machine]!.name]);
      }),
    );
  }

  copyFrom(at: Int32Array): void {
    for (const item of this.instance.items) {
      if (this.at[item.index]! >= 0 && this.at[item.index] !== at[item.index]) this.take(item);
    }
    for (const item of this.instance.items) {
      if (at[item.index]! >= 0 && this.at[item.index]! < 0) this.put(item, at[item.index]!);
    }
  }

  #self(item: Item, machine: number, within: "machine" | "zone"): number {
    const at = this.at[item.index]!;
    const { zones } = this.instance;
    return at === machine || (within === "zone" && zones[at] === zones[machine]) ? 1 : 0;
  }

  #nearby(kind: Kind, { kind: other, within }: Relation, machine: number): boolean {
    if (this.#around(other, machine, within) > 0) return true;
    // The first of kinds that must be near each other, or near themselves, has to begin somewhere.
    const target = this.instance.kinds[other]!;
    return (
      target.near.length > 0 && this.#placedOf[other] === 0 && target.replicas > (target === kind ? 1 : 0)
    );
  }

  #around(kind: number, machine: number, within: "machine" | "zone"): number {
    const { machines, zones, zoneCount } = this.instance;
    return within === "machine"
      ? this.#onMachine[kind * machines.length + machine]!
      : this.#inZone[kind * zoneCount + zones[machine]!]!;
  }

  #add(kind: Kind, machine: number, by: 1 | -1): void {
    const { machines, zones, zoneCount } = this.instance;
    for (let resource = 0; resource < resourceCount; resource++) {
      this.free[machine * resourceCount + resource]! -= by * kind.size[resource]!;
    }
    this.#onMachine[kind.index * machines.length + machine]! += by;
    this.#inZone[kind.index * zoneCount + zones[machine]!]! += by;
    this.#placedOf[kind.index]! += by;
  }
}
