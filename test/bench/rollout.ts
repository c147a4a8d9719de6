import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { againstSteady } from "./rollout/againstSteady.js";
import { machines } from "./rollout/machines.js";
import { overhead, ways } from "./rollout/overhead.js";
import { type Part, sum, table } from "./rollout/table.js";
import { volume } from "./rollout/volume.js";
import { median } from "./support/median.js";

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
/** How long answers may take during an update, as a multiple of steady load. */
const slowest = 1.25;
const problems: string[] = [];

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** The median, as one phase on a busy host says nothing; and from where to where they go. */
function spread(numbers: readonly number[], digits: number): string {
  const [middle, least, most] = [median(numbers), Math.min(...numbers), Math.max(...numbers)].map((number) =>
    number.toFixed(digits),
  );
  return `${middle} (${least} to ${most})`;
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
  throughput = await overhead(60, print);
  for (const way of ways) {
    const perSecond = median(throughput.map((round) => round[way].perSecond));
    const p99Ms = median(throughput.map((round) => round[way].p99Ms));
    print(
      `${way.padEnd(6)} ${perSecond.toFixed(0).padStart(6)} requests a second, p99 ${p99Ms.toFixed(2)} ms`,
    );
  }
  /** The geometric mean of the rounds. */
  const ratio = (way: "tuned" | "nginx") => {
    const logs = throughput.map((round) => Math.log(round.berth.perSecond / round[way].perSecond));
    return Math.exp(logs.reduce((total, one) => total + one, 0) / logs.length);
  };
  print(`berth/tuned ${ratio("tuned").toFixed(3)} (bar 0.98), berth/nginx ${ratio("nginx").toFixed(3)}`);
  if (ratio("tuned") < 0.98) problems.push("Berth's configuration is slower than a hand-tuned one");
}
if (wanted.includes("volume")) {
  const part = await volume({ rollouts: Number(values.rollouts), requests, only }, print);
  report("volume", part);
  for (const kind of ["steady", "preview", "rollout", "rolling", "canary", "blue/green"]) {
    const named = new RegExp(`^${kind} \\d`);
    const during = part.planned.filter((phase) => named.test(phase.name)).map(({ p99Ms }) => p99Ms);
    // Not among those that were chosen.
    if (during.length === 0) continue;
    const words = `p99: ${kind}, ${during.length} times, ${spread(during, 1)} ms`;
    if (kind === "steady") {
      print(words);
      continue;
    }
    const ratios = againstSteady(part.planned, named);
    // In a preview nothing changes: it tells what the engine alone costs.
    const isHeld = kind !== "preview";
    print(`${words}; against steady load beside it ${spread(ratios, 2)}${isHeld ? ` (bar ${slowest})` : ""}`);
    if (isHeld && median(ratios) > slowest) problems.push(`answers take longer during: ${kind}`);
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
