import { existsSync, readFileSync } from "node:fs";
import type { Inventory } from "@berth/components";
import { forward, guestForms } from "../lab/index.js";
import { forwardTarget } from "./forwardTarget.js";
import type { Project } from "./project.js";
import { pulumi, pulumiOutput } from "./pulumi.js";
import { say } from "./say.js";
import { type Ready, setup } from "./setup.js";
import { configFileOf, selectStack } from "./stack.js";
import { summary } from "./summary.js";

export interface StackOptions {
  readonly stack: string;
  /** Default: the stack's file in `stacks/`. */
  readonly configFile?: string;
}

/** Sets up what is needed, brings the stack up, and says where it answers. */
export async function up(project: Project, options: StackOptions): Promise<void> {
  const ready = await setup(project, imagesOf(project, options));
  await selectStack(project, ready, options);
  await update(project, ready, options);
  const text = await pulumiOutput(project, ready, [
    "stack",
    "output",
    "inventory",
    "--json",
    "--stack",
    options.stack,
  ]);
  const inventory: Inventory = JSON.parse(text);
  const urls = await reachable(ready, inventory);
  say(`\nFor pulumi and berth in this shell:  export PATH="${ready.bin}:$PATH"`);
  process.stdout.write(`${summary(options.stack, inventory, urls)}\n`);
}

export async function preview(project: Project, options: StackOptions): Promise<void> {
  const ready = await setup(project, imagesOf(project, options));
  await selectStack(project, ready, options);
  await pulumi(project, ready, ["preview", ...stackArguments(options)]);
}

/** One update, without asking. */
export async function update(project: Project, ready: Ready, options: StackOptions): Promise<void> {
  const quiet = ["--yes", "--skip-preview", "--suppress-outputs"];
  await pulumi(project, ready, ["up", ...quiet, ...stackArguments(options)]);
}

export function stackArguments({ stack, configFile }: StackOptions): string[] {
  return ["--stack", stack, ...(configFile === undefined ? [] : ["--config-file", configFile])];
}

/** Berth's own guest images that a stack's file names; all of them where it can't be read, for the engine to say why. */
export function imagesOf(project: Project, options: StackOptions): string[] | undefined {
  const file = configFileOf(project, options);
  if (!existsSync(file)) return undefined;
  const named = [...readFileSync(file, "utf8").matchAll(/\.berth\/images\/([\w.-]+)\/image\.json/g)].map(
    ([, name]) => name!,
  );
  const own = guestForms.map(({ name }) => name);
  return [...new Set(named)].filter((name) => own.includes(name));
}

/** Where each load balancer answers for this machine's own programs: a lab's are forwarded to loopback. */
async function reachable({ host }: Ready, inventory: Inventory): Promise<ReadonlyMap<string, string>> {
  const urls = new Map<string, string>();
  for (const { name, url } of inventory.loadBalancers) {
    if (host.lab === undefined) {
      urls.set(name, url);
      continue;
    }
    const { target, urlAt } = forwardTarget(url);
    urls.set(name, urlAt(await forward({ lab: host.lab, listen: "127.0.0.1:8080", target })));
  }
  return urls;
}
