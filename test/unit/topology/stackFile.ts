import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { parseTopology, type Topology } from "../../../components/topology/index.js";

/** What the program gets of a stack's own file in stacks/: its keys without the namespace. */
export function stackFile(stack: string): Record<string, unknown> {
  const path = fileURLToPath(new URL(`../../../stacks/Pulumi.${stack}.yaml`, import.meta.url));
  const { config } = parse(readFileSync(path, "utf8")) as { config: Record<string, unknown> };
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key.replace(/^berth:/, ""), value]),
  );
}

export function stackTopology(stack: string): Topology {
  return parseTopology(stackFile(stack), { stack });
}
