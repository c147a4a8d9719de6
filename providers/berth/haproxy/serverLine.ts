import {
  type ConfigSection,
  directive,
  haproxyDurationMs,
  parameter,
  type ServerLine,
} from "./configText.js";

/** Parameters that HAProxy 2.6 takes in a file only, or that mean work which a step does not do. */
const fileOnly = new Set([
  "cookie",
  "disabled",
  "init-addr",
  "namespace",
  "redir",
  "resolve-net",
  "resolve-opts",
  "resolve-prefer",
  "resolvers",
  "shard",
  "stick",
  "tcp-ut",
  "track",
]);

const leastCheckLimitMs = 60_000;

/** An IPv4 address and a port; `undefined` for names, which only a start resolves, and for all else. */
export function endpointOf({ address }: ServerLine): { address: string; port: number } | undefined {
  const [, ip, port] = /^((?:\d{1,3}\.){3}\d{1,3}):(\d+)$/.exec(address) ?? [];
  return ip === undefined ? undefined : { address: ip, port: Number(port) };
}

export function isChecked(line: ServerLine): boolean {
  return line.parameters.includes("check");
}

/** How long a server that works may take until its checks have said so: at least a minute. */
export function checkLimitMs(line: ServerLine): number {
  const interMs = haproxyDurationMs(parameter(line, "inter") ?? "2s") ?? 2000;
  const rise = Number(parameter(line, "rise") ?? 2);
  return Math.max(leastCheckLimitMs, 3 * (rise + 1) * interMs);
}

/** Why the servers of a backend, or this one of them, can't come and go while HAProxy runs; `undefined` where they can. */
export function obstacle(
  section: ConfigSection,
  defaults: ConfigSection | undefined,
  line?: ServerLine,
): string | undefined {
  const algorithm = setting("balance") ?? "roundrobin";
  if (!isDynamic(algorithm, setting("hash-type"))) {
    return `"${section.title}" balances by "${algorithm}", whose servers are fixed at the start`;
  }
  if (line === undefined) return undefined;
  const server = `server ${section.name}/${line.name}`;
  if (!line.plain) return `${server} is written with quotes, variables or a comment`;
  if (endpointOf(line) === undefined) return `${server} is not given by an IPv4 address and a port`;
  const word = line.parameters.find((one) => fileOnly.has(one));
  if (word !== undefined) return `${server} has "${word}", which is for the start only`;
  if (inheritsServerDefaults(section, defaults)) return `${server} inherits from "default-server"`;
  return undefined;

  function setting(name: string): string | undefined {
    return directive(section, name) ?? (defaults && directive(defaults, name));
  }
}

/** A server that is added later inherits nothing. */
export function inheritsServerDefaults(section: ConfigSection, defaults: ConfigSection | undefined): boolean {
  return [section, defaults].some((one) => one?.lines.some((line) => /^default-server\b/.test(line)));
}

/** Clients stay at their server by a cookie that HAProxy makes from its address. */
export function hasDynamicCookie(section: ConfigSection): boolean {
  return /\sdynamic(\s|$)/.test(directive(section, "cookie") ?? "");
}

function isDynamic(algorithm: string, hashType = ""): boolean {
  const [name = ""] = algorithm.split(/[\s(]/);
  if (["roundrobin", "leastconn", "random"].includes(name)) return true;
  return !["static-rr", "first"].includes(name) && hashType.startsWith("consistent");
}
