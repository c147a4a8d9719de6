import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { createInterface } from "node:readline";
import { ensureImages, labPackages } from "../lab/index.js";
import { ensurePackages, ensureToolchain, findGo } from "../toolchain/index.js";
import { check } from "./check.js";
import type { Project } from "./project.js";
import { run } from "./run.js";
import { say } from "./say.js";

/** In the order in which they run: what fails soonest first. */
const suites = ["unit", "integration", "e2e"] as const;

/** What the suites need beyond what Berth itself does. */
const testPackages = [
  "busybox-static",
  "curl",
  "haproxy",
  "openssh-client",
  "openssh-server",
  "openssl",
  "socat",
];

interface Count {
  passed: number;
  failed: number;
  /** What failed, in words. */
  failures?: string[];
}

/**
 * Every check and every suite, or the suites that are named. A test that was skipped counts as failed, and so does a suite
 * that could not run. The last line is `N passed, N failed`; what failed is listed before it, as output that is long may be cut.
 */
export async function test(project: Project, only: string[], options: { long?: boolean }): Promise<void> {
  const total = { passed: 0, failed: 0, failures: [] as string[] };
  const add = (suite: string, { passed, failed, failures = [] }: Count) => {
    total.passed += passed;
    total.failed += failed;
    total.failures.push(...failures.map((one) => `${suite}: ${one}`));
  };
  const step = async (name: string, work: () => Promise<Count>) => {
    const start = Date.now();
    say(`\n── ${name}`);
    try {
      add(name, await work());
    } catch (error) {
      say(`${name}: ${(error as Error).message}`);
      add(name, { passed: 0, failed: 1, failures: [(error as Error).message] });
    }
    say(`── ${name}: ${Math.round((Date.now() - start) / 1000)} s`);
  };
  const wanted = (name: string) => only.length === 0 || only.includes(name);

  if (only.length === 0)
    await step("checks", () => check(project, {}).then(() => ({ passed: 1, failed: 0 })));
  if (wanted("unit")) await step("unit", () => vitest(project, "unit"));
  if (only.some((name) => name !== "unit") || only.length === 0) {
    await step("set-up", () => prepare(project).then(() => ({ passed: 0, failed: 0 })));
  }
  if (wanted("go")) await step("go", () => goTest(project));
  for (const name of [...suites.slice(1), ...(options.long ? ["long"] : [])]) {
    if (wanted(name)) await step(name, () => vitest(project, name));
  }
  rmSync(placesOf(project).berthHome, { recursive: true, force: true });
  for (const failure of total.failures) say(`failed: ${failure}`);
  process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`);
  if (total.failed > 0) process.exitCode = 1;
}

function placesOf(project: Project) {
  // A folder of the tests' own: what a developer has up beside them is left alone.
  const berthHome = join(project.dir, ".berth-test");
  return { projectDir: project.dir, berthHome, cacheDir: project.cache, log: say };
}

async function prepare(project: Project): Promise<void> {
  const places = placesOf(project);
  await ensureToolchain(places);
  await ensurePackages(labPackages, say);
  await ensurePackages(testPackages, say);
  await ensureImages(places);
}

/** The libvirt plugin's own tests, in Go. */
async function goTest(project: Project): Promise<Count> {
  const moduleDir = join(project.dir, "providers/libvirt");
  const least = /^go (\S+)$/m.exec(readFileSync(join(moduleDir, "go.mod"), "utf8"))?.[1] ?? "1.25";
  const go = await findGo(placesOf(project), least);
  const child = spawn(go.command, ["test", "-json", "./..."], {
    cwd: moduleDir,
    env: go.env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const count = { passed: 0, failed: 0, failures: [] as string[] };
  const ended = once(child, "close");
  for await (const line of createInterface({ input: child.stdout })) {
    const event: { Action: string; Test?: string; Output?: string } = JSON.parse(line);
    if (event.Output !== undefined) process.stdout.write(event.Output);
    if (event.Test === undefined) continue;
    if (event.Action === "pass") count.passed += 1;
    if (event.Action === "fail" || event.Action === "skip") {
      count.failed += 1;
      count.failures.push(`${event.Test} (${event.Action})`);
    }
  }
  const [code] = await ended;
  if (count.passed + count.failed === 0) throw new Error("no test ran");
  return code !== 0 && count.failed === 0 ? { ...count, failed: 1, failures: [outside] } : count;
}

/** A file that does not load, or a rejection nobody awaits, fails the run and no test. */
const outside = "a failure outside of any test";

/** The part of vitest's JSON report that is read. */
interface VitestReport {
  readonly numPassedTests: number;
  readonly numTotalTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

async function vitest(project: Project, suite: string): Promise<Count> {
  const folder = join(project.cache, "results");
  const report = join(folder, `${suite}-${process.pid}.json`);
  mkdirSync(folder, { recursive: true });
  const { BERTH_HOME: _, ...env } = process.env;
  const code = await run(
    join(project.dir, "node_modules/.bin/vitest"),
    ["run", "--project", suite, "--reporter=verbose", "--reporter=json", `--outputFile.json=${report}`],
    { cwd: project.dir, env: { ...env, BERTH_CACHE: project.cache } },
  );
  const result: VitestReport = JSON.parse(readFileSync(report, "utf8"));
  rmSync(report);
  const passed = result.numPassedTests;
  const failed = result.numTotalTests - passed;
  if (passed + failed === 0) throw new Error("no test ran");
  const failures = result.testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status !== "passed")
      .map(
        ({ status, fullName, failureMessages: [message = ""] }) =>
          `${relative(project.dir, name)} > ${fullName} (${status}) ${message.split("\n")[0]}`,
      ),
  );
  return code !== 0 && failed === 0
    ? { passed, failed: 1, failures: [outside] }
    : { passed, failed, failures };
}
