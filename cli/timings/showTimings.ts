import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Timing, timingsFile } from "../../providers/kit/index.js";
import type { Project } from "../project.js";
import { pulumiOutput } from "../pulumi.js";
import { say, UserError } from "../say.js";
import { lastOf, type StateResource, type Timings, timingsOf } from "./timings.js";
import { timingsChart } from "./timingsChart.js";
import { timingsTable } from "./timingsTable.js";

export interface TimingsOptions {
  readonly stack: string;
  readonly format: "text" | "json" | "svg";
  /** A file to write to. Default: standard output. */
  readonly output?: string;
}

/** Shows how long each machine and each container of a stack took to be ready, as the update that made it measured it. */
export async function showTimings(
  project: Project,
  { stack, format, output }: TimingsOptions,
): Promise<void> {
  const bin = join(project.home, "bin");
  if (!existsSync(join(bin, "pulumi"))) {
    throw new UserError(`nothing was brought up here yet: "npm start -- --stack ${stack}" does that.`);
  }
  const text = await pulumiOutput(project, { bin }, ["stack", "export", "--stack", stack]);
  const { deployment } = JSON.parse(text) as { deployment: { resources?: readonly StateResource[] } };
  const timings = timingsOf(deployment.resources ?? [], lastOf(readTimings(join(project.home, timingsFile))));
  const shown = { text: timingsTable, json: inSeconds, svg: timingsChart }[format](timings);
  if (output === undefined) {
    process.stdout.write(`${shown}\n`);
  } else {
    writeFileSync(output, `${shown}\n`);
    say(`Wrote ${output}`);
  }
}

function inSeconds(timings: Timings): string {
  return JSON.stringify(timings, (_, value) => (typeof value === "number" ? value / 1000 : value), 2);
}

/** A line that was cut off by a crash is left out. */
function readTimings(file: string): Timing[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .split("\n")
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as Timing];
      } catch {
        return [];
      }
    });
}
