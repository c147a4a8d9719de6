import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loadSolver } from "../../components/exactPlacement/loadSolver.js";
import {
  orderMoves,
  type Problem,
  type Solution,
  solve,
  solveExactly,
  verify,
} from "../../components/placement/index.js";
import { families, generator } from "../bench/placement/instances.js";
import { runCase } from "../bench/placement/results.js";
import { smallInstance } from "../bench/placement/smallInstances.js";
import { bruteForce } from "../unit/placement/support/bruteForce.js";
import {
  ignoresOrder,
  isMonotone,
  isValid,
  leadsTo,
  staysWhereItIs,
} from "../unit/placement/support/checks.js";
import { problems } from "../unit/placement/support/problems.js";

const clock = () => performance.now() / 1000;
const medium = problems({ machines: 6, replicas: 10 });
const small = problems({ machines: 5, replicas: 6 });

describe("100,000 random problems", () => {
  test("60,000: no rule is broken", () => {
    fc.assert(fc.property(medium, isValid), { numRuns: 60_000 });
  });
  test("10,000: nothing moves when nothing changed", () => {
    fc.assert(fc.property(medium, staysWhereItIs), { numRuns: 10_000 });
  });
  test("10,000: the order of the input means nothing", () => {
    fc.assert(fc.property(medium, ignoresOrder), { numRuns: 10_000 });
  });
  test("10,000: a machine more makes nothing impossible", () => {
    fc.assert(fc.property(small, isMonotone), { numRuns: 10_000 });
  });
  test("10,000: each step from one placement to another is valid", () => {
    fc.assert(
      fc.property(medium, fc.integer({ min: 1, max: 3 }), (settled, atOnce) => {
        const problem: Problem = {
          ...settled,
          services: settled.services.map((one) => ({ ...one, volume: false })),
        };
        const from = solve({ ...problem, prefer: "pack" }, { search: 200 }).assignment;
        const to = solve({ ...problem, prefer: "balance", today: {} }, { search: 200 }).assignment;
        leadsTo(problem, from, to, orderMoves(problem, from, to, atOnce), atOnce);
      }),
      { numRuns: 10_000 },
    );
  });
});

test("optima and fewest moves are those of brute force, up to 6 machines and 8 replicas", () => {
  fc.assert(
    fc.property(problems({ machines: 6, replicas: 8 }), (problem) => {
      // Beyond this, trying every placement takes minutes.
      const replicas = problem.services.reduce((sum, one) => sum + one.replicas, 0);
      fc.pre((problem.machines.length + 1) ** replicas <= 120_000);
      const { measures, proven } = solve(problem);
      expect(proven).toBe(true);
      expect(measures).toEqual(bruteForce(problem));
    }),
    { numRuns: 1_000 },
  );
});

test("of 200 instances of 10 to 40 items, 95 % are proven optimal, each within two seconds", () => {
  const solutions: Solution[] = [];
  for (let index = 0; index < 200; index++) {
    const problem = smallInstance(index);
    const start = clock();
    const solution = solve(problem);
    expect(clock() - start).toBeLessThan(2);
    expect(verify(problem, solution.assignment)).toEqual([]);
    expect(solution.unplaced).toEqual([]);
    solutions.push(solution);
  }
  expect(solutions.filter(({ proven }) => proven).length).toBeGreaterThanOrEqual(190);
});

test("of 200 problems of up to 30 replicas that must move something, 95 % have as few moves as HiGHS proves", async () => {
  const solver = await loadSolver();
  let [equal, moving] = [0, 0];
  for (let index = 0; index < 200; index++) {
    const problem = crowded(index);
    const quick = solve(problem, { search: 0 });
    expect(verify(problem, quick.assignment)).toEqual([]);
    const exact = solveExactly(problem, solver, { seconds: 60, clock, search: 0, upTo: "moves" });
    expect(exact.proven).toBe(true);
    if (exact.measures.moves > 0) moving++;
    if (quick.unplaced.length === exact.unplaced.length && quick.measures.moves === exact.measures.moves)
      equal++;
  }
  expect(moving).toBeGreaterThanOrEqual(100);
  expect(equal).toBeGreaterThanOrEqual(190);
});

/** A full installation in which some machines have shrunk since things were placed, and three replicas are new. */
function crowded(index: number): Problem {
  const random = generator(9_000 + index);
  const machines = Array.from({ length: random(5, 8) }, (_, machine) => ({
    name: `m-${machine + 1}`,
    capacity: {
      cpus: 100,
      memoryBytes: (machine % 3 === 0 ? random(65, 85) : random(95, 115)) * 2 ** 20,
      diskBytes: 0,
    },
  }));
  const today: Record<string, string> = {};
  const left = machines.map(() => 85);
  const services: Problem["services"][number][] = [];
  const add = (size: number) =>
    services.push({
      name: `s-${services.length + 1}`,
      replicas: 1,
      requests: { memoryBytes: size * 2 ** 20 },
    });
  for (let item = 0; item < 27; item++) {
    const size = random(5, 30);
    const machine = left.findIndex((room) => room >= size);
    if (machine < 0) continue;
    left[machine]! -= size;
    today[`s-${add(size)}-1`] = `m-${machine + 1}`;
  }
  for (let item = 0; item < 3; item++) add(random(8, 16));
  return { machines, services, today };
}

const preferences = ["pack", "balance"] as const;
const cases = families.flatMap((family) => preferences.map((prefer) => ({ family, prefer })));

describe("limits of time, memory and gap", () => {
  test.each(cases)("$family, $prefer: 100 × 1,000 within 2 s and 1 percent of the bound", (one) => {
    const result = runCase({
      ...one,
      machines: 100,
      containers: 1000,
      seed: 1,
      solver: "berth",
    });
    expect(result).toMatchObject({ violations: 0, unplaced: 0 });
    expect(result.gap).toBeLessThanOrEqual(0.01);
    expect(result.seconds).toBeLessThan(2);
  });
  test.each(cases)(
    "$family, $prefer: 1,000 × 10,000 within 30 s, 1 GiB and 3 percent of the bound",
    (one) => {
      const result = runCase({
        ...one,
        machines: 1000,
        containers: 10_000,
        seed: 1,
        solver: "berth",
      });
      expect(result).toMatchObject({ violations: 0, unplaced: 0 });
      expect(result.gap).toBeLessThanOrEqual(0.03);
      expect(result.seconds).toBeLessThan(30);
      expect(result.peakMiB).toBeLessThan(1024);
    },
  );
});
