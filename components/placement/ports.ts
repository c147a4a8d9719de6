import type { MachineSpec, ServiceSpec, Topology } from "../topology/index.js";

/** The machine's SSH. */
const reserved = 22;
const highest = 65535;
/** A service's host ports on a machine: so many from its first one on. */
const range = 1024;

/** Ports of a machine's address that load balancers on it listen on. */
export function listenerPorts({ loadBalancers }: Topology, machine: MachineSpec): ReadonlySet<number> {
  const here = [machine.address, "0.0.0.0"];
  return new Set(
    loadBalancers
      .filter(({ machines }) => machines.includes(machine.name))
      .flatMap(({ frontends, stats }) => [...frontends, ...(stats ? [stats] : [])])
      .filter(({ bind }) => here.includes(bind))
      .map(({ port }) => port),
  );
}

/** Whether a host port is one of those that the configuration gives to a service. */
export function inRange(service: ServiceSpec, port: number): boolean {
  const first = service.publish ?? service.port;
  return port >= first && port < first + range;
}

/**
 * Host ports on one machine: for each service that may run there, the ports of its first, second, … replica on it.
 *
 * They depend on which services there are and not on how many replicas each has, so that a replica more or less changes
 * no other's port. Ports that the configuration asks for come first, then the first choices, then a port a service
 * in turn.
 *
 * @param others ports that are somebody else's; see {@link listenerPorts}.
 * @param depth how many ports of a service a machine may need at most.
 * @returns by service; shorter than `depth` where no port is left.
 */
export function machinePorts(
  services: readonly ServiceSpec[],
  depth: number,
  others: ReadonlySet<number>,
): ReadonlyMap<string, readonly number[]> {
  const taken = new Set([reserved, ...others]);
  const ports = new Map<string, number[]>(services.map((service) => [service.name, []]));
  const cursors = new Map(services.map((service) => [service.name, service.publish ?? service.port]));
  const take = (service: ServiceSpec) => {
    let port = cursors.get(service.name)!;
    while (taken.has(port)) port++;
    cursors.set(service.name, port + 1);
    if (port > highest || !inRange(service, port)) return;
    taken.add(port);
    ports.get(service.name)!.push(port);
  };
  services.filter((service) => service.publish !== undefined).forEach(take);
  services.filter((service) => service.publish === undefined).forEach(take);
  for (let ordinal = 1; ordinal < depth; ordinal++) {
    services.forEach(take);
  }
  return ports;
}
