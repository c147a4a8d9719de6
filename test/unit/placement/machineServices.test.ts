import { expect, test } from "vitest";
import { haproxyModel } from "../../../components/haproxy/index.js";
import {
  capacityOf,
  type Placement,
  place,
  planText,
  relationOf,
  type Seat,
  survive,
} from "../../../components/placement/index.js";
import { parseTopology, type Topology } from "../../../components/topology/index.js";

const capacity = { cpus: 8, memory: "8GiB", disk: "64GiB" };

/** Two hypervisors with a machine each; "api" runs in containers, "db" as machines. */
function site(db: object = {}, more: Record<string, object> = {}, hypervisors: object = {}): Topology {
  return parseTopology(
    {
      images: { debian: { manifest: "image.json" }, other: { manifest: "other.json" } },
      containerImages: { app: { context: "app" } },
      hypervisors: {
        east: { capacity, network: { cidr: "192.168.131.0/24" }, ...hypervisors },
        west: { capacity, uri: "qemu+ssh://west/system", network: { cidr: "192.168.132.0/24" } },
      },
      registries: { r1: { hypervisor: "east" }, r2: { hypervisor: "west", port: 5001 } },
      machines: {
        "m-1": { hypervisor: "east", image: "debian" },
        "m-2": { hypervisor: "west", image: "debian" },
      },
      services: {
        api: { image: "app", port: 80, replicas: 2 },
        db: { runsAs: "machine", image: "debian", port: 5432, ...db },
        ...more,
      },
    },
    { stack: "dev" },
  );
}

const places = (
  topology: Topology,
  ...rest: Parameters<typeof place> extends [unknown, ...infer R] ? R : never
) => Object.fromEntries(place(topology, ...rest).replicas.map(({ key, machine }) => [key, machine]));
/** What the state says after an update. */
const seats = (topology: Topology, images = {}): Record<string, Seat> =>
  Object.fromEntries(
    place(topology, {}, {}, [], images).replicas.map(({ key, machine, port, guest, address }) => [
      key,
      { machine, port, ...(guest && { guest: guest.name, address }) },
    ]),
  );

test("containers go to machines and machines to hypervisors, in one plan", () => {
  expect(places(site({ replicas: 2, spread: "zone" }))).toEqual({
    "api-1": "m-1",
    "api-2": "m-2",
    "db-1": "east",
    "db-2": "west",
  });
});

test("rules hold between the two: a container in the zone of the machine that it needs", () => {
  const near = site(
    { pins: { 1: "west" } },
    { job: { image: "app", port: 81, near: [{ service: "db", within: "zone" }] } },
  );
  expect(places(near)).toMatchObject({ "db-1": "west", "job-1": "m-2" });
  const apart = site(
    { pins: { 1: "west" } },
    { job: { image: "app", port: 81, apart: [{ service: "db", within: "zone" }] } },
  );
  expect(places(apart)).toMatchObject({ "db-1": "west", "job-1": "m-1" });
});

test("warm ones are placed and made like the others, and no load balancer knows them until they are asked for", () => {
  const balanced = (db: object) => ({
    ...site(db),
    loadBalancers: parseTopology(
      {
        images: { debian: { manifest: "image.json" } },
        hypervisors: { east: { capacity, network: { cidr: "192.168.131.0/24" } } },
        services: { db: { runsAs: "machine", image: "debian", port: 5432, protocol: "tcp" } },
        loadBalancers: { public: { service: "db", port: 5432 } },
      },
      { stack: "dev" },
    ).loadBalancers,
  });
  const servers = (topology: Topology, placement: Placement) =>
    haproxyModel(topology.loadBalancers[0]!, topology, placement).backends[0]!.servers.map(
      ({ name }) => name,
    );
  const before = balanced({ replicas: 1, warm: 2, protocol: "tcp" });
  const placed = place(before);
  const machines = placed.replicas.filter(({ service }) => service === "db");
  expect(machines.map(({ key, warm }) => [key, warm])).toEqual([
    ["db-1", false],
    ["db-2", true],
    ["db-3", true],
  ]);
  expect(servers(before, placed)).toEqual([`${machines[0]!.guest!.name}-5432`]);
  expect(planText(placed.problem, placed.solution).join("\n")).toMatch(/db-2 +new +→ \w+ +warm; /);

  // One more is asked for: the next of the warm ones, as it is, and another one behind it.
  const after = balanced({ replicas: 2, warm: 2, protocol: "tcp" });
  const grown = place(after, seats(before));
  expect(servers(after, grown)).toEqual(machines.slice(0, 2).map(({ guest }) => `${guest!.name}-5432`));
  expect(planText(grown.problem, grown.solution)[0]).toMatch(/: 1 new$/);
});

test("a service whose replicas but the warm ones are lost is down", () => {
  const { problem, solution } = place(site({ warm: 1, spread: "zone" }));
  const on = solution.assignment["db-1"];
  expect(survive(problem, solution.assignment).find(({ machine }) => machine === on)!.down).toContain("db");
  const other = solution.assignment["db-2"];
  expect(survive(problem, solution.assignment).find(({ machine }) => machine === other)!.down).not.toContain(
    "db",
  );
});

test.each([
  ["of a service of containers", { api: { image: "app", port: 80, warm: 1 } }, "runsAs: machine"],
  [
    "beside a service of the group that has fewer",
    {
      one: { runsAs: "machine", image: "debian", port: 1, group: "g", replicas: 2 },
      two: { runsAs: "machine", image: "debian", port: 2, group: "g", replicas: 2, warm: 1 },
    },
    'service "one" of group "g" has 2 replicas, and this one has 3',
  ],
])("warm ones %s are refused", (_, services, words) => {
  expect(() => site({}, services)).toThrow(words);
});

test("a hypervisor holds no more than its capacity, less what its own machines take", () => {
  // 8 CPUs, 2 of them its machine's: one with 5, not two.
  expect(Object.values(places(site({ replicas: 2, cpus: 5 }))).sort()).toEqual([
    "east",
    "m-1",
    "m-2",
    "west",
  ]);
  expect(() => place(site({ replicas: 3, cpus: 5 }))).toThrow(
    'service "db": replica 3 of 3 needs a hypervisor with 1GiB and 5 CPUs and 4GiB of disk free: east has 1 CPUs free, west has 1 CPUs free.',
  );
  expect(() => place(site({ replicas: 3, cpus: 5 }))).toThrow(
    "one hypervisor with 1GiB and 5 CPUs and 4GiB of disk free",
  );
});

test("a machine has a name and an address of its own, keeps both while it stays, and others change nothing", () => {
  const topology = site({ replicas: 2, spread: "zone" });
  const { replicas } = place(topology);
  const guests = replicas.flatMap(({ guest, address }) => (guest ? [{ ...guest, address }] : []));
  expect(guests.map(({ name }) => name)).toEqual([
    expect.stringMatching(/^db-1-[0-9a-f]{6}$/),
    expect.stringMatching(/^db-2-[0-9a-f]{6}$/),
  ]);
  expect(guests[0]!.domain).toBe(`dev-${guests[0]!.name}`);
  expect(guests[0]!.address).toMatch(/^192\.168\.131\./);
  expect(guests[1]!.address).toMatch(/^192\.168\.132\./);
  const today = seats(topology);
  const grown = place(site({ replicas: 3 }), today).replicas;
  for (const key of ["db-1", "db-2"]) {
    expect(grown.find((one) => one.key === key)).toMatchObject({
      machine: today[key]!.machine,
      address: today[key]!.address,
      guest: { name: today[key]!.guest },
    });
  }
  const addresses = grown.map(({ address, port }) => `${address}:${port}`);
  expect(new Set(addresses).size).toBe(addresses.length);
});

test.each([
  ["another cloudConfig", { cloudConfig: { runcmd: ["true"] } }, {}],
  ["another image", { image: "other" }, { other: "sha-1" }],
  ["another content of the image", {}, { debian: "sha-2" }],
])("%s: another machine beside the one that runs", (_, change, images) => {
  const today = seats(site(), { debian: "sha-1" });
  const [before] = Object.entries(today).filter(([key]) => key === "db-1");
  const after = place(site(change), today, {}, [], { debian: "sha-1", ...images }).replicas.find(
    ({ key }) => key === "db-1",
  )!;
  expect(after.machine).toBe(before![1].machine);
  expect(after.guest!.name).not.toBe(before![1].guest);
  expect(after.address).not.toBe(before![1].address);
  expect(after.guest!.macAddress).not.toBe("");
  expect(() =>
    place(site({ ...change, stateful: true }), today, {}, [], { debian: "sha-1", ...images }),
  ).toThrow('service "db" keeps its data in its machines, and its "image" or "cloudConfig" has changed');
});

test("where an image's content is not known, its machines stay as they are, with data too", () => {
  const today = seats(site(), { debian: "sha-1" });
  const after = place(site({ stateful: true }), today).replicas.find(({ key }) => key === "db-1")!;
  expect(after.guest!.name).toBe(today["db-1"]!.guest);
});

test("more memory or processors change the machine itself", () => {
  const today = seats(site());
  const after = place(site({ cpus: 4, memory: "2GiB" }), today).replicas.find(({ key }) => key === "db-1")!;
  expect(after.guest!.name).toBe(today["db-1"]!.guest);
  expect(after.address).toBe(today["db-1"]!.address);
});

test("an address that something holds, or that a machine is given, is not taken", () => {
  const free = place(site()).replicas.find(({ key }) => key === "db-1")!;
  const held = place(site(), {}, {}, [{ address: free.address, port: 5432 }]).replicas;
  expect(held.find(({ key }) => key === "db-1")!.address).not.toBe(free.address);
});

test("a rebalancing's step takes a machine to another hypervisor, under another name", () => {
  const today = seats(site());
  const [from, to] = today["db-1"]!.machine === "east" ? ["east", "west"] : ["west", "east"];
  const moved = place(site(), today, { "db-1": to }).replicas.find(({ key }) => key === "db-1")!;
  expect([from, moved.machine]).toEqual([today["db-1"]!.machine, to]);
  expect(moved.guest!.name).not.toBe(today["db-1"]!.guest);
});

test("the plan, the graph and the loss of a hypervisor, which takes its machines with it", () => {
  const topology = site({ replicas: 2, spread: "zone" });
  const { problem, solution } = place(topology);
  const text = planText(problem, solution);
  expect(text[0]).toBe("4 replicas of 2 services on 2 machines and 2 hypervisors: 4 new");
  expect(text).toContain("If a machine or a hypervisor dies");
  expect(text.join("\n")).toMatch(/hypervisor east +2 +4 +6 +1GiB +6GiB +7GiB +4GiB +56GiB +60GiB +db-1/);
  expect(relationOf(problem, solution.assignment).machines).toEqual(["east", "m-1", "m-2", "west"]);
  const { all, hypervisors } = capacityOf(problem, solution.assignment);
  expect([all.total.cpus, hypervisors!.all.total.cpus]).toEqual([4, 12]);
  const losses = survive(problem, solution.assignment);
  expect(losses.find(({ machine }) => machine === "east")).toMatchObject({
    lost: ["api-1", "db-1"],
    down: [],
    homeless: ["db-1"],
  });
  expect(losses.find(({ machine }) => machine === "m-1")).toMatchObject({ lost: ["api-1"], homeless: [] });
});

test("without such a service, hypervisors are no part of the plan", () => {
  const topology = { ...site(), machineServices: [] };
  expect(place(topology).problem.machines.map(({ name }) => name)).toEqual(["m-1", "m-2"]);
});
