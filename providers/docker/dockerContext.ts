import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { DockerTarget } from "../connection/index.js";

/**
 * The address that a context of the Docker CLI stands for. `default` stands for none. Errors name the context and the
 * file it was looked for in.
 */
export function dockerContext(name: string, env: NodeJS.ProcessEnv = process.env): DockerTarget | undefined {
  if (name === "default") return undefined;
  const folder = join(env["DOCKER_CONFIG"] || join(homedir(), ".docker"), "contexts");
  const id = createHash("sha256").update(name).digest("hex");
  const file = join(folder, "meta", id, "meta.json");
  if (!existsSync(file)) {
    throw new Error(
      `Docker context "${name}" does not exist (${file}). "docker context ls" lists those there are.`,
    );
  }
  const meta = JSON.parse(readFileSync(file, "utf8")) as { Endpoints?: { docker?: { Host?: string } } };
  const host = meta.Endpoints?.docker?.Host;
  if (!host) throw new Error(`Docker context "${name}" names no host (${file}).`);
  const tls = join(folder, "tls", id, "docker");
  return { host, ...(existsSync(tls) && { certPath: tls }) };
}
