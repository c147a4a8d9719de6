import { setTimeout as delay } from "node:timers/promises";
import { ContainerShell } from "../../providers/berth/haproxy/containerShell.js";
import { runningContainers } from "../../providers/berth/haproxy/runningContainers.js";
import { runtimeApiOf } from "../../providers/berth/haproxy/runtimeApiOf.js";
import { type ServerFigures, serverFigures } from "../../providers/berth/haproxy/serverFigures.js";
import type { BalancerTarget } from "../../providers/berth/haproxy/whileAway.js";
import { replicaOf } from "../../providers/berth/rollout/stageServers.js";
import { connectDocker } from "../../providers/connection/index.js";
import type { Figures } from "./recommend.js";

/** One look at one HAProxy: its servers and backends. */
type Look = readonly ServerFigures[];

/** What HAProxy says of each service over a while, summed over all load balancers. */
export async function measure(
  balancers: readonly BalancerTarget[],
  services: readonly string[],
  sampleMs: number,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Figures>> {
  const connections = balancers.map(({ docker }) => connectDocker(docker));
  const shells: ContainerShell[] = [];
  try {
    const apis = balancers.map(async ({ labels }, index) => {
      const { docker } = connections[index]!;
      const found = (await runningContainers(docker, labels)).map(async (id) => {
        const shell = new ContainerShell(docker.getContainer(id));
        shells.push(shell);
        return (await runtimeApiOf(shell, signal)) ?? [];
      });
      return (await Promise.all(found)).flat();
    });
    const all = (await Promise.all(apis)).flat();
    const look = () =>
      Promise.all(
        all.map(async (api): Promise<Look> => serverFigures(await api.ask("show stat -1 6 -1", signal))),
      );
    const first = await look();
    const began = Date.now();
    await delay(sampleMs, undefined, { signal });
    const last = await look();
    const seconds = (Date.now() - began) / 1000;
    return new Map(services.map((service) => [service, figuresOf(service, first, last, seconds)]));
  } finally {
    for (const shell of shells) shell.close();
    for (const { close } of connections) close();
  }
}

/** From two looks at the same load balancers. A server that is new, or whose HAProxy has started anew, counts from nothing. */
export function figuresOf(
  service: string,
  first: readonly Look[],
  last: readonly Look[],
  seconds: number,
): Figures {
  let [sessions, queue, requests, time] = [0, 0, 0, 0];
  for (const [index, now] of last.entries()) {
    const own = now.filter((one) => serviceOf(one.server) === service);
    const backends = new Set(own.map((one) => `${one.server.split("/")[0]}/BACKEND`));
    for (const one of now.filter((row) => backends.has(row.server))) queue += one.queued;
    for (const one of own) {
      const before = first[index]?.find((row) => row.server === one.server);
      const count = one.requests - (before && before.requests <= one.requests ? before.requests : 0);
      sessions += (one.current + (before?.current ?? one.current)) / 2;
      queue += one.queued;
      requests += count;
      time += count * one.responseMs;
    }
  }
  return {
    sessions,
    queue,
    requests: requests / seconds,
    responseMs: requests === 0 ? 0 : time / requests,
  };
}

/** `web` of `shop/web-1-80`: replica `web-1` on port 80. */
function serviceOf(server: string): string {
  return replicaOf(replicaOf(server.slice(server.indexOf("/") + 1)));
}
