import { expect, test } from "vitest";
import { boundOf, type Problem, solve, verify } from "../../../components/placement/index.js";
import { families, instance } from "../../bench/placement/instances.js";

test.each(families)(
  "%s: 50 machines with 500 containers are balanced to within 1 percent of the bound",
  (family) => {
    const problem = instance({ family, machines: 50, containers: 500, prefer: "balance", seed: 3 });
    const { assignment, unplaced, gap } = solve(problem);
    expect(unplaced).toEqual([]);
    expect(verify(problem, assignment)).toEqual([]);
    expect(gap).toBeLessThan(0.01);
  },
);

const machine = (name: string, cpus: number, label?: string) => ({
  name,
  capacity: { cpus, memoryBytes: 0, diskBytes: 0 },
  ...(label !== undefined && { labels: { disk: label } }),
});

test("the bound of balance counts whole containers, and what may go to a few machines only", () => {
  const three: Problem["machines"] = ["a", "b", "c"].map((name) => machine(name, 10));
  const one = (replicas: number, cpus: number, more: object = {}) => ({
    name: "web",
    replicas,
    requests: { cpus },
    ...more,
  });
  // 7 CPUs in steps of a half: 2.5 on one of three machines.
  expect(boundOf({ machines: three, services: [one(14, 0.5)] }).load).toBeCloseTo(0.25, 6);
  const ssd = { rules: [{ want: "near" as const, of: { label: "disk", value: "ssd" } }] };
  const mixed = [machine("a", 10, "ssd"), machine("b", 10), machine("c", 10)];
  expect(boundOf({ machines: mixed, services: [one(8, 1, ssd)] }).load).toBeCloseTo(0.8, 6);
});

test("machines in use, at least: of what has nothing in common, the sum", () => {
  const named = (name: string, machines: string[]) => ({
    name,
    replicas: 3,
    requests: { cpus: 6 },
    machines,
  });
  const problem: Problem = {
    machines: ["a", "b", "c", "d", "e", "f"].map((name) => machine(name, 10)),
    services: [named("one", ["a", "b", "c"]), named("other", ["d", "e", "f"])],
    prefer: "pack",
  };
  expect(boundOf(problem).load).toBe(6);
  expect(solve(problem).proven).toBe(true);
});
