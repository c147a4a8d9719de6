import type Docker from "dockerode";

/** The ids of an engine's running containers with all of these labels. */
export async function runningContainers(
  docker: Docker,
  labels: Readonly<Record<string, string>>,
): Promise<string[]> {
  const filters = {
    status: ["running"],
    label: Object.entries(labels).map(([label, value]) => `${label}=${value}`),
  };
  return (await docker.listContainers({ filters })).map(({ Id }) => Id);
}
