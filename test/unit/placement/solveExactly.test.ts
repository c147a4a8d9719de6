import fc from "fast-check";
import { expect, test } from "vitest";
import { loadSolver } from "../../../components/exactPlacement/loadSolver.js";
import { type Problem, solve, solveExactly, verify } from "../../../components/placement/index.js";
import { problems } from "./support/problems.js";

const clock = () => performance.now() / 1000;

test("HiGHS finds what the search finds, whatever the constraints", async () => {
  const solver = await loadSolver();
  fc.assert(
    fc.property(problems({ machines: 4, replicas: 6 }), (problem) => {
      const exact = solveExactly(problem, solver, { seconds: 20, clock, search: 0 });
      expect(exact.proven).toBe(true);
      expect(verify(problem, exact.assignment)).toEqual([]);
      const { load, ...rest } = exact.measures;
      const best = solve(problem).measures;
      expect({ ...rest, load: best.load }).toEqual(best);
      expect(load).toBeCloseTo(best.load, 6);
    }),
    { numRuns: Number(process.env["RUNS"] ?? 200) },
  );
});

test("where HiGHS' presolve makes the answer worse than what is known, it is asked again without", async () => {
  const mib = 2 ** 20;
  const machine = (name: string, cpus: number, memory: number, more: object = {}) => ({
    ...{ name, capacity: { cpus, memoryBytes: memory * mib, diskBytes: 2 ** 33 } },
    ...more,
  });
  const problem: Problem = {
    machines: [
      machine("m-1", 1, 1024),
      machine("m-2", 1, 512, { runs: "machine" }),
      machine("m-3", 2, 512),
      machine("m-4", 2, 1024, { reserved: { memoryBytes: 128 * mib } }),
    ],
    services: [
      { name: "a", replicas: 2, requests: { memoryBytes: 256 * mib } },
      { name: "b", replicas: 3, volume: true, requests: { memoryBytes: 256 * mib, cpus: 0.5 } },
      { name: "c", replicas: 1, requests: { memoryBytes: 700 * mib } },
    ],
    today: { "a-1": "m-2", "a-2": "m-5", "b-1": "m-1" },
  };
  const solver = await loadSolver();
  const exact = solveExactly(problem, solver, { seconds: 20, clock, search: 0 });
  expect(exact.proven).toBe(true);
  expect(exact.measures.load).toBeCloseTo(solve(problem).measures.load, 6);
});
