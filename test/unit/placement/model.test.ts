import { expect, test } from "vitest";
import { type Problem, place, solve, whatWouldHelp } from "../../../components/placement/index.js";
import { topologyOf } from "./topologies.js";

const on = (...args: Parameters<typeof topologyOf>) =>
  Object.fromEntries(place(topologyOf(...args)).replicas.map(({ key, machine }) => [key, machine]));
const zones = { "m-1": { zone: "a" }, "m-2": { zone: "a" }, "m-3": { zone: "b" } };

test("spread over zones: no two replicas in one", () => {
  const placed = on(zones, { web: { replicas: 2, spread: "zone" } });
  expect(new Set(Object.values(placed).map((machine) => (machine === "m-3" ? "b" : "a"))).size).toBe(2);
});

test("near and apart, to services, labels and zones", () => {
  const machines = { "m-1": { labels: { disk: "ssd" } }, "m-2": { zone: "b" }, "m-3": {} };
  const placed = on(machines, {
    a: { near: [{ label: "disk", value: "ssd" }] },
    b: { near: [{ service: "c" }], apart: [{ service: "a" }] },
    c: { near: [{ zone: "b" }] },
    d: { apart: [{ service: "a" }, { service: "c" }] },
  });
  expect(placed).toEqual({ "a-1": "m-1", "b-1": "m-2", "c-1": "m-2", "d-1": "m-3" });
});

test("a taint keeps others off, and what tolerates it may come", () => {
  const machines = { "m-1": { taints: ["gpu"] }, "m-2": {} };
  expect(on(machines, { web: { replicas: 2 }, train: { tolerates: ["gpu"], machines: ["m-1"] } })).toEqual({
    "train-1": "m-1",
    "web-1": "m-2",
    "web-2": "m-2",
  });
});

test("the n-th replicas of a group are together", () => {
  const placed = on(zones, { app: { replicas: 3, group: "pod" }, log: { replicas: 3, group: "pod" } });
  for (const number of [1, 2, 3]) expect(placed[`app-${number}`]).toBe(placed[`log-${number}`]);
});

test("requests count, not limits", () => {
  const service = { replicas: 4, memory: "700MiB", requests: { memory: "100MiB" } };
  expect(Object.keys(on({ "m-1": {} }, { web: service }))).toHaveLength(4);
});

test("reserved memory is not given away, and what is not reserved is", () => {
  const whole = { web: { replicas: 2, memory: "512MiB" } };
  expect(Object.keys(on({ "m-1": { reserved: { memory: "0B" } } }, whole))).toHaveLength(2);
});

test("packing uses as few machines as it can", () => {
  const topology = topologyOf(zones, { web: { replicas: 3, memory: "64MiB" } });
  const { replicas } = place({ ...topology, placement: { prefer: "pack" } });
  // Two, and not one, as the loss of a machine must leave one of them.
  expect(new Set(replicas.map(({ machine }) => machine)).size).toBe(2);
});

test("what runs as a machine of its own goes onto a hypervisor, not into a container engine", () => {
  const capacity = { cpus: 8, memoryBytes: 2 ** 33, diskBytes: 0 };
  const problem: Problem = {
    machines: [
      { name: "host", capacity, runs: "machine" },
      { name: "vm", capacity },
    ],
    services: [
      { name: "legacy", replicas: 1, form: "machine" },
      { name: "web", replicas: 1 },
    ],
  };
  expect(solve(problem).assignment).toEqual({ "legacy-1": "host", "web-1": "vm" });
});

test("where there is too little room, the more urgent is placed", () => {
  const gib = 2 ** 30;
  const problem: Problem = {
    machines: [{ name: "m", capacity: { cpus: 8, memoryBytes: 2 * gib, diskBytes: 0 } }],
    services: [
      { name: "low", replicas: 2, requests: { memoryBytes: gib } },
      { name: "high", replicas: 1, priority: 5, requests: { memoryBytes: 1.5 * gib } },
    ],
    today: { "low-1": "m", "low-2": "m" },
  };
  expect(solve(problem).assignment).toEqual({ "high-1": "m" });
});

test("what would help: the binding constraint, the smallest cut, and what to add, each of them enough", () => {
  const gib = 2 ** 30;
  const machine = (name: string, zone: string) => ({
    name,
    zone,
    capacity: { cpus: 2, memoryBytes: gib, diskBytes: 0 },
  });
  const problem: Problem = {
    machines: [machine("m-1", "a"), machine("m-2", "b")],
    services: [{ name: "web", replicas: 3, requests: { memoryBytes: gib / 2 }, spread: "machine" }],
  };
  const help = whatWouldHelp(problem);
  expect(help.map(({ text }) => text)).toEqual([
    'service "web" without "spread: machine"',
    '2 replicas of service "web" instead of 3',
    "one machine with 512MiB free in zone a",
  ]);
  for (const one of help) expect(solve(one.problem).unplaced).toEqual([]);
  expect(whatWouldHelp({ ...problem, machines: [...problem.machines, machine("m-3", "b")] })).toEqual([]);
});

test("where no single change is enough: two constraints together, fewer of several, and as few machines as do", () => {
  const gib = 2 ** 30;
  const machine = (name: string) => ({ name, capacity: { cpus: 4, memoryBytes: gib, diskBytes: 0 } });
  const service = (name: string) => ({
    name,
    replicas: 3,
    requests: { memoryBytes: gib / 8 },
    spread: "machine" as const,
  });
  const problem: Problem = {
    machines: [machine("m-1"), machine("m-2")],
    services: [service("api"), service("web")],
  };
  expect(whatWouldHelp(problem).map(({ text }) => text)).toEqual([
    'service "api" without "spread: machine" and service "web" without "spread: machine"',
    'fewer replicas: 2 of service "api" instead of 3 and 2 of service "web" instead of 3',
    "one machine with 256MiB free",
  ]);
  const full: Problem = {
    machines: [machine("m-1")],
    services: [
      { name: "big", replicas: 4, requests: { memoryBytes: gib }, spread: "machine" },
      { name: "db", replicas: 1, requests: { memoryBytes: gib, diskBytes: gib }, machines: ["m-1"] },
    ],
  };
  const texts = whatWouldHelp(full).map(({ text }) => text);
  expect(texts.at(-1)).toBe('4 machines with 1GiB and 1GiB of disk free each, on which service "db" may run');
  for (const one of [...whatWouldHelp(problem), ...whatWouldHelp(full)])
    expect(solve(one.problem).unplaced).toEqual([]);
});
