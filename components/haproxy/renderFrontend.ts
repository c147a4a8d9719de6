import type { HaproxyBind, HaproxyFrontend, HaproxyStats, HaproxyStickTable } from "./model.js";
import { aclLines, ruleLines } from "./renderRules.js";
import {
  duration,
  endpoint,
  type Line,
  number,
  optional,
  optionLines,
  raw,
  sectionName,
  word,
  words,
} from "./words.js";

/** The lines of a frontend, in the order in which HAProxy goes through them. */
export function frontendLines(frontend: HaproxyFrontend): Line[] {
  const { compression, content, logFormat } = frontend;
  return [
    optional(frontend.mode, (mode) => `mode ${word(mode)}`),
    ...frontend.binds.map(bindLine),
    optional(
      frontend.maxConnections,
      (most) => `maxconn ${number("frontend maxconn", most, 1, 2 ** 31 - 1)}`,
    ),
    ...optionLines(frontend.options),
    logFormat === false ? "no log" : optional(logFormat, (format) => `log-format ${word(format)}`),
    optional(frontend.monitorPath, (path) => `monitor-uri ${word(path)}`),
    optional(frontend.stickTable, stickTableLine),
    ...(compression
      ? [
          `compression algo ${word(compression.algorithm)}`,
          `compression type ${compression.types.map(word).join(" ")}`,
        ]
      : []),
    ...aclLines(frontend.acls),
    ...ruleLines("tcp-request connection", frontend.connectionRules),
    optional(content, ({ waitMs }) => `tcp-request inspect-delay ${duration("inspect-delay", waitMs)}`),
    ...ruleLines("tcp-request content", content?.rules),
    ...ruleLines("http-request", frontend.requestRules),
    ...ruleLines("http-response", frontend.responseRules),
    ...(frontend.stats ? statsLines(frontend.stats) : []),
    ...raw(frontend.raw),
    ...(frontend.useBackends ?? []).map(
      ({ backend, acls }) =>
        `use_backend ${sectionName("backend", backend)} if ${acls.map((acl) => sectionName("ACL", acl)).join(" ")}`,
    ),
    optional(frontend.defaultBackend, (name) => `default_backend ${sectionName("backend", name)}`),
  ];
}

function bindLine({ address, port, tls, transparent, parameters = [] }: HaproxyBind): string {
  return [
    "bind",
    endpoint(address, port),
    ...(tls
      ? [
          "ssl",
          ...tls.certificates.map((path) => `crt ${word(path)}`),
          ...(tls.alpn.length > 0 ? [`alpn ${word(tls.alpn.join(","))}`] : []),
          ...(tls.minVersion === undefined ? [] : [`ssl-min-ver ${word(tls.minVersion)}`]),
          ...(tls.clientCa === undefined ? [] : [`ca-file ${word(tls.clientCa)} verify required`]),
        ]
      : []),
    ...(transparent ? ["transparent"] : []),
    ...parameters.map(word),
  ].join(" ");
}

function stickTableLine({ type, size, expireMs, store }: HaproxyStickTable): string {
  return [
    `stick-table type ${word(type)}`,
    `size ${number("size of a stick-table", size, 1, 2 ** 31 - 1)}`,
    `expire ${duration("expire", expireMs)}`,
    ...(store.length > 0 ? [`store ${word(store.join(","))}`] : []),
  ].join(" ");
}

function statsLines({ path, refreshMs }: HaproxyStats): string[] {
  const refresh = number("stats refresh", Math.ceil(refreshMs / 1000), 1, 86_400);
  return ["stats enable", `stats uri ${words(path)}`, `stats refresh ${refresh}s`, "stats hide-version"];
}
