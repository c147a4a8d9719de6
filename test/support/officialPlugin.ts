import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { findOnPath } from "../../toolchain/findOnPath.js";

const name = "pulumi-resource-docker";

/** Where the engine installs its own docker plugin of this version. */
export function officialPlace(version: string, env: NodeJS.ProcessEnv = process.env): string {
  return join(
    env["PULUMI_HOME"] || join(homedir(), ".pulumi"),
    "plugins",
    `resource-docker-v${version}`,
    name,
  );
}

/** Pulumi's own docker plugin, where it is installed; OFFICIAL_DOCKER_PLUGIN names one elsewhere. */
export async function findOfficialPlugin(
  version: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string | undefined> {
  const named = env["OFFICIAL_DOCKER_PLUGIN"];
  const candidates = [
    ...(named ? [named] : []),
    officialPlace(version, env),
    ...(await findOnPath(name, env["PATH"])),
  ];
  return candidates.find((path) => existsSync(path));
}
