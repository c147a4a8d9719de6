import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { StateResource } from "@berth/components";
import type { Seat } from "@berth/components/placement";
import { parseTopology, type Topology } from "@berth/components/topology";
import { parse } from "yaml";
import type { Host } from "./host.js";
import type { Project } from "./project.js";
import { pulumiOutput } from "./pulumi.js";
import { UserError } from "./say.js";
import { configFileOf } from "./stack.js";
import type { StackOptions } from "./up.js";

/**
 * The topology that a stack's configuration file describes. Secrets stay encrypted: placement needs none.
 *
 * @param host of a hypervisor whose file names none; needed by who goes there
 */
export function readTopology(
  project: Project,
  options: StackOptions,
  host: Partial<Pick<Host, "libvirtUri" | "dockerHost">> = {},
): Topology {
  const { stack } = options;
  const file = configFileOf(project, options);
  if (!existsSync(file)) {
    throw new UserError(
      `stack "${stack}" has no configuration: there is no ${file}; write it, or name another with --stack.`,
    );
  }
  const { config = {} } = (parse(readFileSync(file, "utf8")) ?? {}) as { config?: Record<string, unknown> };
  const values: Record<string, unknown> = {};
  const secretKeys: string[] = [];
  for (const [fullKey, value] of Object.entries(config)) {
    const key = fullKey.startsWith("berth:") ? fullKey.slice("berth:".length) : undefined;
    if (key === undefined) continue;
    const text = JSON.stringify(value);
    const covered: unknown = JSON.parse(text, (_, one) => (isSecret(one) ? "[secret]" : one));
    if (JSON.stringify(covered) !== text) secretKeys.push(key);
    values[key] = covered;
  }
  const { libvirtUri, dockerHost } = host;
  return parseTopology(values, { stack, secretKeys, libvirtUri, dockerHost });
}

/** How the engine writes an encrypted value. */
function isSecret(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).join() === "secure";
}

/**
 * Where each replica runs by the stack's own state, which is what the program places by, too, after an update that ended
 * half-way as well; nothing where there is no stack.
 */
export async function runningSeats(project: Project, stack: string): Promise<Record<string, Seat>> {
  const bin = join(project.home, "bin");
  if (!existsSync(join(bin, "pulumi"))) return {};
  const known = await pulumiOutput(project, { bin }, ["stack", "ls", "--json"]);
  if (!(JSON.parse(known) as { name: string }[]).some(({ name }) => name === stack)) return {};
  const state = await pulumiOutput(project, { bin }, ["stack", "export", "--stack", stack]);
  const { deployment } = JSON.parse(state) as {
    deployment: { resources?: readonly (StateResource & { readonly delete?: boolean })[] };
  };
  // With Pulumi's SDK, which takes a second to load, and which most commands do without.
  const { seatsInState } = await import("@berth/components");
  // What is replaced already, and yet to be deleted, is no seat.
  return seatsInState((deployment.resources ?? []).filter((one) => one.delete !== true));
}

/**
 * Digest by guest image, which tells machines of services from those made from another content; none of an image that is not
 * there, as before the set-up.
 */
export function imageDigests({ dir, home }: Project, { images }: Topology): Record<string, string> {
  const digests: Record<string, string> = {};
  for (const image of images) {
    if (image.kind === "disk") {
      digests[image.name] = image.sha256;
      continue;
    }
    const { manifest } = image;
    const file = manifest.startsWith(".berth/")
      ? join(home, manifest.slice(".berth/".length))
      : resolve(dir, manifest);
    if (existsSync(file)) digests[image.name] = JSON.parse(readFileSync(file, "utf8")).sha256;
  }
  return digests;
}
