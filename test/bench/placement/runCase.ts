import { boundOf, measure, solve, verify } from "../../../components/placement/index.js";
import { baselines } from "./baselines.js";
import { instance } from "./instances.js";
import type { Case, Result } from "./results.js";

/** One solver on one instance, in a process of its own, as its peak memory is measured: arguments as JSON, result as JSON. */
const { solver, ...args }: Case = JSON.parse(process.argv[2]!);
const problem = instance(args);
const start = process.cpuUsage();
const assignment = solver === "berth" ? solve(problem).assignment : baselines[solver](problem);
const { user, system } = process.cpuUsage(start);
const seconds = (user + system) / 1e6;
const peakMiB = process.resourceUsage().maxRSS / 1024;
const { load, unplaced } = measure(problem, assignment);
const bound = boundOf(problem).load;
const result: Result = {
  machines: args.machines,
  containers: args.containers,
  solver,
  seconds: Number(seconds.toFixed(4)),
  gap: Number((load / bound - 1).toFixed(5)),
  peakMiB: Math.round(peakMiB),
  family: args.family,
  prefer: args.prefer,
  load,
  bound,
  unplaced: unplaced.reduce((sum, count) => sum + count, 0),
  violations: verify(problem, assignment).length,
};
process.stdout.write(JSON.stringify(result));
