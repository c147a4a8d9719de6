import { accessSync, constants } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

/** Where Docker's own command looks for its plugins, after the user's folder. */
const pluginFolders = [
  "/usr/local/lib/docker/cli-plugins",
  "/usr/local/libexec/docker/cli-plugins",
  "/usr/lib/docker/cli-plugins",
  "/usr/libexec/docker/cli-plugins",
];

/** The client `docker buildx`, which can be run without `docker`: where Docker looks for it, else on PATH. */
export function findBuildx(env: NodeJS.ProcessEnv = process.env): string {
  const own = join(dockerFolder(env), "cli-plugins");
  const onPath = (env["PATH"] ?? "").split(delimiter).filter(Boolean);
  const candidates = [
    ...[own, ...pluginFolders].map((folder) => join(folder, "docker-buildx")),
    ...onPath.flatMap((folder) => [join(folder, "docker-buildx"), join(folder, "buildx")]),
  ];
  const found = candidates.find(isExecutable);
  if (found) return found;
  throw new Error(
    `the client docker buildx is not on this machine: neither in ${own} nor in ${pluginFolders.join(", ")} nor on PATH. ` +
      "Install it (with Docker's packages it is docker-buildx-plugin), or leave out what needs it.",
  );
}

/** `~/.docker`, or what DOCKER_CONFIG says. */
export function dockerFolder(env: NodeJS.ProcessEnv = process.env): string {
  return env["DOCKER_CONFIG"] || join(homedir(), ".docker");
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
