import { expect, test } from "vitest";
import { explain, place } from "../../../components/placement/index.js";
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
  const { machines } = place(stackTopology("ha"));
  for (const { replicas } of machines) {
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
    'service "b": replica 1 of 1 needs a machine with 300MiB and 0.5 CPUs free: web-1 has 268MiB free, web-2 has 268MiB free. Add a machine or memory, or lower "replicas" or the limits.',
  );
});

test("ports that run out are refused", () => {
  expect(() => place(topologyOf({ "web-1": {} }, { web: { replicas: 2, publish: 65535 } }))).toThrow(
    'service "web": machine "web-1" has no port left for replica 2 above 65535. Lower "publish" or "replicas", or add a machine.',
  );
});

test("the explanation tells what is where, what is left, and why", () => {
  const topology = topologyOf(
    { "web-1": { address: "192.168.130.21" }, "web-2": { address: "192.168.130.22", cpus: 1 } },
    { web: { replicas: 2, memory: "64MiB", cpus: 0.5 }, job: { machines: ["web-2"] } },
  );
  expect(explain(place(topology))).toEqual([
    "web-1: web-1; memory 64MiB of 768MiB reserved, CPUs 0.5 of 2 reserved",
    "web-2: job-1, web-2; memory 64MiB of 768MiB reserved, CPUs 0.5 of 1 reserved",
    "job-1 → web-2 (192.168.130.22:80): the only machine that it may run on",
    'web-1 → web-1 (192.168.130.21:80): no replica of "web" before it, the fewest of 2 machines with room',
    'web-2 → web-2 (192.168.130.22:81): no replica of "web" before it, the fewest of 2 machines with room',
  ]);
});
