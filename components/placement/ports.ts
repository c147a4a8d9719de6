import type { ServiceSpec } from "../topology/index.js";

/** The machine's SSH. */
const reserved = 22;
const highest = 65535;

/**
 * Host ports on one machine: for each service that may run there, the ports of its first, second, … replica on it.
 *
 * They depend on which services there are and not on how many replicas each has, so that a replica more or less changes
 * no other's port. Ports that the configuration asks for come first, then the first choices, then a port a service
 * in turn.
 *
 * @param depth how many replicas of a service a machine may have at most.
 * @returns by service; shorter than `depth` where no port is left.
 */
export function machinePorts(
  services: readonly ServiceSpec[],
  depth: number,
): ReadonlyMap<string, readonly number[]> {
  const taken = new Set([reserved]);
  const ports = new Map<string, number[]>(services.map((service) => [service.name, []]));
  const cursors = new Map(services.map((service) => [service.name, service.publish ?? service.port]));
  const take = (service: ServiceSpec) => {
    let port = cursors.get(service.name)!;
    while (taken.has(port)) port++;
    cursors.set(service.name, port + 1);
    if (port > highest) return;
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
