import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { listStacks, selectStack } from "../../../cli/stack.js";
import { findEngine } from "../../support/findEngine.js";

/** Somebody's checkout with its committed configuration, and the engine with a state and a passphrase of each home's own. */
let folder: string;
let pulumi: string;
const committed = "# Two machines.\nconfig:\n  p:machines: { a: {}, b: {} }\n";
const stackFile = () => join(folder, "checkout/stacks/Pulumi.dev.yaml");

beforeEach(async () => {
  pulumi = await findEngine();
  folder = mkdtempSync(join(tmpdir(), "berth-stack-"));
  mkdirSync(join(folder, "checkout/stacks"), { recursive: true });
  describeProject();
  writeFileSync(stackFile(), committed);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

function describeProject(backend?: string): void {
  const rest = backend === undefined ? "" : `backend: { url: ${JSON.stringify(backend)} }\n`;
  const text = `name: p\nruntime: nodejs\nstackConfigDir: stacks\n${rest}`;
  writeFileSync(join(folder, "checkout/Pulumi.yaml"), text);
}

/** One home of the checkout, with the engine as the set-up would start it. */
function homeOf(name: string, variables: Readonly<Record<string, string>> = {}) {
  const home = join(folder, name);
  const bin = join(home, "bin");
  mkdirSync(bin, { recursive: true });
  mkdirSync(join(home, "state"));
  const env = {
    PATH: [dirname(pulumi), dirname(process.execPath), process.env["PATH"]].join(delimiter),
    PULUMI_HOME: join(home, "pulumi"),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER: "true",
    PULUMI_CONFIG_PASSPHRASE: `of ${name}`,
    ...variables,
  };
  const exports = Object.entries(env).map(([key, value]) => `export ${key}='${value}'`);
  writeFileSync(join(bin, "pulumi"), ["#!/bin/sh", ...exports, `exec '${pulumi}' "$@"`, ""].join("\n"));
  chmodSync(join(bin, "pulumi"), 0o755);
  return { project: { dir: join(folder, "checkout"), home, cache: join(folder, "cache") }, engine: { bin } };
}
const ownState = (name: string) => ({ PULUMI_BACKEND_URL: `file://${join(folder, name, "state")}` });

test("a stack is made once, and its committed configuration stays as it is", async () => {
  const { project, engine } = homeOf("one", ownState("one"));
  await selectStack(project, engine, { stack: "dev" });
  await selectStack(project, engine, { stack: "dev" });
  expect(await listStacks(project, engine)).toEqual(["dev"]);
  expect(readFileSync(stackFile(), "utf8")).toBe(committed);
  expect(readdirSync(join(project.home, "tmp"))).toEqual([]);
});

test("several homes of one checkout make the same stack at once, each with its own passphrase", async () => {
  const homes = ["one", "two", "three", "four"].map((name) => homeOf(name, ownState(name)));
  await Promise.all(homes.map(({ project, engine }) => selectStack(project, engine, { stack: "dev" })));
  for (const { project, engine } of homes) expect(await listStacks(project, engine)).toEqual(["dev"]);
  expect(readFileSync(stackFile(), "utf8")).toBe(committed);
});

test("where another file is named, the salt in that one counts, and the stack's own is not looked at", async () => {
  const salted = join(folder, "checkout/stacks/Pulumi.salted.yaml");
  writeFileSync(stackFile(), "encryptionsalt: v1:AAAAAAAAAAA=:v1:AAAAAAAAAAAAAAAA:AAAA\n");
  writeFileSync(salted, committed);
  const { project, engine } = homeOf("one", ownState("one"));
  await expect(selectStack(project, engine, { stack: "dev" })).rejects.toThrow(/pulumi stack ended with/);
  expect(await listStacks(project, engine)).toEqual([]);
  await selectStack(project, engine, { stack: "dev", configFile: salted });
  expect(await listStacks(project, engine)).toEqual(["dev"]);
});

test.each([
  ["Pulumi.yaml", () => describeProject("file://./a folder")],
  ["the environment", () => vi.stubEnv("PULUMI_BACKEND_URL", "file://./a folder")],
])("a backend's relative path in %s is the project's", async (_, choose) => {
  mkdirSync(join(folder, "checkout/a folder"));
  choose();
  const { project, engine } = homeOf("one");
  await selectStack(project, engine, { stack: "dev" });
  expect(await listStacks(project, engine)).toEqual(["dev"]);
  expect(existsSync(join(folder, "checkout/a folder/.pulumi"))).toBe(true);
});
