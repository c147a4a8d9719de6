import type { ServiceSpec, Topology } from "../topology/index.js";
import type { Seat } from "./place.js";
import { PlacementError } from "./placementError.js";
import { inRange, listenerPorts, machinePorts } from "./ports.js";
import type { Assignment } from "./problem.js";

/** A replica's host ports. */
interface Ports {
  /** The one that it has, or takes when it comes new to its machine. */
  readonly port: number;
  /** The one of a container that replaces it, so that both can run at once. */
  readonly next: number;
}

/**
 * The host ports of every replica: of all of them on a machine, no two are the same, and none but a replica's own is held
 * by anything there today. One that stays on its machine keeps its port, if that is still in its service's range.
 *
 * @param held ports that containers have today, by machine: those of `today`, and others, such as ones that are to be deleted.
 * @throws PlacementError where a machine has no port left.
 */
export function assignPorts(
  topology: Topology,
  assignment: Assignment,
  today: Readonly<Record<string, Seat>>,
  held: ReadonlyMap<string, ReadonlySet<number>>,
): ReadonlyMap<string, Ports> {
  const ports = new Map<string, Ports>();
  for (const machine of topology.machines) {
    const { name } = machine;
    const listeners = listenerPorts(topology, machine);
    const services = topology.services.filter((service) => service.machines.includes(name));
    const here = services.map((service) => ({
      service,
      keys: Array.from({ length: service.replicas }, (_, index) => `${service.name}-${index + 1}`).filter(
        (key) => assignment[key] === name,
      ),
    }));
    const seats = Object.values(today).filter((seat) => seat.machine === name);
    const busy = new Set([...seats.map(({ port }) => port), ...(held.get(name) ?? [])]);
    const most = Math.max(0, ...here.map(({ keys }) => keys.length));
    const choices = machinePorts(services, 2 * most + busy.size, listeners);
    for (const { service, keys } of here) {
      const free = choices.get(service.name)!.filter((port) => !busy.has(port));
      const kept = keys.map((key) => {
        const seat = today[key];
        return seat?.machine === name && inRange(service, seat.port) && !listeners.has(seat.port)
          ? seat.port
          : undefined;
      });
      const present = keys.map(
        (key, index) => kept[index] ?? free.shift() ?? fail(service, name, key, "for"),
      );
      keys.forEach((key, index) => {
        ports.set(key, {
          port: present[index]!,
          next: free.shift() ?? fail(service, name, key, "for what an update starts beside"),
        });
      });
    }
  }
  return ports;
}

function fail(service: ServiceSpec, machine: string, key: string, use: string): never {
  const replica = key.slice(service.name.length + 1);
  throw new PlacementError(
    `service "${service.name}": machine "${machine}" has no port left ${use} replica ${replica} above ${service.publish ?? service.port}. Lower "publish" or "replicas", or add a machine.`,
  );
}
