import { join } from "node:path";
import type { Project } from "./project.js";
import { run } from "./run.js";
import { say, UserError } from "./say.js";

/** Format, lint, types and unused code: each check runs, so that all that is wrong is seen at once. */
export async function check(project: Project, options: { fix?: boolean }): Promise<void> {
  const { dir } = project;
  const tool = (name: string) => join(dir, "node_modules/.bin", name);
  const checks: [string, string, string[]][] = [
    ["format and lint", tool("biome"), options.fix ? ["check", "--write"] : ["ci", "--error-on-warnings"]],
    ["types", tool("tsc"), ["-b"]],
    ["types of the tests", tool("tsc"), ["-p", "test"]],
    ["unused code", tool("knip"), []],
  ];
  const failed: string[] = [];
  for (const [name, command, args] of checks) {
    say(`Checking ${name}`);
    if ((await run(command, args, { cwd: dir })) !== 0) failed.push(name);
  }
  if (failed.length > 0) {
    throw new UserError(`check: ${failed.join(", ")}. "npm run fix" mends format and most lint.`);
  }
}
