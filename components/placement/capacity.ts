import { naturalOrder } from "../topology/index.js";
import { type Amounts, type Assignment, type Problem, replicaKey } from "./problem.js";

/** Room for containers: all there is but what the systems keep, what replicas take of it, and what is left. */
export interface Capacity {
  readonly name: string;
  readonly total: Amounts;
  readonly used: Amounts;
  readonly free: Amounts;
  /** Keys, by machine, then in natural order of services. */
  readonly replicas: readonly string[];
}

export interface CapacityReport {
  /** V_total = Σ V_i over all machines that run containers. */
  readonly all: Capacity;
  /** In natural order of names; machines without a zone are in none of them. */
  readonly zones: readonly Capacity[];
  readonly machines: readonly Capacity[];
  /** Where services run as machines: hypervisors, less what their configured machines take, and V_total over them. */
  readonly hypervisors?: { readonly all: Capacity; readonly each: readonly Capacity[] };
}

/** What there is, what is used and what is free: by machine, by zone and in all. */
export function capacityOf(problem: Problem, assignment: Assignment): CapacityReport {
  const used = new Map<string, { amounts: Amounts; replicas: readonly string[] }>();
  const services = [...problem.services].sort((one, other) => naturalOrder(one.name, other.name));
  for (const { name, replicas, requests } of services) {
    for (let replica = 1; replica <= replicas; replica++) {
      const key = replicaKey(name, replica);
      const machine = assignment[key];
      if (machine === undefined) continue;
      const before = used.get(machine) ?? { amounts: nothing, replicas: [] };
      used.set(machine, {
        amounts: plus(before.amounts, requests ?? {}),
        replicas: [...before.replicas, key],
      });
    }
  }
  const places = [...problem.machines]
    .sort((one, other) => naturalOrder(one.name, other.name))
    .map(({ name, capacity, reserved = {}, zone, runs = "container" }) => {
      const total = plus(capacity, reserved, -1);
      const { amounts, replicas } = used.get(name) ?? { amounts: nothing, replicas: [] };
      return {
        zone,
        runs,
        capacity: { name, total, used: amounts, free: plus(total, amounts, -1), replicas },
      };
    });
  const machines = places.filter(({ runs }) => runs === "container");
  const hosts = places.filter(({ runs }) => runs === "machine");
  const zones = [...new Set(machines.flatMap(({ zone }) => zone ?? []))].sort(naturalOrder);
  const of = (list: typeof places) => list.map(({ capacity }) => capacity);
  return {
    all: sum("all", of(machines)),
    zones: zones.map((zone) => sum(zone, of(machines.filter((one) => one.zone === zone)))),
    machines: of(machines),
    ...(hosts.length > 0 && { hypervisors: { all: sum("all hypervisors", of(hosts)), each: of(hosts) } }),
  };
}

const nothing: Amounts = { cpus: 0, memoryBytes: 0, diskBytes: 0 };

function sum(name: string, list: readonly Capacity[]): Capacity {
  const add = (key: "total" | "used" | "free") => list.reduce((all, one) => plus(all, one[key]), nothing);
  const replicas = list.flatMap((one) => one.replicas);
  return { name, total: add("total"), used: add("used"), free: add("free"), replicas };
}

/** Whole thousandths of a CPU, so that 0.1 ten times is 1. */
function plus(one: Amounts, other: Partial<Amounts>, sign: 1 | -1 = 1): Amounts {
  return {
    cpus: Math.round((one.cpus + sign * (other.cpus ?? 0)) * 1000) / 1000,
    memoryBytes: one.memoryBytes + sign * (other.memoryBytes ?? 0),
    diskBytes: one.diskBytes + sign * (other.diskBytes ?? 0),
  };
}
