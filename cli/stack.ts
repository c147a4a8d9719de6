import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parse, stringify } from "yaml";
import type { Project } from "./project.js";
import { type Engine, pulumi, pulumiOutput } from "./pulumi.js";
import { temporaryFolder } from "./temporaryFolder.js";
import type { StackOptions } from "./up.js";

/** Makes the stack where it does not exist, and selects it for plain `pulumi` commands. */
export async function selectStack(project: Project, ready: Engine, options: StackOptions): Promise<void> {
  const stacks = await listStacks(project, ready);
  if (!stacks.includes(options.stack)) await createStack(project, ready, options);
  await pulumi(project, ready, ["stack", "select", options.stack]);
}

/**
 * Makes a stack with a copy of its configuration. The engine knows of no other file than the stack's own here, checks the
 * passphrase against the salt in it, and writes one into it, which another run at the same time would take for its own.
 */
async function createStack(project: Project, ready: Engine, options: StackOptions): Promise<void> {
  const folder = mkdtempSync(join(temporaryFolder(project), "stack-"));
  try {
    const { stackConfigDir: _, ...described } = parse(readFileSync(join(project.dir, "Pulumi.yaml"), "utf8"));
    if (described.backend?.url !== undefined) {
      described.backend.url = absoluteBackend(described.backend.url, project.dir);
    }
    writeFileSync(join(folder, "Pulumi.yaml"), stringify(described));
    const config = configFileOf(project, options);
    if (existsSync(config)) copyFileSync(config, join(folder, `Pulumi.${options.stack}.yaml`));
    const chosen = process.env["PULUMI_BACKEND_URL"];
    const env = chosen ? { PULUMI_BACKEND_URL: absoluteBackend(chosen, project.dir) } : {};
    await pulumi({ dir: folder }, ready, ["stack", "init", "--no-select", options.stack], env);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The engine takes a folder's relative path from where it runs; `~` is the user's home to it. */
function absoluteBackend(url: string, folder: string): string {
  const path = /^file:\/\/([^/~].*)$/.exec(url)?.[1];
  return path === undefined ? url : new URL(path, `${pathToFileURL(folder).href}/`).href;
}

/** The stacks of this project in its backend. */
export async function listStacks(project: Project, ready: Engine): Promise<string[]> {
  const text = await pulumiOutput(project, ready, ["stack", "ls", "--json"]);
  return (JSON.parse(text) as { name: string }[]).map(({ name }) => name);
}

/** The stack's configuration: the file that was named, or its own in `stacks/`. */
export function configFileOf(project: Project, { stack, configFile }: StackOptions): string {
  return configFile === undefined ? join(project.dir, "stacks", `Pulumi.${stack}.yaml`) : resolve(configFile);
}
