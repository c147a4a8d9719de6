import { runtimeSocket } from "./configText.js";
import type { ContainerShell } from "./containerShell.js";
import { RuntimeApi } from "./runtimeApi.js";
import { readShellFile } from "./shellFiles.js";

/** Where the configuration is in a container, unless it is told otherwise. */
export const defaultConfigPath = "/etc/haproxy/haproxy.cfg";

/** The Runtime API of a load balancer's HAProxy, at the socket that its configuration names; `undefined` where that names none. */
export async function runtimeApiOf(
  shell: ContainerShell,
  signal: AbortSignal,
  path = defaultConfigPath,
): Promise<RuntimeApi | undefined> {
  const file = await readShellFile(shell, path, signal);
  const socket = runtimeSocket(file?.text ?? "");
  return socket === undefined ? undefined : new RuntimeApi(shell, socket);
}
