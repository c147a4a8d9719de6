import { runtimeSocket } from "./configText.js";
import { type ContainerFile, readContainerFolder } from "./containerFiles.js";
import type { ContainerShell } from "./containerShell.js";
import { haproxyWorkers } from "./haproxyWorkers.js";
import { planChange } from "./planChange.js";
import { type RunningServer, runningServers } from "./runningServer.js";
import { RuntimeApi, RuntimeUnreachableError } from "./runtimeApi.js";
import { secretFolder } from "./secretFiles.js";
import { readShellFile } from "./shellFiles.js";
import type { ChangePlan } from "./step.js";

/** Both times are whole seconds, and a worker starts up to a second after its file was dated. */
const clockSlackSeconds = 2;

export interface LiveHaproxy {
  readonly file: ContainerFile | undefined;
  /** The secret files that it may name, by name. */
  readonly secrets: ReadonlyMap<string, ContainerFile>;
  /** The engine's clock, in seconds. */
  readonly now: number;
  /** Whether the running worker has started from the file and the secret files; steps since then keep their dates. */
  readonly fromFile: boolean;
  /** The servers in force, or why they can't be asked for. */
  readonly runtime: { readonly api: RuntimeApi; readonly servers: readonly RunningServer[] } | string;
}

/** What a running container's HAProxy has in force. */
export async function lookAtHaproxy(
  shell: ContainerShell,
  path: string,
  signal: AbortSignal,
): Promise<LiveHaproxy> {
  const { container } = shell;
  const file = await readShellFile(shell, path, signal);
  const secrets = await readContainerFolder(container, secretFolder(path));
  const now = Number((await shell.run("date +%s", signal)).output);
  const [worker] = await haproxyWorkers(container);
  const newest = Math.max(file?.modified ?? 0, ...[...secrets.values()].map(({ modified }) => modified));
  const fromFile =
    file !== undefined && worker !== undefined && now - worker.age >= newest - clockSlackSeconds;
  const found = { file, secrets, now, fromFile };
  const socket = runtimeSocket(file?.text ?? "");
  if (socket === undefined) {
    return { ...found, runtime: "it has no Runtime API (stats socket … level admin)" };
  }
  const api = new RuntimeApi(shell, socket);
  try {
    const servers = runningServers(await api.ask("show servers state", signal));
    return { ...found, runtime: { api, servers } };
  } catch (error) {
    if (!(error instanceof RuntimeUnreachableError)) throw error;
    return { ...found, runtime: `its Runtime API cannot be reached: ${error.message}` };
  }
}

/** How a configuration comes into force there; no steps where it is. */
export function planFor(live: LiveHaproxy, target: string, interrupted?: string): ChangePlan {
  if (live.file === undefined) return { way: "reload", reason: "there is no configuration yet" };
  if (!live.fromFile) return { way: "reload", reason: "the running worker has started from another file" };
  if (typeof live.runtime === "string") {
    if (live.file.text === target) return { way: "steps", steps: [] };
    return { way: "reload", reason: live.runtime };
  }
  return planChange({ current: live.file.text, target, interrupted, running: live.runtime.servers });
}
