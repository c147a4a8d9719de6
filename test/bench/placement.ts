import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { growthPlot } from "./placement/growthPlot.js";
import { families } from "./placement/instances.js";
import { type Case, type Result, runCase } from "./placement/results.js";

/**
 * `npm run bench:placement`: each solver on the instances of `placement/instances.ts`. `-- --json` prints the results as JSON,
 * `-- --write` puts them into docs/placement.md and its plot.
 */
const sizes = [10, 30, 100, 300, 1000];
const solvers = ["berth", "first-fit-decreasing", "best-fit", "least-allocated"] as const;
const seed = 1;
const json = process.argv.includes("--json");

const cases = [
  ...families.flatMap((family) =>
    sizes.flatMap((machines) =>
      solvers.map(
        (solver): Case => ({ family, machines, containers: machines * 10, prefer: "pack", seed, solver }),
      ),
    ),
  ),
  ...families.flatMap((family) =>
    sizes.flatMap((machines) =>
      (["berth", "least-allocated"] as const).map(
        (solver): Case => ({ family, machines, containers: machines * 10, prefer: "balance", seed, solver }),
      ),
    ),
  ),
];

const results: Result[] = [];
for (const one of cases) {
  const result = runCase(one);
  results.push(result);
  if (!json) process.stdout.write(`${row(result)}\n`);
}
if (json) process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
if (process.argv.includes("--write")) write(results);

function row({
  prefer,
  family,
  machines,
  containers,
  solver,
  seconds,
  gap,
  peakMiB,
  unplaced,
  violations,
}: Result): string {
  const cells = [
    prefer,
    family,
    `${machines} × ${containers}`,
    solver,
    seconds.toFixed(2),
    `${(gap * 100).toFixed(2)} %`,
    peakMiB,
  ];
  return `| ${[...cells, unplaced, violations].join(" | ")} |`;
}

function write(all: readonly Result[]): void {
  const docs = fileURLToPath(new URL("../../docs/", import.meta.url));
  const page = readFileSync(`${docs}placement.md`, "utf8");
  const table = [
    `Node.js ${process.versions.node}, ${availableParallelism()} processors; one process a case.`,
    "",
    "| prefer | family | machines × containers | solver | seconds | above the bound | peak MiB | without a place | rules broken |",
    "| --- | --- | --- | --- | --: | --: | --: | --: | --: |",
    ...all.filter(({ machines }) => machines >= 100).map(row),
  ].join("\n");
  const [before, after] = [page.indexOf("<!-- results -->"), page.indexOf("<!-- end of results -->")];
  writeFileSync(
    `${docs}placement.md`,
    `${page.slice(0, before)}<!-- results -->\n\n${table}\n\n${page.slice(after)}`,
  );
  writeFileSync(`${docs}placement-growth.svg`, growthPlot(all.filter((one) => one.solver === "berth")));
}
