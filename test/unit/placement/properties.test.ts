import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  capacityOf,
  type PlacedReplica,
  type Placement,
  PlacementError,
  place,
} from "../../../components/placement/index.js";
import { type Topology, TopologyError } from "../../../components/topology/index.js";
import { machinesOf, type Settings, servicesOf, topologyOf } from "./topologies.js";

const roomy = machinesOf(fc.constant({ memory: "64GiB", cpus: 64 }));
const tight = machinesOf(
  fc.record({ memory: fc.constantFrom("512MiB", "768MiB", "1GiB"), cpus: fc.constantFrom(1, 2) }),
);
const unlimited = servicesOf(fc.constant({}));
const limited = servicesOf(
  fc.record(
    {
      memory: fc.constantFrom("64MiB", "100MiB", "256MiB"),
      cpus: fc.constantFrom(0.1, 0.5, 1),
      spread: fc.constantFrom("machine", "none"),
      machines: fc.constantFrom(["m-1"], ["m-1", "m-2"]),
    },
    { requiredKeys: [] },
  ),
);

/** Only what can be placed; what can't be is told apart elsewhere. */
function placed(
  machines: Record<string, Settings>,
  services: Record<string, Settings>,
): [Topology, Placement] {
  try {
    const topology = topologyOf(machines, services);
    return [topology, place(topology)];
  } catch (error) {
    fc.pre(!(error instanceof TopologyError || error instanceof PlacementError));
    throw error;
  }
}

const seats = (replicas: readonly PlacedReplica[]) =>
  Object.fromEntries(replicas.map(({ key, machine, port }) => [key, `${machine}:${port}`]));

describe("where there is little room", () => {
  test("every replica is placed once, where it may be, and no machine is over its capacity", () => {
    fc.assert(
      fc.property(tight, limited, (machines, services) => {
        const [topology, { replicas, problem, solution }] = placed(machines, services);
        const loads = capacityOf(problem, solution.assignment).machines;
        for (const service of topology.services) {
          const mine = replicas.filter((replica) => replica.service === service.name);
          const keys = Array.from({ length: service.replicas }, (_, i) => `${service.name}-${i + 1}`);
          expect(mine.map((replica) => replica.key)).toEqual(keys);
          expect(mine.filter((replica) => !service.machines.includes(replica.machine))).toEqual([]);
          if (service.spread === "machine") {
            expect(new Set(mine.map((replica) => replica.machine)).size).toBe(service.replicas);
          }
        }
        // Counted from the replicas, not taken from the load that the placement reports.
        for (const machine of topology.machines) {
          const here = replicas.filter((replica) => replica.machine === machine.name);
          const limits = here.map(({ service }) => topology.services.find((one) => one.name === service)!);
          const memory = limits.reduce((sum, { memoryBytes = 0 }) => sum + memoryBytes, 0);
          const cpus = limits.reduce((sum, service) => sum + (service.cpus ?? 0), 0);
          expect(memory).toBeLessThanOrEqual(machine.memoryBytes - 256 * 2 ** 20);
          expect(cpus).toBeLessThanOrEqual(machine.cpus + 1e-6);
          const load = loads.find((one) => one.name === machine.name)!;
          expect([...load.replicas].sort()).toEqual(here.map((replica) => replica.key).sort());
          expect(load.used.memoryBytes).toBe(memory);
          expect(here.every((replica) => replica.address === machine.address)).toBe(true);
        }
      }),
    );
  });

  test("no two replicas share a port of a machine, and none has SSH's", () => {
    fc.assert(
      fc.property(tight, limited, (machines, services) => {
        const [, { replicas }] = placed(machines, services);
        const ports = replicas.map(({ machine, port }) => `${machine}:${port}`);
        expect(new Set(ports).size).toBe(ports.length);
        expect(replicas.filter(({ port }) => port === 22)).toEqual([]);
      }),
    );
  });

  test("the same topology is placed the same", () => {
    fc.assert(
      fc.property(tight, limited, (machines, services) => {
        const [topology, placement] = placed(machines, services);
        expect(place(structuredClone(topology))).toEqual(placement);
      }),
    );
  });
});

describe("where there is room", () => {
  test("a replica more moves no other, of no service, to no other machine or port", () => {
    fc.assert(
      fc.property(roomy, unlimited, fc.nat(), (machines, services, pick) => {
        const names = Object.keys(services);
        const grown = names[pick % names.length]!;
        const replicas = Number(services[grown]!["replicas"]);
        const more = { ...services, [grown]: { ...services[grown], replicas: replicas + 1 } };
        const before = seats(placed(machines, services)[1].replicas);
        const { [`${grown}-${replicas + 1}`]: added, ...rest } = seats(placed(machines, more)[1].replicas);
        expect(added).toBeDefined();
        expect(rest).toEqual(before);
      }),
    );
  });

  test("a service's replicas are spread evenly", () => {
    fc.assert(
      fc.property(roomy, unlimited, (machines, services) => {
        const [topology, { replicas }] = placed(machines, services);
        for (const service of topology.services) {
          const counts = topology.machines.map(
            (machine) =>
              replicas.filter((one) => one.service === service.name && one.machine === machine.name).length,
          );
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  test("a machine more moves nothing while every replica has a machine to itself", () => {
    fc.assert(
      fc.property(roomy, fc.integer({ min: 1, max: 5 }), (machines, replicas) => {
        const count = Object.keys(machines).length;
        fc.pre(replicas <= count);
        const before = seats(placed(machines, { web: { replicas } })[1].replicas);
        const more = { ...machines, [`m-${count + 1}`]: {} };
        expect(seats(placed(more, { web: { replicas } })[1].replicas)).toEqual(before);
      }),
    );
  });
});
