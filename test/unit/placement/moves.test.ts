import fc from "fast-check";
import { expect, test } from "vitest";
import {
  compareMeasures,
  orderMoves,
  type Problem,
  rebalance,
  solve,
} from "../../../components/placement/index.js";
import { leadsTo } from "./support/checks.js";
import { problems } from "./support/problems.js";

const gib = 2 ** 30;
const machine = (name: string, memory: number) => ({
  name,
  capacity: { cpus: 4, memoryBytes: memory * gib, diskBytes: 0 },
});
const service = (name: string, memory: number) => ({
  name,
  replicas: 1,
  requests: { memoryBytes: memory * gib },
});

test("from any placement to any other, each step is valid and has room on both sides", () => {
  fc.assert(
    fc.property(problems({ machines: 5, replicas: 8 }), fc.integer({ min: 1, max: 3 }), (settled, atOnce) => {
      // Data would hold replicas where they are in one placement and not in the other.
      const problem: Problem = {
        ...settled,
        services: settled.services.map((one) => ({ ...one, volume: false })),
      };
      const from = solve({ ...problem, prefer: "pack" }, { search: 500 }).assignment;
      const to = solve({ ...problem, prefer: "balance", today: {} }, { search: 500 }).assignment;
      leadsTo(problem, from, to, orderMoves(problem, from, to, atOnce), atOnce);
    }),
    { numRuns: 300 },
  );
});

test("two that change places go by way of a third machine", () => {
  const problem = {
    machines: [machine("a", 2), machine("b", 2), machine("c", 2)],
    services: [service("x", 2), service("y", 2)],
  };
  const { steps, stuck } = orderMoves(problem, { "x-1": "a", "y-1": "b" }, { "x-1": "b", "y-1": "a" }, 2);
  expect(stuck).toEqual([]);
  expect(steps).toEqual([
    [{ key: "x-1", from: "a", to: "c" }],
    [{ key: "y-1", from: "b", to: "a" }],
    [{ key: "x-1", from: "c", to: "b" }],
  ]);
});

test("what has no way is said to be stuck", () => {
  const problem = {
    machines: [machine("a", 2), machine("b", 2)],
    services: [service("x", 2), service("y", 2)],
  };
  const { steps, stuck } = orderMoves(problem, { "x-1": "a", "y-1": "b" }, { "x-1": "b", "y-1": "a" }, 2);
  expect({ steps, stuck }).toEqual({ steps: [], stuck: ["x-1", "y-1"] });
});

test("rebalancing never makes a placement worse, and its steps are valid", () => {
  fc.assert(
    fc.property(problems({ machines: 5, replicas: 8 }), fc.integer({ min: 1, max: 3 }), (problem, atOnce) => {
      const today = solve({ ...problem, prefer: "pack" }, { search: 500 }).assignment;
      const { assignment, before, after, ...plan } = rebalance(
        { ...problem, prefer: "balance", today },
        atOnce,
      );
      expect(compareMeasures(after, before)).toBeLessThanOrEqual(0);
      const held = { ...problem, services: problem.services.map((one) => ({ ...one, volume: false })) };
      leadsTo(held, today, assignment, plan, atOnce);
    }),
    { numRuns: 300 },
  );
});

test("a new machine takes its share when it is asked for", () => {
  const problem: Problem = {
    machines: [machine("a", 4), machine("b", 4), machine("c", 4)],
    services: ["u", "v", "w", "x", "y", "z"].map((name) => service(name, 1)),
    today: { "u-1": "a", "v-1": "a", "w-1": "a", "x-1": "b", "y-1": "b", "z-1": "b" },
  };
  expect(solve(problem).measures.moves).toBe(0);
  const { steps, before, after } = rebalance(problem, 1);
  expect([before.load, after.load]).toEqual([0.75, 0.5]);
  expect(steps.map((step) => step.map(({ to }) => to))).toEqual([["c"], ["c"]]);
});

test("a group moves together, and not at all where it is more than may move at once", () => {
  const member = (name: string) => ({ ...service(name, 1), group: "g" });
  const problem: Problem = {
    machines: [machine("a", 4), machine("b", 4)],
    services: [member("x"), member("y")],
  };
  const [from, to] = [
    { "x-1": "a", "y-1": "a" },
    { "x-1": "b", "y-1": "b" },
  ];
  expect(orderMoves(problem, from, to, 1)).toEqual({ steps: [], stuck: ["x-1", "y-1"] });
  expect(orderMoves(problem, from, to, 2).steps.map((step) => step.map(({ key }) => key))).toEqual([
    ["x-1", "y-1"],
  ]);
});
