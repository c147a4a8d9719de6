import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type Assignment,
  capacityOf,
  changesOf,
  type Problem,
  planText,
  relationOf,
  relationSvg,
  relationText,
  solve,
  survive,
  verdictText,
  verify,
} from "../../../components/placement/index.js";
import { instance } from "../../bench/placement/instances.js";
import { problems } from "./support/problems.js";

const gib = 2 ** 30;
const two: Problem = {
  machines: ["web-1", "web-2"].map((name, index) => ({
    name,
    zone: index === 0 ? "a" : "b",
    capacity: { cpus: 2, memoryBytes: 4 * gib, diskBytes: 0 },
    reserved: { memoryBytes: gib },
  })),
  services: [
    { name: "api", replicas: 2, requests: { memoryBytes: gib, cpus: 0.1 } },
    { name: "job", replicas: 1, requests: { memoryBytes: 2 * gib } },
  ],
};
const placed = { "api-1": "web-1", "api-2": "web-2", "job-1": "web-1" };

test("capacity adds up: all is the sum of the zones and of the machines, and free is what is not used", () => {
  fc.assert(
    fc.property(problems({ machines: 5, replicas: 8 }), (problem) => {
      const { all, zones, machines } = capacityOf(problem, solve(problem, { search: 0 }).assignment);
      for (const key of ["total", "used", "free"] as const) {
        const memory = machines.reduce((sum, one) => sum + one[key].memoryBytes, 0);
        expect(all[key].memoryBytes).toBe(memory);
        expect(all[key].memoryBytes).toBeGreaterThanOrEqual(
          zones.reduce((sum, one) => sum + one[key].memoryBytes, 0),
        );
      }
      expect(all.free.memoryBytes).toBe(all.total.memoryBytes - all.used.memoryBytes);
    }),
  );
});

test("capacity by machine, less what is reserved", () => {
  const { all, zones } = capacityOf(two, placed);
  expect(all).toEqual({
    name: "all",
    total: { cpus: 4, memoryBytes: 6 * gib, diskBytes: 0 },
    used: { cpus: 0.2, memoryBytes: 4 * gib, diskBytes: 0 },
    free: { cpus: 3.8, memoryBytes: 2 * gib, diskBytes: 0 },
    replicas: ["api-1", "job-1", "api-2"],
  });
  expect(zones.map(({ name, free }) => [name, free.memoryBytes])).toEqual([
    ["a", 0],
    ["b", 2 * gib],
  ]);
});

test("the loss of a machine: who is down, and whether everything fits again", () => {
  const verdicts = (problem: Problem, assignment: Assignment) =>
    survive(problem, assignment).map((one) => `${one.machine}: ${verdictText(one)}`);
  expect(verdicts(two, placed)).toEqual([
    "web-1: service job is down until placed again; no place for api-1 until it is back",
    "web-2: all services keep a replica; no place for api-2 until it is back",
  ]);
  const roomy = { ...two, services: two.services.slice(0, 1) };
  expect(verdicts(roomy, { "api-1": "web-1", "api-2": "web-2" })).toEqual([
    "web-1: all services keep a replica; everything fits again",
    "web-2: all services keep a replica; everything fits again",
  ]);
});

test("data that was on the lost machine has no place elsewhere", () => {
  const stateful = { ...two, services: [{ name: "db", replicas: 1, volume: true }] };
  expect(survive(stateful, { "db-1": "web-1" })[0]).toMatchObject({ down: ["db"], homeless: ["db-1"] });
});

test("a verdict agrees with placing anew without the machine", () => {
  fc.assert(
    fc.property(problems({ machines: 4, replicas: 5 }), (problem) => {
      const { assignment } = solve(problem);
      for (const { machine, lost, homeless } of survive(problem, assignment)) {
        const left = problem.machines.filter(({ name }) => name !== machine);
        const rest = Object.fromEntries(Object.entries(assignment).filter(([, at]) => at !== machine));
        expect(lost.every((key) => assignment[key] === machine)).toBe(true);
        if (problem.services.some(({ volume }) => volume)) continue;
        const again = solve({ ...problem, machines: left, today: rest });
        expect(homeless).toHaveLength(again.unplaced.length);
        expect(verify({ ...problem, machines: left }, again.assignment)).toEqual([]);
      }
    }),
  );
});

test("the relation as edges, matrix, text and picture", () => {
  const relation = relationOf(two, placed);
  expect(relation.edges.map(({ replica, machine }) => [replica, machine])).toEqual(Object.entries(placed));
  expect(relation.matrix).toEqual([
    [1, 1],
    [1, 0],
  ]);
  expect(relationText(relation)).toEqual([
    "service  web-1  web-2",
    "api          1      1",
    "job          1      ·",
    "",
    "        CPUs            memory              disk",
    "        used  free  of    used  free    of  used  free  of  replicas",
    "web-1    0.1   1.9   2    3GiB    0B  3GiB    0B    0B  0B  api-1, job-1",
    "web-2    0.1   1.9   2    1GiB  2GiB  3GiB    0B    0B  0B  api-2",
    "zone a   0.1   1.9   2    3GiB    0B  3GiB    0B    0B  0B  2",
    "zone b   0.1   1.9   2    1GiB  2GiB  3GiB    0B    0B  0B  1",
    "all      0.2   3.8   4    4GiB  2GiB  6GiB    0B    0B  0B  3",
  ]);
  const svg = relationSvg({ ...relation, services: ["a<b", "job"] });
  expect(svg.match(/<path /g)).toHaveLength(3);
  expect(svg).toContain("a&lt;b on web-1: 1");
  expect(svg).toContain(">3GiB / 3GiB<");
  expect(svg).toContain("in all: CPUs 0.2 of 4 used, 3.8 free; memory 4GiB of 6GiB, 2GiB free");
});

test("the plan says what moves and why, what room there is, and what a machine's loss would mean", () => {
  const problem = { ...two, today: { "api-1": "web-1", "api-2": "web-9", "old-1": "web-2" } };
  expect(planText(problem, solve(problem))).toEqual([
    "3 replicas of 2 services on 2 machines: 1 new, 1 moving, 1 going",
    '  api-2  web-9  → web-2  web-9 is not in use any more; no replica of "api" before it, the fewest of 2 machines with room',
    '  job-1  new    → web-2  no replica of "job" before it, the fewest of 2 machines with room',
    "  old-1  web-2  → gone   no longer asked for",
    "",
    "Room",
    "          CPUs            memory              disk",
    "          used  free  of    used  free    of  used  free  of  replicas",
    "  web-1    0.1   1.9   2    1GiB  2GiB  3GiB    0B    0B  0B  api-1",
    "  web-2    0.1   1.9   2    3GiB    0B  3GiB    0B    0B  0B  api-2, job-1",
    "  zone a   0.1   1.9   2    1GiB  2GiB  3GiB    0B    0B  0B  1",
    "  zone b   0.1   1.9   2    3GiB    0B  3GiB    0B    0B  0B  2",
    "  all      0.2   3.8   4    4GiB  2GiB  6GiB    0B    0B  0B  3",
    "  before   0.1   3.9   4    1GiB  5GiB  6GiB    0B    0B  0B  1",
    "",
    "How good it is",
    "  the fullest machine is 100 % full, and it can't be less than 66.7 %: proven the best there is",
    "",
    "If a machine dies",
    "  web-1: all services keep a replica; no place for api-1 until it is back",
    "  web-2: service job is down until placed again; no place for api-2 until it is back",
  ]);
});

test("a plan without a change says so, and machines whose loss means the same are told together", () => {
  const problem = { ...two, services: two.services.slice(0, 1) };
  const text = planText({ ...problem, today: solve(problem).assignment }, solve(problem));
  expect(text[0]).toBe("2 replicas of 1 service on 2 machines: nothing moves");
  expect(text.join("\n")).not.toContain("before");
  expect(text.at(-1)).toBe("  web-1 or web-2: all services keep a replica; everything fits again");
});

test("what an update costs: moves, and the machines in use before and after", () => {
  const machines = two.machines.map((one, index) => ({ ...one, cost: 3 + index }));
  const services = [{ name: "api", replicas: 2, requests: { memoryBytes: gib }, spread: "machine" as const }];
  const problem: Problem = { machines, services, today: { "api-1": "web-1", "api-2": "web-1" } };
  const text = planText(problem, solve(problem)).join("\n");
  expect(text).toContain("api-2  web-1  → web-2  web-1 has another replica of it;");
  expect(text).toContain(
    "1 of what runs moves, the fewest there can be; each new replica is there before the old one goes",
  );
  expect(text).toContain("the machines in use cost 3 before and 7 after");
});

test("why a replica leaves its machine", () => {
  const reasonOf = (services: Problem["services"], today: Assignment, moves?: Assignment) => {
    const problem = { ...two, services, today };
    return changesOf(problem, solve({ ...problem, today: { ...today, ...moves } }).assignment, moves).map(
      ({ key, reason }) => `${key}: ${reason.split("; ")[0]}`,
    );
  };
  const job = { name: "job", replicas: 1 };
  expect(reasonOf([{ ...job, machines: ["web-2"] }], { "job-1": "web-1" })).toEqual([
    "job-1: web-1 may not run it any more",
  ]);
  const tainted = { ...two, machines: [{ ...two.machines[0]!, taints: ["gpu"] }, two.machines[1]!] };
  const moved = { ...tainted, services: [job], today: { "job-1": "web-1" } };
  expect(changesOf(moved, solve(moved).assignment)[0]!.reason).toMatch(
    /^web-1 has the taint gpu, which it does not tolerate; /,
  );
  expect(reasonOf([{ ...job, pins: { 1: "web-2" } }], { "job-1": "web-1" })).toEqual([
    "job-1: pinned by hand",
  ]);
  const large = { name: "big", replicas: 1, requests: { memoryBytes: 3 * gib }, pins: { 1: "web-1" } };
  expect(
    reasonOf([large, { ...job, requests: { memoryBytes: gib } }], { "job-1": "web-1", "big-1": "web-1" }),
  ).toEqual(["job-1: web-1 has no room left for it"]);
  expect(reasonOf([job], { "job-1": "web-1" }, { "job-1": "web-2" })).toEqual([
    "job-1: a step of the rebalancing",
  ]);
});

test("a large installation is told in few lines and soon, and its verdicts look for no moves", () => {
  const problem = instance({ family: "fleet", machines: 120, containers: 1200, prefer: "balance", seed: 2 });
  const solution = solve(problem);
  const start = performance.now();
  const text = planText(problem, solution, { changes: 20, machines: 20 });
  expect(performance.now() - start).toBeLessThan(15_000);
  expect(text.length).toBeLessThan(200);
  expect(text).toContainEqual(expect.stringMatching(/^ {2}and 1180 more; "berth plan" shows all of them$/));
  expect(text).toContainEqual(expect.stringMatching(/^ {2}100 more$/));
  const losses = survive(problem, solution.assignment);
  expect(losses.filter(({ moved, homeless }) => moved === undefined && homeless.length === 0)).toEqual([]);
});
