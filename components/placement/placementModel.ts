import { groupBy } from "./groupBy.js";
import type { Instance, Item } from "./instance.js";
import type { Kind } from "./kinds.js";
import { LinearModel, type Terms } from "./linearModel.js";
import { resourceCount } from "./resources.js";
import { movesTo } from "./score.js";
import { twinsOf } from "./twins.js";

/** Replicas that differ in nothing but their number: how many of them a machine has is one variable. */
interface Class {
  readonly kind: Kind;
  readonly items: readonly Item[];
  /** By machine; undefined where they may not be. */
  readonly on: readonly (string | undefined)[];
}

export interface Stage {
  readonly name: "unplaced" | "moves" | "exposed" | "regrets" | "load" | "cost";
  /** To be minimised; of whole values where nothing is said. */
  readonly terms: Terms;
  /** Added to the terms' value to get the measure. */
  readonly constant: number;
}

/** The placement problem as a linear model, with what is to be minimised, one after the other. */
export class PlacementModel {
  readonly model = new LinearModel();
  readonly stages: readonly Stage[];
  readonly #instance: Instance;
  readonly #classes: readonly Class[];
  /** By machine: whether it is in use. */
  readonly #used: readonly string[];
  readonly #presence = new Map<string, string>();

  constructor(instance: Instance) {
    this.#instance = instance;
    this.#used = instance.machines.map(() => this.model.variable(1));
    this.#classes = this.#makeClasses();
    this.#limitMachines();
    // Of machines that are alike, the first are used first.
    for (const [machine, twin] of twinsOf(instance).entries()) {
      if (twin < 0) continue;
      this.model.atMost(
        [
          [1, this.#used[machine]!],
          [-1, this.#used[twin]!],
        ],
        0,
      );
    }
    for (const kind of instance.kinds) this.#relate(kind);
    this.stages = this.#makeStages();
  }

  /** By item, its machine or -1, from the values of a solution. */
  placement(values: Readonly<Record<string, number>>): Int32Array {
    const at = new Int32Array(this.#instance.items.length).fill(-1);
    for (const { items, on } of this.#classes) {
      const left = [...items];
      for (const [machine, variable] of on.entries()) {
        const count = variable === undefined ? 0 : Math.round(values[variable] ?? 0);
        for (const item of left.splice(0, count)) at[item.index] = machine;
      }
    }
    return at;
  }

  #makeClasses(): Class[] {
    const { items, machines } = this.#instance;
    const alike = groupBy(items, ({ kind, pin, today }) => [kind.index, pin, ...today].join());
    return [...alike.values()].map((members) => {
      const { kind, pin } = members[0]!;
      const on = machines.map((_, machine) => {
        if (kind.eligible[machine] === 0 || (pin !== -1 && pin !== machine)) return undefined;
        const variable = this.model.variable(members.length);
        this.model.atMost(
          [
            [1, variable],
            [-members.length, this.#used[machine]!],
          ],
          0,
        );
        return variable;
      });
      this.model.atMost(
        on.flatMap((variable) => (variable === undefined ? [] : [[1, variable] as const])),
        members.length,
      );
      return { kind, items: members, on };
    });
  }

  #limitMachines(): void {
    const { machines, room } = this.#instance;
    for (const machine of machines.keys()) {
      for (let resource = 0; resource < resourceCount; resource++) {
        const whole = room[machine * resourceCount + resource]!;
        const terms = this.#here(machine).flatMap(([one, variable]) =>
          one.kind.size[resource]! > 0 ? [[one.kind.size[resource]! / whole, variable] as const] : [],
        );
        if (terms.length > 0) this.model.atMost([...terms, [-1, this.#used[machine]!]], 0);
      }
      const ports = new Set(this.#here(machine).flatMap(([one]) => one.kind.ports));
      for (const port of ports) {
        const takers = this.#here(machine).filter(([one]) => one.kind.ports.includes(port));
        this.model.atMost(
          takers.map(([, variable]) => [1, variable]),
          1,
        );
      }
    }
  }

  #here(machine: number): [Class, string][] {
    return this.#classes.flatMap((one): [Class, string][] =>
      one.on[machine] === undefined ? [] : [[one, one.on[machine]]],
    );
  }

  /** How many of a kind are on a machine or in its zone. */
  #around(kind: number, machine: number, within: "machine" | "zone"): Terms {
    const { zones, machines } = this.#instance;
    const there = [...machines.keys()].filter((one) =>
      within === "machine" ? one === machine : zones[one] === zones[machine],
    );
    return this.#classes
      .filter((one) => one.kind.index === kind)
      .flatMap(({ on }) => there.flatMap((one) => (on[one] === undefined ? [] : [[1, on[one]] as const])));
  }

  /** A variable that is 1 only where at least `least` of a kind are around, and, if `exact`, wherever they are. */
  #present(kind: Kind, machine: number, within: "machine" | "zone", least: number, exact: boolean): string {
    const place = within === "machine" ? machine : this.#instance.zones[machine];
    const key = [kind.index, within, place, least, exact].join();
    const found = this.#presence.get(key);
    if (found !== undefined) return found;
    const variable = this.model.variable(1);
    this.#presence.set(key, variable);
    const terms = this.#around(kind.index, machine, within);
    this.model.atLeast([...terms, [-least, variable]], 0);
    const more = kind.replicas - least + 1;
    if (exact && more > 0) this.model.atMost([...terms, [-more, variable]], least - 1);
    return variable;
  }

  #relate(kind: Kind): void {
    const { machines, kinds } = this.#instance;
    for (const machine of machines.keys()) {
      if (kind.spread !== "none") this.model.atMost(this.#around(kind.index, machine, kind.spread), 1);
      for (const { kind: other, within } of kind.apart) {
        if (other < kind.index) continue;
        const mine = this.#present(kind, machine, within, 1, true);
        const its = this.#present(kinds[other]!, machine, within, 1, true);
        this.model.atMost(
          [
            [1, mine],
            [1, its],
          ],
          1,
        );
      }
      for (const { kind: other, within } of kind.near) {
        const least = other === kind.index ? 2 : 1;
        const there = this.#present(kinds[other]!, machine, within, least, false);
        this.model.atMost([...this.#around(kind.index, machine, "machine"), [-kind.replicas, there]], 0);
      }
    }
  }

  #makeStages(): Stage[] {
    const { items, kinds, machines, cost, pack } = this.#instance;
    const each = (factor: (one: Class, machine: number) => number): Terms =>
      this.#classes.flatMap((one) =>
        one.on.flatMap((variable, machine) => {
          const weight = variable === undefined ? 0 : factor(one, machine);
          return weight === 0 ? [] : [[weight, variable!] as const];
        }),
      );
    const priorities = [
      ...new Set(kinds.flatMap(({ services }) => services.map(({ priority = 0 }) => priority))),
    ];
    const ofPriority = (kind: Kind, priority: number) =>
      kind.services.filter((service) => (service.priority ?? 0) === priority).length;
    const unplaced = priorities
      .sort((one, other) => other - one)
      .map(
        (priority): Stage => ({
          name: "unplaced",
          terms: each(({ kind }) => -ofPriority(kind, priority)),
          constant: items.reduce((sum, { kind }) => sum + ofPriority(kind, priority), 0),
        }),
      );
    const load: Terms = pack ? this.#used.map((variable) => [1, variable]) : [[1, this.#fullest()]];
    const price: Terms = machines.map((_, machine) => [cost[machine]!, this.#used[machine]!]);
    return [
      ...unplaced,
      { name: "moves", terms: each((one, machine) => movesTo(one.items[0]!, machine)), constant: 0 },
      { name: "exposed", terms: this.#exposed(), constant: 0 },
      {
        name: "regrets",
        terms: [...each(({ kind }, machine) => kind.regrets?.[machine] ?? 0), ...this.#wishes()],
        constant: 0,
      },
      { name: "load", terms: load, constant: 0 },
      { name: "cost", terms: price, constant: 0 },
    ];
  }

  #exposed(): Terms {
    return this.#instance.kinds
      .filter(({ replicas, spread }) => replicas > 1 && spread === "none")
      .map((kind) => {
        const exposed = this.model.variable(1);
        for (const machine of this.#instance.machines.keys()) {
          this.model.atMost(
            [...this.#around(kind.index, machine, "machine"), [-1, exposed]],
            kind.replicas - 1,
          );
        }
        return [kind.services.length, exposed];
      });
  }

  #wishes(): Terms {
    const { kinds, machines } = this.#instance;
    return kinds.flatMap((kind) =>
      kind.wishes.flatMap(({ kind: other, within, want, weight }) =>
        [...machines.keys()].map((machine): [number, string] => {
          const there = this.#present(kinds[other]!, machine, within, other === kind.index ? 2 : 1, true);
          const regretted = this.model.variable(kind.replicas, "real");
          const mine = this.#around(kind.index, machine, "machine");
          // As many regret it as are here, unless the wish is met.
          if (want === "near") this.model.atMost([...mine, [-kind.replicas, there], [-1, regretted]], 0);
          else this.model.atMost([...mine, [kind.replicas, there], [-1, regretted]], kind.replicas);
          return [weight, regretted];
        }),
      ),
    );
  }

  #fullest(): string {
    const { machines, room } = this.#instance;
    const fullest = this.model.variable(1, "real");
    for (const machine of machines.keys()) {
      for (let resource = 0; resource < resourceCount; resource++) {
        const whole = room[machine * resourceCount + resource]!;
        const terms = this.#here(machine).flatMap(([one, variable]) =>
          one.kind.size[resource]! > 0 ? [[one.kind.size[resource]! / whole, variable] as const] : [],
        );
        if (terms.length > 0) this.model.atMost([...terms, [-1, fullest]], 0);
      }
    }
    return fullest;
  }
}
