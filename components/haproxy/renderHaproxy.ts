import { checkReferences } from "./checkReferences.js";
import type { HaproxyDefaults, HaproxyGlobal, HaproxyModel } from "./model.js";
import { backendLines } from "./renderBackend.js";
import { frontendLines } from "./renderFrontend.js";
import {
  duration,
  type Line,
  number,
  optional,
  optionLines,
  raw,
  rawSectionTitle,
  sectionName,
  word,
  words,
} from "./words.js";

/**
 * The text of haproxy.cfg. The same model gives the same text.
 *
 * @throws RangeError where a value can't be written down safely, or a name leads nowhere.
 */
export function renderHaproxy(model: HaproxyModel): string {
  checkReferences(model);
  return [
    section("global", globalLines(model.global)),
    section("defaults", defaultsLines(model.defaults)),
    ...(model.sections ?? []).map(({ title, lines }) => section(rawSectionTitle(title), raw(lines))),
    ...model.frontends.map((one) =>
      section(`frontend ${sectionName("frontend", one.name)}`, frontendLines(one)),
    ),
    ...model.backends.map((one) => section(`backend ${sectionName("backend", one.name)}`, backendLines(one))),
  ].join("\n");
}

function section(title: string, lines: readonly Line[]): string {
  return [title, ...lines.filter((line) => line !== undefined).map((line) => `    ${line}`), ""].join("\n");
}

function globalLines(global: HaproxyGlobal): Line[] {
  const { log = [], tls } = global;
  return [
    `maxconn ${number("global maxconn", global.maxConnections, 1, 2 ** 31 - 1)}`,
    ...[log].flat().map((target) => `log ${words(target)}`),
    optional(global.chroot, (folder) => `chroot ${word(folder)}`),
    optional(global.uid, (uid) => `uid ${number("uid", uid, 1, 2 ** 31 - 1)}`),
    optional(global.gid, (gid) => `gid ${number("gid", gid, 1, 2 ** 31 - 1)}`),
    optional(
      global.runtimeSocket,
      (path) => `stats socket ${word(path)} mode 600 level admin expose-fd listeners`,
    ),
    `hard-stop-after ${duration("hard-stop-after", global.hardStopAfterMs)}`,
    ...(tls
      ? [
          `ssl-default-bind-options ssl-min-ver ${word(tls.minVersion)} no-tls-tickets`,
          `ssl-default-bind-ciphers ${word(tls.ciphers.join(":"))}`,
          `ssl-default-bind-ciphersuites ${word(tls.cipherSuites.join(":"))}`,
        ]
      : []),
    ...raw(global.raw),
  ];
}

function defaultsLines(defaults: HaproxyDefaults): Line[] {
  const { timeouts } = defaults;
  const timeout = (name: string, value: number) => `timeout ${name} ${duration(`timeout ${name}`, value)}`;
  return [
    `mode ${word(defaults.mode)}`,
    defaults.log ? "log global" : undefined,
    optional(
      defaults.maxConnections,
      (most) => `maxconn ${number("defaults maxconn", most, 1, 2 ** 31 - 1)}`,
    ),
    ...optionLines(defaults.options),
    optional(defaults.httpReuse, (reuse) => `http-reuse ${word(reuse)}`),
    `retries ${number("retries", defaults.retries, 0, 1000)}`,
    timeout("connect", timeouts.connectMs),
    timeout("client", timeouts.clientMs),
    timeout("server", timeouts.serverMs),
    timeout("http-request", timeouts.httpRequestMs),
    timeout("http-keep-alive", timeouts.httpKeepAliveMs),
    timeout("queue", timeouts.queueMs),
    optional(timeouts.tunnelMs, (value) => timeout("tunnel", value)),
    ...raw(defaults.raw),
  ];
}
