import type { HaproxyBackend, HaproxyCookie, HaproxyHttpCheck, HaproxyServer } from "./model.js";
import { aclLines, ruleLines } from "./renderRules.js";
import {
  duration,
  endpoint,
  type Line,
  literalFormat,
  number,
  optional,
  optionLines,
  raw,
  sectionName,
  word,
} from "./words.js";

export function backendLines(backend: HaproxyBackend): Line[] {
  const { check, cookie, hashType, timeouts } = backend;
  const timeout = (name: string, value: number | undefined) =>
    optional(value, (limit) => `timeout ${name} ${duration(`timeout ${name}`, limit)}`);
  return [
    optional(backend.mode, (mode) => `mode ${word(mode)}`),
    `balance ${backend.balance.map(word).join(" ")}`,
    optional(hashType, (type) => `hash-type ${word(type)}`),
    ...optionLines(backend.options),
    ...(check && "method" in check ? httpCheckLines(check) : []),
    timeout("check", check?.timeoutMs),
    timeout("connect", timeouts?.connectMs),
    timeout("server", timeouts?.serverMs),
    timeout("queue", timeouts?.queueMs),
    ...(cookie ? cookieLines(cookie) : []),
    ...aclLines(backend.acls),
    ...ruleLines("http-request", backend.requestRules),
    ...ruleLines("http-response", backend.responseRules),
    ...raw(backend.raw),
    ...backend.servers.map(serverLine),
  ];
}

function httpCheckLines({ method, path, host, status }: HaproxyHttpCheck): string[] {
  return [
    "option httpchk",
    `http-check send meth ${word(method)} uri ${word(path)} ver HTTP/1.1 hdr Host ${word(literalFormat(host))}`,
    `http-check expect status ${typeof status === "string" ? statuses(status) : statusNumber(status)}`,
  ];
}

function statuses(text: string): string {
  return text
    .split(",")
    .map((part) =>
      part
        .split("-")
        .map((one) => statusNumber(/^\d{3}$/.test(one) ? Number(one) : Number.NaN))
        .join("-"),
    )
    .join(",");
}

function statusNumber(status: number): string {
  return number("http-check status", status, 100, 599);
}

function cookieLines({ name, key, secure }: HaproxyCookie): string[] {
  return [
    `cookie ${word(name)} insert indirect nocache dynamic httponly ${secure ? "secure " : ""}attr SameSite=Lax`,
    `dynamic-cookie-key ${word(key)}`,
  ];
}

function serverLine(server: HaproxyServer): string {
  const { agent, check, weight, maxConnections, slowStartMs } = server;
  return [
    "server",
    sectionName("server", server.name),
    endpoint(server.address, server.port),
    ...(check
      ? [
          "check",
          `inter ${duration("inter", check.intervalMs)}`,
          `rise ${number("rise", check.rise, 1, 1000)}`,
          `fall ${number("fall", check.fall, 1, 1000)}`,
          ...connectErrorWords(check.connectErrors),
        ]
      : []),
    ...(agent
      ? [
          "agent-check",
          `agent-port ${number("agent-port", agent.port, 1, 65535)}`,
          `agent-inter ${duration("agent-inter", agent.intervalMs)}`,
        ]
      : []),
    ...(weight === undefined ? [] : [`weight ${number("weight", weight, 0, 256)}`]),
    ...(slowStartMs === undefined ? [] : [`slowstart ${duration("slowstart", slowStartMs)}`]),
    ...(maxConnections === undefined
      ? []
      : [`maxconn ${number("server maxconn", maxConnections, 1, 2 ** 31 - 1)}`]),
    ...(server.backup ? ["backup"] : []),
    ...(server.parameters ?? []).map(word),
  ].join(" ");
}

function connectErrorWords(most: number | undefined): string[] {
  if (most === undefined) return [];
  const limit = `error-limit ${number("error-limit", most, 1, 1000)}`;
  return ["observe layer4", limit, "on-error sudden-death"];
}
