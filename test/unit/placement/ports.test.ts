import fc from "fast-check";
import { expect, test } from "vitest";
import { type HeldPort, place, type Seat } from "../../../components/placement/index.js";
import type { Topology } from "../../../components/topology/index.js";
import { machinesOf, servicesOf, topologyOf } from "./topologies.js";

const seatsOf = (topology: Topology, today: Record<string, Seat> = {}, held: HeldPort[] = []) =>
  place(topology, today, {}, held).replicas;

/** What an update leaves behind: of each replica a container, on its port or the next one, and old ones that it could not delete. */
const history = fc.array(
  fc.record({ changed: fc.array(fc.boolean(), { minLength: 24, maxLength: 24 }), deletes: fc.boolean() }),
  { minLength: 1, maxLength: 6 },
);
const roomy = machinesOf(fc.constant({ memory: "64GiB", cpus: 64 }));
const services = servicesOf(fc.constant({}));

test("over any history of updates, whatever failed, nothing is given a port that anything else has or may take", () => {
  fc.assert(
    fc.property(roomy, services, history, (machines, wanted, updates) => {
      const topology = topologyOf(machines, wanted);
      const addressOf = new Map(topology.machines.map(({ name, address }) => [name, address]));
      let today: Record<string, Seat> = {};
      let pending: HeldPort[] = [];
      const asHeld = (seat: Seat) => ({ address: addressOf.get(seat.machine)!, port: seat.port });
      for (const { changed, deletes } of updates) {
        const running = Object.values(today).map(asHeld);
        const placed = seatsOf(topology, today, [...pending, ...running]);
        const claims = placed.flatMap(({ address, port, nextPort }) => [
          `${address}:${port}`,
          `${address}:${nextPort}`,
        ]);
        expect(new Set(claims).size).toBe(claims.length);
        for (const { key, machine, address, port, nextPort } of placed) {
          const seat = today[key];
          if (seat?.machine === machine) expect(port, "it stays where it is").toBe(seat.port);
          const free = (one: number) =>
            !pending.some((held) => held.address === address && held.port === one) &&
            !running.some((held) => held.address === address && held.port === one);
          expect(free(nextPort), "its next port is held").toBe(true);
          if (seat === undefined) expect(free(port), "its port is held").toBe(true);
          for (const one of [port, nextPort]) expect(one !== 22 && one <= 65535).toBe(true);
        }
        const before = today;
        today = Object.fromEntries(
          placed.map(({ key, machine, port, nextPort }, index) => {
            const moves = before[key]?.machine === machine && changed[index];
            return [key, { machine, port: moves ? nextPort : port }];
          }),
        );
        const left = Object.entries(before).filter(([key, seat]) => today[key]?.port !== seat.port);
        pending = deletes ? [] : [...pending, ...left.map(([, seat]) => asHeld(seat))];
      }
    }),
  );
});

test("a single replica goes back and forth between two ports", () => {
  const topology = topologyOf({ "m-1": {} }, { web: {} });
  const first = seatsOf(topology)[0]!;
  expect([first.port, first.nextPort]).toEqual([80, 81]);
  const second = seatsOf(topology, { "web-1": { machine: "m-1", port: 81 } })[0]!;
  expect([second.port, second.nextPort]).toEqual([81, 80]);
});

test("a port that a container yet to be deleted has is left alone, on its machine's address or on any", () => {
  const topology = topologyOf({ "m-1": {}, "m-2": {} }, { web: { machines: ["m-1"] } });
  const [one, two] = topology.machines.map(({ address }) => address);
  const next = (...held: HeldPort[]) =>
    seatsOf(topology, { "web-1": { machine: "m-1", port: 80 } }, held)[0]!.nextPort;
  expect(next({ address: one!, port: 81 })).toBe(82);
  expect(next({ address: "", port: 81 }, { address: "0.0.0.0", port: 82 })).toBe(83);
  expect(next({ address: two!, port: 81 })).toBe(81);
});

test("a replica without room for another beside it is refused, at once and not when it changes", () => {
  expect(() => seatsOf(topologyOf({ "m-1": {} }, { web: { publish: 65535 } }))).toThrow(
    'service "web": machine "m-1" has no port left for what an update starts beside replica 1 above 65535. Lower "publish" or "replicas", or add a machine.',
  );
});
