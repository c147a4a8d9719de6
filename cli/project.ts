import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** Where things are: the checkout, what it makes, and what all checkouts share. */
export interface Project {
  /** The checkout. */
  readonly dir: string;
  /** All that the checkout makes; `BERTH_HOME`, by default `.berth` in the checkout. */
  readonly home: string;
  /** What is built once for all checkouts; `BERTH_CACHE`, by default `berth` in the user's cache folder. */
  readonly cache: string;
}

export function findProject(env: NodeJS.ProcessEnv = process.env): Project {
  // This file runs as dist/cli/project.js.
  const dir = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
  const userCache = env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  return {
    dir,
    home: resolve(dir, env["BERTH_HOME"] || ".berth"),
    cache: resolve(env["BERTH_CACHE"] || join(userCache, "berth")),
  };
}
