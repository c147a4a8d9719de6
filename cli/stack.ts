import { join, resolve } from "node:path";
import type { Project } from "./project.js";
import { pulumi, pulumiOutput } from "./pulumi.js";
import type { Ready } from "./setup.js";
import type { StackOptions } from "./up.js";

/** Makes the stack where it does not exist, and selects it for plain `pulumi` commands. */
export async function selectStack(project: Project, ready: Ready, stack: string): Promise<void> {
  await pulumi(project, ready, ["stack", "select", "--create", stack]);
}

/** The stacks of this project in its backend. */
export async function listStacks(project: Project, ready: Ready): Promise<string[]> {
  const text = await pulumiOutput(project, ready, ["stack", "ls", "--json"]);
  return (JSON.parse(text) as { name: string }[]).map(({ name }) => name);
}

/** The stack's configuration: the file that was named, or its own in `stacks/`. */
export function configFileOf(project: Project, { stack, configFile }: StackOptions): string {
  return configFile === undefined ? join(project.dir, "stacks", `Pulumi.${stack}.yaml`) : resolve(configFile);
}
