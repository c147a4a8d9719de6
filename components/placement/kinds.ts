import { groupBy } from "./groupBy.js";
import type { Machine, ServiceRequest } from "./problem.js";
import { amounts, resourceCount } from "./resources.js";

/** What the replicas of a service have in common; or of all services of a group, which are placed as one. */
export interface Kind {
  readonly index: number;
  readonly name: string;
  readonly services: readonly ServiceRequest[];
  readonly replicas: number;
  readonly size: Float64Array;
  readonly ports: readonly number[];
  /** By machine: 1 where the machine itself allows it. */
  readonly eligible: Uint8Array;
  readonly eligibleCount: number;
  readonly spread: "machine" | "zone" | "none";
  readonly apart: readonly Relation[];
  readonly near: readonly Relation[];
  /** Kinds that must be near this one. */
  readonly nearMe: readonly Relation[];
  /** Weight of the static preferences that a machine does not meet; undefined where there are none. */
  readonly regrets: Float64Array | undefined;
  readonly wishes: readonly Wish[];
  readonly priority: number;
}

export interface Relation {
  readonly kind: number;
  readonly within: "machine" | "zone";
}

export interface Wish extends Relation {
  readonly want: "near" | "apart";
  readonly weight: number;
}

type Draft = { -readonly [K in keyof Kind]: Kind[K] } & {
  apart: Relation[];
  near: Relation[];
  nearMe: Relation[];
  wishes: Wish[];
};

export function kindsOf(services: readonly ServiceRequest[]): ServiceRequest[][] {
  const groups = groupBy(services, ({ name, group }) =>
    group === undefined ? `service ${name}` : `group ${group}`,
  );
  return [...groups.values()].map((members) => {
    if (members.some(({ replicas }) => replicas !== members[0]!.replicas)) {
      throw new Error(
        `placement: group "${members[0]!.group}" has services with different numbers of replicas; give all the same.`,
      );
    }
    return members;
  });
}

export function draft(
  services: readonly ServiceRequest[],
  index: number,
  machines: readonly Machine[],
  room: Float64Array,
  known: Map<string, Uint8Array>,
): Draft {
  const size = new Float64Array(resourceCount);
  for (const { requests } of services) {
    amounts(requests).forEach((amount, resource) => {
      size[resource]! += amount;
    });
  }
  const ports = services.flatMap((service) => service.ports ?? []);
  const clash = new Set(ports).size < ports.length;
  const eligible = allowedOn(services, ports, machines, room, known);
  for (let machine = 0; machine < machines.length; machine++) {
    for (let resource = 0; resource < resourceCount; resource++) {
      if (clash || size[resource]! > room[machine * resourceCount + resource]!) eligible[machine] = 0;
    }
  }
  const spreads = services.map(({ spread = "none" }) => spread);
  return {
    index,
    name: services.map(({ name }) => name).join("+"),
    services,
    replicas: services[0]!.replicas,
    size,
    ports,
    eligible,
    eligibleCount: eligible.reduce((sum, one) => sum + one, 0),
    spread: spreads.includes("zone") ? "zone" : spreads.includes("machine") ? "machine" : "none",
    apart: [],
    near: [],
    nearMe: [],
    regrets: staticRegrets(services, machines),
    wishes: [],
    priority: Math.max(...services.map(({ priority = 0 }) => priority)),
  };
}

/** By machine: 1 where it allows all the services, whatever they request. Many services ask for the same: it is found once. */
function allowedOn(
  services: readonly ServiceRequest[],
  ports: readonly number[],
  machines: readonly Machine[],
  room: Float64Array,
  known: Map<string, Uint8Array>,
): Uint8Array {
  const asked = services.map(({ machines: names, form, tolerates, limits, rules }) => [
    names,
    form,
    tolerates,
    limits,
    rules,
  ]);
  const key = JSON.stringify([asked, ports]);
  const found = known.get(key);
  if (found !== undefined) return found.slice();
  const allowed = Uint8Array.from(machines, (machine, at) => {
    const free = room.subarray(at * resourceCount, (at + 1) * resourceCount);
    const taken = ports.some((port) => machine.ports?.includes(port));
    return !taken && services.every((service) => allows(machine, service, free)) ? 1 : 0;
  });
  known.set(key, allowed);
  return allowed.slice();
}

function allows(machine: Machine, service: ServiceRequest, free: Float64Array): boolean {
  if (service.machines && !service.machines.includes(machine.name)) return false;
  if ((service.form ?? "container") !== (machine.runs ?? "container")) return false;
  if (machine.taints?.some((taint) => !service.tolerates?.includes(taint))) return false;
  if (service.limits && amounts(service.limits).some((most, resource) => most > free[resource]!))
    return false;
  return (service.rules ?? []).every(
    ({ want, of, weight }) =>
      weight !== undefined || "service" in of || has(machine, of) === (want === "near"),
  );
}

function has(machine: Machine, of: { label: string; value: string } | { zone: string }): boolean {
  return "zone" in of ? machine.zone === of.zone : machine.labels?.[of.label] === of.value;
}

function staticRegrets(
  services: readonly ServiceRequest[],
  machines: readonly Machine[],
): Float64Array | undefined {
  const rules = services.flatMap((service) => service.rules ?? []);
  if (!rules.some(({ of, weight }) => weight !== undefined && !("service" in of))) return undefined;
  return Float64Array.from(machines, (machine) => {
    let total = 0;
    for (const { want, of, weight = 0 } of rules) {
      if (!("service" in of) && has(machine, of) !== (want === "near")) total += weight;
    }
    return total;
  });
}

/** Turns rules about services into relations between kinds. */
export function relate(kind: Draft, service: ServiceRequest, kindOf: ReadonlyMap<string, Draft>): void {
  for (const { want, of, within = "machine", weight } of service.rules ?? []) {
    if (!("service" in of)) continue;
    const other = kindOf.get(of.service);
    if (other === undefined) {
      // Nobody to be near to: it can't be met. Nobody to be apart from: it is met.
      if (want === "near") refuse(kind, weight);
    } else if (other === kind && of.service !== service.name) {
      // They share every machine, being of one group.
      if (want === "apart") refuse(kind, weight);
    } else if (weight !== undefined) {
      kind.wishes.push({ kind: other.index, within, want, weight });
    } else if (want === "near") {
      kind.near.push({ kind: other.index, within });
      other.nearMe.push({ kind: kind.index, within });
    } else if (other === kind) {
      kind.spread = within === "zone" || kind.spread === "zone" ? "zone" : "machine";
    } else {
      kind.apart.push({ kind: other.index, within });
      other.apart.push({ kind: kind.index, within });
    }
  }
}

/** No machine can meet the rule. */
function refuse(kind: Draft, weight: number | undefined): void {
  if (weight === undefined) {
    kind.eligible.fill(0);
    kind.eligibleCount = 0;
  } else {
    kind.regrets = (kind.regrets ?? new Float64Array(kind.eligible.length)).map((regret) => regret + weight);
  }
}
