import { type Amounts, type Assignment, type Machine, type Problem, replicaKey } from "./problem.js";

/** How good a placement is, most important first; less is better in all of them. */
export interface Measures {
  /** Replicas without a machine, by priority, highest first. */
  readonly unplaced: readonly number[];
  /** Replicas that leave a machine that is still there. */
  readonly moves: number;
  /** Services of two or more replicas that the loss of one machine takes all of. */
  readonly exposed: number;
  /** Sum of the weights of preferred rules that a replica does not get. */
  readonly regrets: number;
  /** With `pack`: machines in use. With `balance`: the fullest machine's share of its scarcest resource, 0 to 1. */
  readonly load: number;
  /** Cost of the machines in use. */
  readonly cost: number;
}

/** Measures a placement from the problem's own words, without the solver's data: it serves as the solver's check. */
export function measure(problem: Problem, assignment: Assignment): Measures {
  const machines = new Map(problem.machines.map((machine) => [machine.name, machine]));
  const on = (service: string, count: number) =>
    numbers(count).map((replica) => assignment[replicaKey(service, replica)]);
  const priorities = [...new Set(problem.services.map(({ priority = 0 }) => priority))].sort((a, b) => b - a);
  const missing = (priority: number) =>
    sum(
      problem.services
        .filter((one) => (one.priority ?? 0) === priority)
        .map((one) => on(one.name, one.replicas).filter((machine) => machine === undefined).length),
    );
  const used = new Set(Object.values(assignment));
  const inUse = problem.machines.filter(({ name }) => used.has(name));
  return {
    unplaced: priorities.map(missing),
    moves: Object.entries(assignment).filter(([key, machine]) => {
      const before = problem.today?.[key];
      return before !== undefined && machines.has(before) && before !== machine;
    }).length,
    exposed: problem.services.filter((one) => {
      const places = on(one.name, one.replicas);
      return one.replicas > 1 && places[0] !== undefined && places.every((place) => place === places[0]);
    }).length,
    regrets: regrets(problem, assignment, machines),
    load: problem.prefer === "pack" ? inUse.length : Math.max(0, ...shares(problem, assignment)),
    cost: sum(inUse.map(({ cost = 0 }) => cost)),
  };
}

/** Below 0 where `one` is better than `other`, above 0 where it is worse. */
export function compareMeasures(one: Measures, other: Measures): number {
  for (const [index, count] of one.unplaced.entries()) {
    if (count !== other.unplaced[index]) return count - (other.unplaced[index] ?? 0);
  }
  for (const key of ["moves", "exposed", "regrets", "load", "cost"] as const) {
    if (Math.abs(one[key] - other[key]) > 1e-9) return one[key] - other[key];
  }
  return 0;
}

function shares(problem: Problem, assignment: Assignment): number[] {
  const used = new Map<string, Amounts>();
  for (const { name, replicas, requests = {} } of problem.services) {
    for (const replica of numbers(replicas)) {
      const machine = assignment[replicaKey(name, replica)];
      if (machine === undefined) continue;
      const before = used.get(machine) ?? { cpus: 0, memoryBytes: 0, diskBytes: 0 };
      used.set(machine, {
        cpus: before.cpus + Math.round((requests.cpus ?? 0) * 1000),
        memoryBytes: before.memoryBytes + (requests.memoryBytes ?? 0),
        diskBytes: before.diskBytes + (requests.diskBytes ?? 0),
      });
    }
  }
  return problem.machines.flatMap(({ name, capacity, reserved = {} }) => {
    const { cpus, memoryBytes, diskBytes } = used.get(name) ?? { cpus: 0, memoryBytes: 0, diskBytes: 0 };
    return [
      share(cpus, Math.round(capacity.cpus * 1000) - Math.round((reserved.cpus ?? 0) * 1000)),
      share(memoryBytes, capacity.memoryBytes - (reserved.memoryBytes ?? 0)),
      share(diskBytes, capacity.diskBytes - (reserved.diskBytes ?? 0)),
    ];
  });
}

function share(used: number, of: number): number {
  return used === 0 ? 0 : used / of;
}

function regrets(problem: Problem, assignment: Assignment, machines: ReadonlyMap<string, Machine>): number {
  let total = 0;
  for (const { name, replicas, rules = [] } of problem.services) {
    for (const { want, of, within = "machine", weight } of rules) {
      if (weight === undefined) continue;
      for (const replica of numbers(replicas)) {
        const key = replicaKey(name, replica);
        const machine = machines.get(assignment[key] ?? "");
        if (machine === undefined) continue;
        const met =
          "zone" in of
            ? machine.zone === of.zone
            : "label" in of
              ? machine.labels?.[of.label] === of.value
              : others(problem, assignment, of.service, key).some((other) =>
                  within === "machine" ? other === machine.name : sameZone(machines.get(other), machine),
                );
        if (met !== (want === "near")) total += weight;
      }
    }
  }
  return total;
}

function others(problem: Problem, assignment: Assignment, service: string, but: string): string[] {
  const { replicas = 0 } = problem.services.find((one) => one.name === service) ?? {};
  return numbers(replicas)
    .map((replica) => replicaKey(service, replica))
    .filter((key) => key !== but)
    .flatMap((key) => assignment[key] ?? []);
}

function sameZone(one: Machine | undefined, other: Machine): boolean {
  return (
    one !== undefined && (one.name === other.name || (one.zone !== undefined && one.zone === other.zone))
  );
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
