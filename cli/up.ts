import type { Inventory } from "@berth/components";
import { forward } from "../lab/index.js";
import type { Project } from "./project.js";
import { pulumi, pulumiOutput } from "./pulumi.js";
import { say } from "./say.js";
import { type Ready, setup } from "./setup.js";
import { selectStack } from "./stack.js";
import { summary } from "./summary.js";

export interface StackOptions {
  readonly stack: string;
  /** Default: the stack's file in `stacks/`. */
  readonly configFile?: string;
}

/** Sets up what is needed, brings the stack up, and says where it answers. */
export async function up(project: Project, options: StackOptions): Promise<void> {
  const ready = await setup(project);
  await selectStack(project, ready, options.stack);
  await pulumi(project, ready, [
    "up",
    "--yes",
    "--skip-preview",
    "--suppress-outputs",
    ...stackArguments(options),
  ]);
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
  const ready = await setup(project);
  await selectStack(project, ready, options.stack);
  await pulumi(project, ready, ["preview", ...stackArguments(options)]);
}

export function stackArguments({ stack, configFile }: StackOptions): string[] {
  return ["--stack", stack, ...(configFile === undefined ? [] : ["--config-file", configFile])];
}

/** Where each load balancer answers for this machine's own programs: a lab's are forwarded to loopback. */
async function reachable({ host }: Ready, inventory: Inventory): Promise<ReadonlyMap<string, string>> {
  const urls = new Map<string, string>();
  for (const { name, url } of inventory.loadBalancers) {
    if (host.lab === undefined) {
      urls.set(name, url);
      continue;
    }
    const { hostname, port } = new URL(url);
    const listen = await forward({
      lab: host.lab,
      listen: "127.0.0.1:8080",
      target: `${hostname}:${port || 80}`,
    });
    urls.set(name, `http://${listen}/`);
  }
  return urls;
}
