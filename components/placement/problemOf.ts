import type {
  CapacitySpec,
  HypervisorSpec,
  MachineServiceSpec,
  MachineSpec,
  NeighbourSpec,
  PlacedSpec,
  ServiceSpec,
  Topology,
} from "../topology/index.js";
import type { Machine, Problem, Rule, ServiceRequest } from "./problem.js";

/**
 * The placement problem of a topology, on the machines that run, and on the hypervisors where services run as machines. Host ports are no part of it: they are found once it is known what is where.
 */
export function problemOf(topology: Topology, today: Readonly<Record<string, string>> = {}): Problem {
  const running = topology.machines.filter(({ power }) => power === "running");
  const { machineServices } = topology;
  const hosts = machineServices.length === 0 ? [] : topology.hypervisors;
  return {
    machines: [
      ...running.map(machineOf),
      ...hosts.flatMap((one) => (one.capacity === undefined ? [] : [hostOf(one, one.capacity, topology)])),
    ],
    services: [
      ...topology.services.map((service) => serviceOf(service, running)),
      ...machineServices.map((service) => machineServiceOf(service, topology)),
    ],
    today,
    prefer: topology.placement.prefer,
  };
}

function machineOf({
  name,
  cpus,
  memoryBytes,
  diskBytes,
  reserved,
  zone,
  labels,
  taints,
  cost,
  drain,
  hypervisor,
}: MachineSpec): Machine {
  const capacity = { cpus, memoryBytes, diskBytes };
  return { name, capacity, reserved, zone, labels, taints, cost, host: hypervisor, ...(drain && { drain }) };
}

/** A hypervisor, less what its configured machines take, whatever their power: they may be started again. */
function hostOf(
  { name, zone, labels, taints, cost }: HypervisorSpec,
  capacity: CapacitySpec,
  { machines }: Topology,
): Machine {
  const here = machines.filter(({ hypervisor }) => hypervisor === name);
  const sum = (key: keyof CapacitySpec) => here.reduce((total, machine) => total + machine[key], 0);
  const reserved = { cpus: sum("cpus"), memoryBytes: sum("memoryBytes"), diskBytes: sum("diskBytes") };
  return { name, capacity, reserved, zone, labels, taints, cost, runs: "machine" };
}

function machineServiceOf(service: MachineServiceSpec, { hypervisors }: Topology): ServiceRequest {
  const sized = hypervisors.filter(({ capacity }) => capacity !== undefined);
  const { replicas, warm } = service;
  return {
    ...requestOf(service, service.hypervisors, sized.length),
    replicas: replicas + warm,
    ...(warm > 0 && { warm }),
    form: "machine",
  };
}

function serviceOf(service: ServiceSpec, machines: readonly MachineSpec[]): ServiceRequest {
  const { cpus, memoryBytes } = service;
  const limits = { ...(cpus !== undefined && { cpus }), ...(memoryBytes !== undefined && { memoryBytes }) };
  return { ...requestOf(service, service.machines, machines.length), limits };
}

/** @param places the ones that may run it, of so many */
function requestOf(service: PlacedSpec, places: readonly string[], all: number): ServiceRequest {
  const { name, replicas, requests, tolerates, spread, priority, group, stateful, pins } = service;
  return {
    name,
    replicas,
    requests,
    tolerates,
    rules: [
      ...service.near.map((one) => rule("near", one)),
      ...service.apart.map((one) => rule("apart", one)),
    ],
    spread,
    priority,
    volume: stateful,
    pins,
    ...(group !== undefined && { group }),
    // Where every place may run it, one more may, too.
    ...(places.length < all && { machines: places }),
  };
}

function rule(want: Rule["want"], neighbour: NeighbourSpec): Rule {
  const weight = neighbour.weight === undefined ? {} : { weight: neighbour.weight };
  if ("service" in neighbour) {
    return { want, of: { service: neighbour.service }, within: neighbour.within, ...weight };
  }
  return "zone" in neighbour
    ? { want, of: { zone: neighbour.zone }, ...weight }
    : { want, of: { label: neighbour.label, value: neighbour.value }, ...weight };
}
