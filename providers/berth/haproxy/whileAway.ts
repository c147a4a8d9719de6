import type Docker from "dockerode";
import type { Container } from "dockerode";
import { connectDocker, type DockerTarget } from "../../connection/index.js";
import { type Call, formatDuration, poll } from "../../kit/index.js";
import { inShell } from "./containerShell.js";
import { exclusively } from "./exclusively.js";
import { workersEnded } from "./reloadInto.js";
import { runningContainers } from "./runningContainers.js";
import { type RunningServer, runningServers } from "./runningServer.js";
import { runSteps } from "./runSteps.js";
import { RuntimeApi } from "./runtimeApi.js";
import { runtimeApiOf } from "./runtimeApiOf.js";

/** Where a load balancer's HAProxy is found. */
export interface BalancerTarget {
  readonly docker: DockerTarget;
  /** Labels of its containers. */
  readonly labels: Readonly<Record<string, string>>;
}

/** As long as HAProxy's documentation suggests for old sessions. */
const idleLimitMs = 300_000;
/** For containers that start with their machine, and HAProxy's checks of them. */
const upLimitMs = 180_000;
const everyMs = 500;

/**
 * Does something to a machine while no load balancer sends requests to it: its servers drain first, through the Runtime API, and
 * take requests again when HAProxy's checks find them well, whatever became of the work. One machine at a time, so that of several that
 * restart in one update the others serve.
 *
 * @param address the machine's, as the servers have it
 * @returns what the work gave, and whether all servers take requests again, of which a warning tells where they do not
 */
export function whileAway<T>(
  address: string,
  balancers: readonly BalancerTarget[],
  call: Call<unknown>,
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly isBack: boolean }> {
  const key = balancers.map(({ docker, labels }) => JSON.stringify([docker.host, labels])).sort();
  return exclusively(`away ${key.join()}`, call.signal, async () => {
    const connections = balancers.map(({ docker }) => connectDocker(docker));
    const places: Place[] = [];
    let isBack = true;
    const worked = async () => {
      const draining = balancers.map(({ labels }, index) =>
        drain(connections[index]!.docker, labels, address, places, call),
      );
      const failed = (await Promise.allSettled(draining)).find((one) => one.status === "rejected");
      if (failed) throw failed.reason;
      return work();
    };
    try {
      const result = await worked().finally(async () => {
        isBack = (await Promise.all(places.map((place) => comeBack(place, call)))).every(Boolean);
      });
      return { result, isBack };
    } finally {
      for (const { close } of connections) close();
    }
  });
}

interface Place {
  readonly container: Container;
  readonly socket: string;
  readonly servers: readonly string[];
}

/** Drains the machine's servers, and notes at once which those are. */
async function drain(
  docker: Docker,
  labels: Readonly<Record<string, string>>,
  address: string,
  places: Place[],
  call: Call<unknown>,
): Promise<void> {
  for (const id of await runningContainers(docker, labels)) {
    const container = docker.getContainer(id);
    await inShell(container, async (shell) => {
      const api = await runtimeApiOf(shell, call.signal);
      if (api === undefined) return;
      const all = runningServers(await api.ask("show servers state", call.signal));
      // Who was drained or put into maintenance by hand stays so.
      const own = all.filter((one) => one.address === address && !one.maintenance && !one.drained);
      if (own.length === 0) return;
      const servers = own.map(nameOf);
      warnOfLast(own, all, call);
      places.push({ container, socket: api.socket, servers });
      const steps = servers.map((server) => ({ do: "drain" as const, server }));
      await runSteps([...steps, { do: "awaitIdle", servers, limitMs: idleLimitMs }], {
        api,
        call,
        name: labels["berth.loadBalancer"] ?? id.slice(0, 12),
        workersEnded: (signal) => workersEnded(container, signal),
      });
    });
  }
}

function warnOfLast(own: readonly RunningServer[], all: readonly RunningServer[], call: Call<unknown>): void {
  for (const backend of new Set(own.map((one) => one.backend))) {
    const others = all.some(
      (one) => one.backend === backend && one.up && !one.maintenance && !one.drained && !own.includes(one),
    );
    if (!others) call.log("warning", `no other machine serves "${backend}" meanwhile: its requests fail`);
  }
}

/** Down until as many checks as their `rise` says have passed: HAProxy may not have noticed yet that they were gone. Under no signal of the work's. */
async function comeBack({ container, socket, servers }: Place, call: Call<unknown>): Promise<boolean> {
  const signal = AbortSignal.timeout(upLimitMs);
  try {
    return await inShell(container, async (shell) => {
      const api = new RuntimeApi(shell, socket);
      await api.tell(
        servers.flatMap((server) => [
          `enable health ${server}`,
          `set server ${server} health down`,
          `set server ${server} state ready`,
        ]),
        signal,
      );
      if (call.signal.aborted) return false;
      await poll({
        what: `HAProxy's checks of ${servers.join(", ")}`,
        signal: AbortSignal.any([signal, call.signal]),
        status: call.status,
        every: everyMs,
        until: async () => {
          const all = runningServers(await api.ask("show servers state", signal));
          return servers.every((server) => all.every((one) => nameOf(one) !== server || one.up));
        },
      });
      return true;
    });
  } catch (error) {
    const words = signal.aborted ? `not within ${formatDuration(upLimitMs)}` : (error as Error).message;
    call.log("warning", `whether ${servers.join(", ")} came back is not known: ${words}`);
    return false;
  }
}

function nameOf({ backend, name }: RunningServer): string {
  return `${backend}/${name}`;
}
