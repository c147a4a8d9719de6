import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { dockerFolder } from "./findBuildx.js";

/** A builder as buildx keeps it. */
export interface StoredBuilder {
  readonly Name: string;
  readonly Driver: string;
  readonly Nodes: readonly {
    readonly Name: string;
    readonly Endpoint: string;
    readonly Platforms?:
      | readonly { readonly os: string; readonly architecture: string; readonly variant?: string }[]
      | null;
    readonly DriverOpts?: Readonly<Record<string, string>> | null;
    readonly Flags?: readonly string[] | null;
  }[];
}

/** What buildx has of this name; it keeps that on this machine, a file a builder. */
export function storedBuilder(name: string, env: NodeJS.ProcessEnv = process.env): StoredBuilder | undefined {
  const folder = env["BUILDX_CONFIG"] || join(dockerFolder(env), "buildx");
  const file = join(folder, "instances", name.toLowerCase());
  if (!existsSync(file)) return undefined;
  return JSON.parse(readFileSync(file, "utf8")) as StoredBuilder;
}
