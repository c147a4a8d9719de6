import {
  formatSize,
  type MachineSpec,
  type ServiceSpec,
  type Topology,
  usableCpus,
  usableMemoryBytes,
} from "../topology/index.js";
import { Candidate } from "./candidates.js";
import type { PlacedReplica, Placement } from "./placement.js";
import { PlacementError } from "./placementError.js";
import { machinePorts } from "./ports.js";

interface Assignment {
  readonly service: ServiceSpec;
  readonly index: number;
  readonly machine: MachineSpec;
  /** Replicas of the same service that were on the machine before this one. */
  readonly ordinal: number;
  readonly reason: string;
}

/**
 * Decides which replica runs on which machine, and on which port there.
 *
 * Every service is spread evenly on its own, and services begin on different machines, so that a replica or a machine
 * more moves as little as it can: while there is room everywhere, a further replica moves no other.
 *
 * @throws PlacementError where it finds no place for every replica.
 */
export function place(topology: Topology): Placement {
  const assignments = attempt(topology, inTurn) ?? attempt(topology, largestFirst);
  if (assignments === undefined) throw new PlacementError(whyNot(topology));
  return { replicas: withPorts(topology, assignments), machines: loads(topology, assignments) };
}

type Request = Pick<Assignment, "service" | "index">;
type Order = (one: Request, other: Request) => number;

/** Everyone's first replica, then everyone's second. */
const inTurn: Order = (one, other) => one.index - other.index;
/** What is hardest to fit goes first. */
const largestFirst: Order = (one, other) =>
  (other.service.memoryBytes ?? 0) - (one.service.memoryBytes ?? 0) ||
  (other.service.cpus ?? 0) - (one.service.cpus ?? 0);

function requests(topology: Topology, order: Order): Request[] {
  return topology.services
    .flatMap((service) => Array.from({ length: service.replicas }, (_, i) => ({ service, index: i + 1 })))
    .sort(order);
}

function attempt(topology: Topology, order: Order): Assignment[] | undefined {
  const assignments: Assignment[] = [];
  for (const step of assign(topology, order)) {
    if (typeof step === "string") return undefined;
    assignments.push(step);
  }
  return assignments;
}

/** Places request after request; ends with a text where one fits nowhere. */
function* assign(topology: Topology, order: Order): Generator<Assignment | string> {
  const candidates = topology.machines.map((machine) => new Candidate(machine));
  const first = firstChoices(topology);
  for (const { service, index } of requests(topology, order)) {
    const eligible = candidates.filter(({ machine }) => service.machines.includes(machine.name));
    const rest = eligible.filter((candidate) => candidate.objection(service) === undefined);
    const preferred = first.get(service.name);
    // The sort is stable: what is equal stays in the machines' order.
    const [best] = [...rest].sort(
      (one, other) =>
        one.count(service) - other.count(service) ||
        Number(other.machine.name === preferred) - Number(one.machine.name === preferred),
    );
    if (best === undefined) {
      yield failure(service, index, eligible);
      return;
    }
    const ordinal = best.count(service);
    const reason = reasonFor(service, ordinal, eligible.length, rest.length);
    best.add(service);
    yield { service, index, machine: best.machine, ordinal, reason };
  }
}

/** Where each service begins: on the machine where the fewest of the services before it begin. */
function firstChoices(topology: Topology): ReadonlyMap<string, string> {
  const begun = new Map<string, number>();
  const choices = new Map<string, string>();
  for (const service of topology.services) {
    const [machine] = [...service.machines].sort((a, b) => (begun.get(a) ?? 0) - (begun.get(b) ?? 0));
    if (machine === undefined) continue;
    choices.set(service.name, machine);
    begun.set(machine, (begun.get(machine) ?? 0) + 1);
  }
  return choices;
}

function reasonFor(service: ServiceSpec, ordinal: number, eligible: number, fitting: number): string {
  if (eligible === 1) return "the only machine that it may run on";
  if (fitting === 1) return "the only machine left with room";
  const before = ordinal === 0 ? "no replica" : ordinal === 1 ? "1 replica" : `${ordinal} replicas`;
  return `${before} of "${service.name}" before it, the fewest of ${fitting} machines with room`;
}

function failure(service: ServiceSpec, index: number, eligible: readonly Candidate[]): string {
  const needs = [
    ...(service.memoryBytes === undefined ? [] : [formatSize(service.memoryBytes)]),
    ...(service.cpus === undefined ? [] : [`${service.cpus} CPUs`]),
  ];
  const need = needs.length === 0 ? "a machine" : `a machine with ${needs.join(" and ")} free`;
  const why = eligible.map((one) => `${one.machine.name} ${one.objection(service)}`).join(", ");
  return `service "${service.name}": replica ${index} of ${service.replicas} needs ${need}: ${why}. Add a machine or memory, or lower "replicas" or the limits.`;
}

function whyNot(topology: Topology): string {
  return [...assign(topology, largestFirst)].find((step) => typeof step === "string")!;
}

function withPorts(topology: Topology, assignments: readonly Assignment[]): PlacedReplica[] {
  const ports = new Map(
    topology.machines.map((machine) => {
      const here = topology.services.filter((service) => service.machines.includes(machine.name));
      const depth = Math.max(
        0,
        ...assignments.filter((one) => one.machine === machine).map((one) => one.ordinal + 1),
      );
      return [machine.name, machinePorts(here, depth)];
    }),
  );
  const order = new Map(topology.services.map((service, index) => [service.name, index]));
  return assignments
    .map(({ service, index, machine, ordinal, reason }) => {
      const port = ports.get(machine.name)!.get(service.name)![ordinal];
      if (port === undefined) {
        throw new PlacementError(
          `service "${service.name}": machine "${machine.name}" has no port left for replica ${index} above ${service.publish ?? service.port}. Lower "publish" or "replicas", or add a machine.`,
        );
      }
      const key = `${service.name}-${index}`;
      return {
        service: service.name,
        index,
        key,
        machine: machine.name,
        address: machine.address,
        port,
        reason,
      };
    })
    .sort((one, other) => order.get(one.service)! - order.get(other.service)! || one.index - other.index);
}

function loads(topology: Topology, assignments: readonly Assignment[]): Placement["machines"] {
  return topology.machines.map((machine) => {
    const here = assignments.filter((one) => one.machine === machine);
    const sum = (amount: (service: ServiceSpec) => number | undefined) =>
      here.reduce((total, { service }) => total + (amount(service) ?? 0), 0);
    return {
      machine: machine.name,
      replicas: here.map(({ service, index }) => `${service.name}-${index}`),
      memoryBytes: { total: usableMemoryBytes(machine), used: sum((service) => service.memoryBytes) },
      cpus: { total: usableCpus(machine), used: sum((service) => service.cpus) },
    };
  });
}
