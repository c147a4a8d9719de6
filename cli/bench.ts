import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { labPackages } from "../lab/index.js";
import { ensurePackages } from "../toolchain/index.js";
import type { Project } from "./project.js";
import { run } from "./run.js";
import { say, UserError } from "./say.js";

/** Runs one of the benchmarks in test/bench, each a program that prints what it measured. */
export async function bench(project: Project, name: string, args: readonly string[]): Promise<void> {
  const folder = join(project.dir, "test/bench");
  const file = join(folder, `${name}.ts`);
  if (!/^\w+$/.test(name) || !existsSync(file)) {
    const known = readdirSync(folder).flatMap((one) => /^(\w+)\.ts$/.exec(one)?.[1] ?? []);
    throw new UserError(`There is no benchmark "${name}"; there are ${known.join(", ")}.`);
  }
  await ensurePackages(labPackages, say);
  const hooks = join(project.dir, "test/support/runTypeScript.mjs");
  const typescript = [
    "--experimental-transform-types",
    "--disable-warning=ExperimentalWarning",
    "--import",
    hooks,
  ];
  const { BERTH_HOME: _, ...env } = process.env;
  process.exitCode = await run(process.execPath, [...typescript, file, ...args], {
    cwd: project.dir,
    env: { ...env, BERTH_CACHE: project.cache },
  });
}
