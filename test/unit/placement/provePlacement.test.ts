import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { type Problem, type Solution, solve } from "../../../components/placement/index.js";
import { smallInstance } from "../../bench/placement/smallInstances.js";
import { typeScriptArguments } from "../../support/typeScriptProcess.js";

function prove(problem: Problem, seconds: number): Pick<Solution, "measures" | "proven"> & { took: number } {
  const file = fileURLToPath(new URL("support/prove.ts", import.meta.url));
  const start = performance.now();
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [...typeScriptArguments(file), JSON.stringify({ problem, seconds })],
    { encoding: "utf8", timeout: 60_000 },
  );
  if (stdout === "") throw new Error(stderr);
  return { ...JSON.parse(stdout), took: (performance.now() - start) / 1000 };
}

test("a proof that takes too long ends in time, with the answer that needs none", () => {
  // One of the few that neither the search nor HiGHS proves soon.
  const problem = smallInstance(157);
  const quick = solve(problem);
  expect(quick.proven).toBe(false);
  const { measures, proven, took } = prove(problem, 1);
  expect({ measures, proven }).toEqual({ measures: quick.measures, proven: false });
  expect(took).toBeLessThan(15);
});

test("what the search leaves open is proven in a worker", () => {
  // Balance among so many is beyond the search, and simple for a linear model.
  const problem: Problem = {
    machines: ["a", "b", "c"].map((name) => ({
      name,
      capacity: { cpus: 10, memoryBytes: 100, diskBytes: 0 },
    })),
    services: [
      // 9.65 CPUs in all, and one of the machines must have 3.3 of them, which the bound of 3.25 does not see.
      { name: "web", replicas: 64, requests: { cpus: 0.15 } },
      { name: "odd", replicas: 1, requests: { cpus: 0.05 } },
    ],
  };
  const quick = solve(problem);
  expect(quick.proven).toBe(false);
  const { measures, proven } = prove(problem, 20);
  expect(proven).toBe(true);
  expect(measures).toEqual(quick.measures);
});
