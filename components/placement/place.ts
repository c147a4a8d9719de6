import { type MachineServiceSpec, naturalOrder, type Topology } from "../topology/index.js";
import { assignGuests } from "./assignGuests.js";
import { assignPorts } from "./assignPorts.js";
import { decide } from "./decide.js";
import { instanceOf } from "./instance.js";
import type { PlacedReplica, Placement } from "./placement.js";
import { PlacementError } from "./placementError.js";
import { reasons } from "./reasons.js";
import { refuseStranded } from "./refuseStranded.js";
import { whyNot } from "./whyNot.js";

/** Where a replica runs today, from the stack's own state. */
export interface Seat {
  /** Of a replica that is a virtual machine: its hypervisor. */
  readonly machine: string;
  /** Name of the virtual machine that the replica is, and its IPv4 address. None: it is a container. */
  readonly guest?: string;
  readonly address?: string;
  readonly port: number;
  /** The mark of all that its container was made from; see `revisionOf`. None: made without one. */
  readonly revision?: string;
  /** The image of its container, as Docker on the machine knows it. */
  readonly image?: string;
  /** The limits that its container has, by the names that Docker's provider gives them. */
  readonly limits?: readonly string[];
}

/** A host port that a container has, or the port on which a virtual machine of a service answers. */
export interface HeldPort {
  /** A machine's IPv4 address; any of its addresses where it is empty or `0.0.0.0`. */
  readonly address: string;
  readonly port: number;
}

/**
 * Decides which replica runs on which machine, and on which port there.
 *
 * What runs today stays where it is as long as it may; see `solve` for what counts after that. Where nothing is known
 * of today, every service is spread evenly on its own, and services begin on different machines, so that a replica or
 * a machine more changes as little as it can.
 *
 * @param today the placement in force, by replica key. Default: none.
 * @param moves replica key → machine that it is to move to, as of a rebalancing's step. Default: none.
 * @param held every port that a container has, those of containers that are yet to be deleted too. Default: those of `today`.
 * @param images digest by guest image: another content makes other machines of services that run as machines. Default: none.
 * @throws PlacementError where it finds no place for every replica; the message says what would help.
 */
export function place(
  topology: Topology,
  today: Readonly<Record<string, Seat>> = {},
  moves: Readonly<Record<string, string>> = {},
  held: readonly HeldPort[] = [],
  images: Readonly<Record<string, string>> = {},
): Placement {
  const machines = Object.fromEntries(Object.entries(today).map(([key, { machine }]) => [key, machine]));
  refuseStranded(topology, machines);
  const { problem, solution } = decide(topology, machines, moves);
  const { assignment, unplaced } = solution;
  if (unplaced.length > 0) throw new PlacementError(whyNot(problem, solution));
  const why = reasons(instanceOf(problem), assignment, moves);
  const ports = assignPorts(topology, assignment, today, byMachine(topology, held));
  const taken = new Set(held.map(({ address }) => address));
  const guests = assignGuests(topology, assignment, today, images, taken);
  const addresses = new Map(topology.machines.map(({ name, address }) => [name, address]));
  const services = [...topology.services.map((one) => ({ ...one, warm: 0 })), ...topology.machineServices];
  return {
    replicas: services
      .sort((one, other) => naturalOrder(one.name, other.name))
      .flatMap((service) =>
        keysOf(service).map((key, index): PlacedReplica => {
          const guest = guests.get(key);
          return {
            service: service.name,
            index: index + 1,
            warm: index >= service.replicas,
            key,
            machine: assignment[key]!,
            ...(guest && { guest }),
            address: guest?.address ?? addresses.get(assignment[key]!)!,
            port: ports.get(key)?.port ?? service.port,
            nextPort: ports.get(key)?.next ?? service.port,
            reason: why.get(key)!,
          };
        }),
      ),
    problem,
    solution,
  };
}

function byMachine(topology: Topology, held: readonly HeldPort[]): ReadonlyMap<string, ReadonlySet<number>> {
  const everywhere = ["", "0.0.0.0"];
  return new Map(
    topology.machines.map(({ name, address }) => [
      name,
      new Set(
        held
          .filter((one) => one.address === address || everywhere.includes(one.address))
          .map(({ port }) => port),
      ),
    ]),
  );
}

function keysOf({ name, replicas, warm }: Pick<MachineServiceSpec, "name" | "replicas" | "warm">): string[] {
  return Array.from({ length: replicas + warm }, (_, index) => `${name}-${index + 1}`);
}
