import { setTimeout as delay } from "node:timers/promises";
import { type Call, duration } from "../../kit/index.js";
import type { ServerFigures } from "../haproxy/serverFigures.js";
import type { Edge } from "./edge.js";
import { judge, type Limits, type Traffic } from "./judge.js";
import { probeServer } from "./probeServer.js";
import { serverLines } from "./stageServers.js";
import type { CheckInputs } from "./types.js";

const everyMs = 1_000;
/** A single answer may be lost on a machine that is busy. */
const probesInARow = 3;

/** The new servers do not do what the rollout asks of them. */
class CheckFailedError extends Error {
  override readonly name = "CheckFailedError";
}

export interface Stage {
  readonly edges: readonly Edge[];
  readonly service: string;
  readonly holdMs: number;
  readonly check: CheckInputs;
}

/**
 * Watches the new servers for a while: by HAProxy's checks, its figures, and a probe.
 *
 * @throws CheckFailedError as soon as one of them fails, or passes a limit.
 */
export async function watchStage(stage: Stage, call: Call<unknown>): Promise<void> {
  const { edges, holdMs, check } = stage;
  const asks = await Promise.all(edges.map((edge) => edge.asks(call.signal)));
  const limits: Limits = {
    errorPercent: check.errorPercent,
    responseMs: check.responseTime === undefined ? undefined : duration(check.responseTime),
    minRequests: check.minRequests ?? 20,
  };
  const fresh = new Set(
    edges.flatMap(({ balancer }) =>
      serverLines(Object.values(balancer.servers)).map(({ name }) => `${balancer.backend}/${name}`),
    ),
  );
  const look = async () => {
    const all = await Promise.all(asks.map((ask) => ask(call.signal)));
    return all.map((figures) => figures.filter(({ server }) => fresh.has(server)));
  };
  const probes = new Probes(stage);
  const first = await look();
  const end = Date.now() + holdMs;
  for (;;) {
    const now = await look();
    const down = now.flat().find(({ down }) => down);
    if (down) {
      throw new CheckFailedError(
        `HAProxy finds server ${down.server} down: ${down.lastCheck || "no check has ended"}`,
      );
    }
    const found = await probes.ask(call.signal);
    if (found !== undefined) throw new CheckFailedError(found);
    const left = end - Date.now();
    const traffic = since(first, now);
    const verdict = judge(traffic, limits);
    if (verdict !== undefined) throw new CheckFailedError(verdict);
    if (left <= 0) {
      const limited = limits.errorPercent !== undefined || limits.responseMs !== undefined;
      if (limited && traffic.requests < limits.minRequests) {
        call.log(
          "info",
          `service "${stage.service}": ${traffic.requests} requests came to the new replicas, too few to judge them by (minRequests is ${limits.minRequests})`,
        );
      }
      return;
    }
    await delay(Math.min(everyMs, left), undefined, { signal: call.signal }).catch(() =>
      call.signal.throwIfAborted(),
    );
  }
}

/** The difference between two looks, over all load balancers. A worker that has started anew counts from nothing. */
function since(first: readonly ServerFigures[][], now: readonly ServerFigures[][]): Traffic {
  let [requests, failed, time] = [0, 0, 0];
  for (const [edge, figures] of now.entries()) {
    for (const one of figures) {
      const before = first[edge]?.find(({ server }) => server === one.server);
      const base = before && before.requests <= one.requests ? before : { requests: 0, failed: 0 };
      const count = one.requests - base.requests;
      requests += count;
      failed += Math.max(0, one.failed - base.failed);
      time += one.responseMs * count;
    }
  }
  return { requests, failed, responseMs: requests === 0 ? 0 : time / requests };
}

class Probes {
  readonly #addresses: readonly string[];
  readonly #failures = new Map<string, number>();

  constructor(private readonly stage: Stage) {
    const lines = stage.edges.flatMap(({ balancer }) => Object.values(balancer.servers));
    this.#addresses = [...new Set(serverLines(lines).map(({ address }) => address))];
  }

  async ask(signal: AbortSignal): Promise<string | undefined> {
    const { path, status = 200, timeout = "2s" } = this.stage.check;
    if (path === undefined) return undefined;
    const found = this.#addresses.map(async (address) => {
      const probe = { address, path, host: this.stage.service, status, timeoutMs: duration(timeout) };
      const wrong = await probeServer(probe, signal);
      const failures = wrong === undefined ? 0 : (this.#failures.get(address) ?? 0) + 1;
      this.#failures.set(address, failures);
      return failures < probesInARow
        ? undefined
        : `http://${address}${path}: ${wrong}, and ${status} is expected`;
    });
    return (await Promise.all(found)).find((one) => one !== undefined);
  }
}
