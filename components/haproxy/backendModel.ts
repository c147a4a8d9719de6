import type { Placement } from "../placement/index.js";
import type { HealthSpec } from "../topology/index.js";
import { headerRules } from "./headerRules.js";
import type { HaproxyBackend, HaproxyServer } from "./model.js";
import type { Target } from "./targets.js";

/** A machine that is gone says nothing: what clients wait for tells so before the checks do. A lone one may be a stall. */
const connectErrors = 3;

export function backendModel(target: Target, placement: Placement): HaproxyBackend {
  const { service, spec, mode, frontends } = target;
  const { health } = service;
  const { balance, hashType, serverTimeoutMs, stickyCookie } = spec;
  const requestRules = headerRules(spec.requestHeaders);
  const responseRules = headerRules(spec.responseHeaders);
  return {
    name: target.name,
    balance: balanceWords(balance),
    ...(mode === "tcp" && { mode }),
    ...(hashType !== undefined && { hashType }),
    ...checkOf(health),
    ...(stickyCookie !== undefined && {
      cookie: {
        name: stickyCookie,
        key: service.name,
        secure: frontends.every(({ tls }) => tls !== undefined),
      },
    }),
    ...(serverTimeoutMs !== undefined && { timeouts: { serverMs: serverTimeoutMs } }),
    ...(requestRules.length > 0 && { requestRules }),
    ...(responseRules.length > 0 && { responseRules }),
    servers: placement.replicas
      .filter((replica) => replica.service === service.name && !replica.warm)
      .map(({ key, guest, index, address, port }) => ({
        // Another machine has another name, as another container has another port.
        name: serverName(guest?.name ?? key, port),
        address,
        port,
        ...serverSettings(target, index),
      })),
    ...(spec.raw.length > 0 && { raw: spec.raw }),
  };
}

/** HAProxy has a bracket for a header's name, and a word of its own for a parameter's. */
function balanceWords(balance: string): string[] {
  const [, parameter] = /^url_param\((.+)\)$/.exec(balance) ?? [];
  return parameter === undefined ? [balance] : ["url_param", parameter];
}

function checkOf({ type, method, path, host, status, timeoutMs }: HealthSpec): Pick<HaproxyBackend, "check"> {
  if (type === "none") return {};
  return { check: type === "tcp" ? { timeoutMs } : { method, path, host, status, timeoutMs } };
}

function serverSettings(
  { service: { health }, spec }: Target,
  index: number,
): Omit<HaproxyServer, "name" | "address" | "port"> {
  const { intervalMs, rise, fall } = health;
  const weight = spec.weights[index];
  return {
    ...(health.type !== "none" && { check: { intervalMs, rise, fall, connectErrors } }),
    ...(health.agent && { agent: health.agent }),
    ...(weight !== undefined && { weight }),
    ...(spec.slowStartMs !== undefined && { slowStartMs: spec.slowStartMs }),
    ...(spec.maxConnections !== undefined && { maxConnections: spec.maxConnections }),
    ...(spec.serverOptions.length > 0 && { parameters: spec.serverOptions }),
  };
}

/**
 * `web-1-80` for replica `web-1` on port 80. HAProxy can't have two servers of one name: with the port in it, a replica's next
 * generation stands beside the one before until it is up and the other has ended its sessions.
 */
export function serverName(replica: string, port: number): string {
  return `${replica}-${port}`;
}
