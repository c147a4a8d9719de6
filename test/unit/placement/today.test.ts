import { expect, test } from "vitest";
import { place, type Seat } from "../../../components/placement/index.js";
import { topologyOf } from "./topologies.js";

const three = { "m-1": {}, "m-2": {}, "m-3": {} };
const seats = (topology: Parameters<typeof place>[0], today: Record<string, Seat>) =>
  place(topology, today).replicas.map(({ key, machine, port }) => `${key} ${machine}:${port}`);

test("what runs stays where it is, on its port, whatever would be more even", () => {
  const today = { "web-1": { machine: "m-1", port: 81 }, "web-2": { machine: "m-1", port: 80 } };
  expect(seats(topologyOf(three, { web: { replicas: 2, memory: "64MiB" } }), today)).toEqual([
    "web-1 m-1:81",
    "web-2 m-1:80",
  ]);
});

test("a new replica goes where there is most room", () => {
  const today = { "web-1": { machine: "m-1", port: 80 }, "web-2": { machine: "m-3", port: 80 } };
  expect(seats(topologyOf(three, { web: { replicas: 3, memory: "64MiB" } }), today)).toEqual([
    "web-1 m-1:80",
    "web-2 m-3:80",
    "web-3 m-2:80",
  ]);
});

test("of a machine that is gone, only its own replicas move", () => {
  const today = { "web-1": { machine: "m-9", port: 80 }, "web-2": { machine: "m-2", port: 80 } };
  expect(seats(topologyOf(three, { web: { replicas: 2, memory: "64MiB" } }), today)).toEqual([
    "web-1 m-1:80",
    "web-2 m-2:80",
  ]);
});

test("what must make room moves, the fewest, and the reason says why it leaves", () => {
  const topology = topologyOf(
    { "m-1": {}, "m-2": {} },
    { big: { memory: "600MiB" }, a: { memory: "300MiB" }, b: { memory: "300MiB" } },
  );
  const today = { "a-1": { machine: "m-1", port: 80 }, "b-1": { machine: "m-2", port: 80 } };
  const { replicas } = place(topology, today);
  expect(
    replicas.filter(({ key, machine }) => key !== "big-1" && today[key as "a-1"].machine !== machine),
  ).toHaveLength(1);
  expect(replicas.map(({ reason }) => reason).join()).toMatch(/m-[12] has no room left for it/);
  expect(replicas.map(({ reason }) => reason).join()).toContain("it is there today");
});

test("a port that something on its way out still has is taken by nobody in the same update", () => {
  const today = { "old-1": { machine: "m-1", port: 80 } };
  expect(seats(topologyOf({ "m-1": {} }, { web: {} }), today)).toEqual(["web-1 m-1:81"]);
});

test("a port that the configuration no longer gives is given up", () => {
  const today = { "web-1": { machine: "m-1", port: 80 } };
  expect(seats(topologyOf({ "m-1": {} }, { web: { publish: 8080 } }), today)).toEqual(["web-1 m-1:8080"]);
});

test("pins and data hold, and say so", () => {
  const topology = topologyOf(three, { db: { stateful: true }, web: { replicas: 2, pins: { 2: "m-3" } } });
  const today = { "db-1": { machine: "m-2", port: 80 }, "web-2": { machine: "m-1", port: 80 } };
  const placed = Object.fromEntries(place(topology, today).replicas.map((one) => [one.key, one]));
  expect(placed["db-1"]).toMatchObject({ machine: "m-2", reason: "its data is there" });
  expect(placed["web-2"]).toMatchObject({ machine: "m-3", reason: "pinned by hand" });
});

test("a step of a rebalancing moves what it names and nothing else, and takes no port that is not free yet", () => {
  const today = {
    "api-1": { machine: "m-2", port: 80 },
    "web-1": { machine: "m-1", port: 81 },
    "web-2": { machine: "m-1", port: 82 },
  };
  const topology = topologyOf(three, { api: {}, web: { replicas: 2 } });
  const placed = place(topology, today, { "web-2": "m-3" }).replicas;
  expect(placed.map(({ key, machine, port }) => `${key} ${machine}:${port}`)).toEqual([
    "api-1 m-2:80",
    "web-1 m-1:81",
    "web-2 m-3:81",
  ]);
});

test("a drained machine's replicas move, and come back to nothing by themselves", () => {
  const services = { web: { replicas: 2 } };
  const today = { "web-1": { machine: "m-1", port: 80 }, "web-2": { machine: "m-2", port: 80 } };
  const drained = place(topologyOf({ ...three, "m-2": { drain: true } }, services), today);
  expect(drained.replicas.map(({ machine }) => machine)).toEqual(["m-1", "m-3"]);
  expect(drained.replicas[1]!.reason).toMatch(/^m-2 is drained; /);
  const seats = Object.fromEntries(
    drained.replicas.map(({ key, machine, port }) => [key, { machine, port }]),
  );
  expect(place(topologyOf(three, services), seats).replicas.map(({ machine }) => machine)).toEqual([
    "m-1",
    "m-3",
  ]);
});

test("data that is on a drained machine is not left behind", () => {
  const topology = topologyOf({ ...three, "m-2": { drain: true } }, { db: { stateful: true } });
  expect(() => place(topology, { "db-1": { machine: "m-2", port: 80 } })).toThrow("m-2");
});

test("of a machine that is to be off, its replicas move", () => {
  const today = { "web-1": { machine: "m-1", port: 80 }, "web-2": { machine: "m-2", port: 80 } };
  const topology = topologyOf({ ...three, "m-1": { power: "stopped" } }, { web: { replicas: 2 } });
  expect(seats(topology, today)).toEqual(["web-1 m-3:80", "web-2 m-2:80"]);
});

test("what keeps its data on a machine can't be left behind by it", () => {
  const topology = topologyOf({ "m-1": { power: "stopped" }, "m-2": {} }, { db: { stateful: true } });
  expect(() => place(topology, { "db-1": { machine: "m-1", port: 80 } })).toThrow(
    'service "db" keeps its data on the machine that it is on, and "power" of machine "m-1" is "stopped": db-1 can\'t move without that data.',
  );
  expect(seats(topology, { "db-1": { machine: "m-2", port: 80 } })).toEqual(["db-1 m-2:80"]);
});
