import { expect, test } from "vitest";
import { capacityOf, place } from "../../../components/placement/index.js";
import { stackTopology } from "../topology/stackFile.js";
import { topologyOf } from "./topologies.js";

const two = { "web-1": {}, "web-2": {} };
const seats = (...args: Parameters<typeof topologyOf>) =>
  place(topologyOf(...args)).replicas.map(({ key, machine, port }) => `${key} ${machine}:${port}`);

test("stack dev: a replica on each machine, on the port that it publishes", () => {
  const { replicas } = place(stackTopology("dev"));
  expect(replicas.map(({ key, machine, port }) => [key, machine, port])).toEqual([
    ["web-1", "web-1", 80],
    ["web-2", "web-2", 80],
  ]);
});

test("stack ha: each service on every machine", () => {
  const { problem, solution } = place(stackTopology("ha"));
  for (const { replicas } of capacityOf(problem, solution.assignment).machines) {
    expect(replicas.map((key) => key.split("-")[0]).sort()).toEqual(["api", "web"]);
  }
});

test("more replicas than machines take the next ports that are free", () => {
  expect(seats(two, { web: { replicas: 5 } })).toEqual([
    "web-1 web-1:80",
    "web-2 web-2:80",
    "web-3 web-1:81",
    "web-4 web-2:81",
    "web-5 web-1:82",
  ]);
});

test("a machine added takes the replica that shared a machine", () => {
  expect(seats({ ...two, "web-3": {} }, { web: { replicas: 3 } })).toEqual([
    "web-1 web-1:80",
    "web-2 web-2:80",
    "web-3 web-3:80",
  ]);
});

test("services with one replica each begin on different machines", () => {
  expect(seats(two, { a: {}, b: {}, c: {} })).toEqual(["a-1 web-1:80", "b-1 web-2:81", "c-1 web-1:82"]);
});

test("a port that is asked for goes before one that is not", () => {
  expect(seats({ "web-1": {} }, { a: {}, b: { publish: 80 }, c: { port: 21 }, d: { port: 21 } })).toEqual([
    "a-1 web-1:81",
    "b-1 web-1:80",
    "c-1 web-1:21",
    "d-1 web-1:23",
  ]);
});

test("services that share no machine may publish the same port", () => {
  const services = { a: { publish: 80, machines: ["web-1"] }, b: { publish: 80, machines: ["web-2"] } };
  expect(seats(two, services)).toEqual(["a-1 web-1:80", "b-1 web-2:80"]);
});

test("what is pinned stays, and the others make room", () => {
  const services = {
    a: { replicas: 2, memory: "400MiB" },
    b: { machines: ["web-1"], memory: "700MiB" },
  };
  expect(seats({ "web-1": {}, "web-2": { memory: "2GiB" } }, services)).toEqual([
    "a-1 web-2:80",
    "a-2 web-2:81",
    "b-1 web-1:81",
  ]);
});

test("where there is little room, every service has its first replica before any has its next", () => {
  const services = { a: { replicas: 3, memory: "300MiB" }, b: { machines: ["web-1"], memory: "300MiB" } };
  expect(seats(two, services)).toEqual(["a-1 web-1:80", "a-2 web-2:80", "a-3 web-2:81", "b-1 web-1:81"]);
});

test("what does not fit together is refused with what each machine lacks", () => {
  const services = { a: { replicas: 2, memory: "500MiB" }, b: { memory: "300MiB", cpus: 0.5 } };
  expect(() => place(topologyOf(two, services))).toThrow(
    'service "a": replica 2 of 2 needs a machine with 500MiB free: web-1 has 268MiB free, web-2 has 468MiB free. Add a machine or memory, or lower "replicas" or the limits. Any one of these would do: 1 replica of service "a" instead of 2; 468MiB of memory for a replica of service "a"; one machine with 500MiB free.',
  );
});

test("ports that run out are refused", () => {
  expect(() => place(topologyOf({ "web-1": {} }, { web: { replicas: 2, publish: 65535 } }))).toThrow(
    'service "web": machine "web-1" has no port left for replica 2 above 65535. Lower "publish" or "replicas", or add a machine.',
  );
});

test("each replica's reason, and why one moves that a step of the rebalancing asks for", () => {
  const topology = topologyOf(two, { web: { replicas: 2 }, job: { machines: ["web-2"] } });
  const told = (...args: Parameters<typeof place> extends [unknown, ...infer Rest] ? Rest : never) =>
    place(topology, ...args).replicas.map(({ key, machine, reason }) => `${key} → ${machine}: ${reason}`);
  expect(told()).toEqual([
    "job-1 → web-2: the only machine that it may run on",
    'web-1 → web-1: no replica of "web" before it, the fewest of 2 machines with room',
    'web-2 → web-2: no replica of "web" before it, the fewest of 2 machines with room',
  ]);
  const today = Object.fromEntries(
    ["job-1", "web-1", "web-2"].map((key, index) => [key, { machine: "web-2", port: 80 + index }]),
  );
  expect(told(today, { "web-1": "web-1" })).toEqual([
    "job-1 → web-2: it is there today",
    "web-1 → web-1: a step of the rebalancing",
    "web-2 → web-2: it is there today",
  ]);
});
