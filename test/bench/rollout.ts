import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { machines } from "./rollout/machines.js";
import { overhead } from "./rollout/overhead.js";
import { type Part, sum, table } from "./rollout/table.js";
import { volume } from "./rollout/volume.js";

/**
 * Whether clients notice a deployment. Requests at a fixed rate, over kept and over new connections, some of them in flight for seconds
 * and some with a body, while everything that can be planned changes; and, to show that failures would be seen, the same done without
 * Berth. Three parts:
 * - `overhead`: HAProxy as Berth configures it, a configuration by hand, and nginx, side by side;
 * - `volume`: the engine, HAProxy and containers, without machines, for the number of requests;
 * - `machines`: one change of each kind on real virtual machines; then a machine is killed, and each of a pair of load balancers.
 *
 * Usage: `npm run bench:rollout -- [--part overhead,volume,machines] [--rollouts 20] [--requests 100000] [--only PATTERN] [--save results.json]`,
 * where the pattern chooses changes by their names.
 */
const { values } = parseArgs({
  options: {
    part: { type: "string", default: "overhead,volume,machines" },
    rollouts: { type: "string", default: "20" },
    requests: { type: "string", default: "100000" },
    only: { type: "string", default: "" },
    save: { type: "string" },
  },
});
const wanted = values.part.split(",");
const requests = Number(values.requests);
const only = new RegExp(values.only);
const problems: string[] = [];

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Of the 99th percentiles of the answers' times in the phases so named, the median: one phase on a busy host says nothing. */
function p99(part: Part, name: RegExp): number {
  const phases = part.planned.filter((phase) => name.test(phase.name));
  const sorted = phases.map(({ p99Ms }) => p99Ms).sort((one, other) => one - other);
  const [lower, upper] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return ((lower ?? 0) + (upper ?? 0)) / 2;
}

function report(name: string, part: Part): void {
  print(table([...part.planned, ...part.naive]));
  for (const failure of part.failures) print(`failed: ${failure}`);
  for (const { what, seen, problem } of part.killed) {
    print(`${what}: ${seen}`);
    if (problem !== undefined) problems.push(`${what}: ${problem}`);
  }
  problems.push(...part.errors);
  for (const { name: way, failed } of part.naive) {
    if (failed === 0) problems.push(`${way} lost no request: this run shows nothing`);
  }
  if (sum(part.planned, "failed") > 0) problems.push(`${name}: requests failed`);
}

const parts: Part[] = [];
let throughput: Awaited<ReturnType<typeof overhead>> = [];
if (wanted.includes("overhead")) {
  throughput = await overhead(3, print);
  for (const { way, perSecond, p99Ms } of throughput) {
    print(
      `${way.padEnd(6)} ${perSecond.toFixed(0).padStart(6)} requests a second, p99 ${p99Ms.toFixed(2)} ms`,
    );
  }
  const ratio = throughput[0]!.perSecond / throughput[1]!.perSecond;
  print(`berth/tuned ${ratio.toFixed(3)} (bar 0.98)`);
  if (ratio < 0.98) problems.push("Berth's configuration is slower than a hand-tuned one");
}
if (wanted.includes("volume")) {
  const part = await volume({ rollouts: Number(values.rollouts), requests, only }, print);
  report("volume", part);
  const [steady, preview] = [/^steady/, /^preview \d/].map((name) => p99(part, name));
  print(`p99: steady ${steady!.toFixed(1)} ms, preview ${preview!.toFixed(1)} ms`);
  for (const kind of ["rollout", "rolling", "canary", "blue/green"]) {
    const during = p99(part, new RegExp(`^${kind} \\d`));
    // Not among those that were chosen.
    if (during === 0) continue;
    const ratio = during / steady!;
    print(`p99: ${kind} ${during.toFixed(1)} ms, ${kind}/steady ${ratio.toFixed(2)} (bar 1.25)`);
    if (ratio > 1.25) problems.push(`answers take longer during: ${kind}`);
  }
  if (sum(part.planned, "requests") < requests) problems.push("fewer requests than were asked for");
  parts.push(part);
}
if (wanted.includes("machines")) {
  const part = await machines(only, print);
  report("machines", part);
  parts.push(part);
}
if (values.save !== undefined) {
  writeFileSync(values.save, `${JSON.stringify({ throughput, parts }, null, 2)}\n`);
}
for (const problem of problems) print(`not as it should be: ${problem}`);
const planned = parts.flatMap((part) => part.planned);
print(`${sum(planned, "requests")} requests, ${sum(planned, "failed")} failed`);
if (problems.length > 0) process.exitCode = 1;
