import { checkReferences } from "./checkReferences.js";
import type {
  HaproxyBackend,
  HaproxyBind,
  HaproxyDefaults,
  HaproxyFrontend,
  HaproxyGlobal,
  HaproxyModel,
  HaproxyServer,
} from "./model.js";
import { duration, number, rawLine, sectionName, word } from "./words.js";

/** HAProxy reads at most 64 words of a line. */
const valuesPerLine = 32;

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
    ...model.frontends.map((one) =>
      section(`frontend ${sectionName("frontend", one.name)}`, frontendLines(one)),
    ),
    ...model.backends.map((one) => section(`backend ${sectionName("backend", one.name)}`, backendLines(one))),
  ].join("\n");
}

function section(title: string, lines: readonly (string | undefined)[]): string {
  return [title, ...lines.filter((line) => line !== undefined).map((line) => `    ${line}`), ""].join("\n");
}

function globalLines(global: HaproxyGlobal): (string | undefined)[] {
  return [
    `maxconn ${number("global maxconn", global.maxConnections, 1, 2 ** 31 - 1)}`,
    optional(global.log, (log) => `log ${words(log)}`),
    optional(global.chroot, (folder) => `chroot ${word(folder)}`),
    optional(global.uid, (uid) => `uid ${number("uid", uid, 1, 2 ** 31 - 1)}`),
    optional(global.gid, (gid) => `gid ${number("gid", gid, 1, 2 ** 31 - 1)}`),
    optional(
      global.runtimeSocket,
      (path) => `stats socket ${word(path)} mode 600 level admin expose-fd listeners`,
    ),
    `hard-stop-after ${duration("hard-stop-after", global.hardStopAfterMs)}`,
    ...raw(global.raw),
  ];
}

function defaultsLines(defaults: HaproxyDefaults): (string | undefined)[] {
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
    ...raw(defaults.raw),
  ];
}

function frontendLines(frontend: HaproxyFrontend): (string | undefined)[] {
  return [
    optional(frontend.mode, (mode) => `mode ${word(mode)}`),
    ...frontend.binds.map(bindLine),
    ...optionLines(frontend.options),
    ...(frontend.acls ?? []).flatMap(({ name, criterion, values }) => {
      const start = `acl ${sectionName("ACL", name)} ${criterion.map(word).join(" ")}`;
      // "--" ends the flags, so that a value that begins with a hyphen stays a value.
      return chunks(values).map((some) => `${start} -- ${some.map(word).join(" ")}`);
    }),
    ...raw(frontend.raw),
    ...(frontend.useBackends ?? []).map(
      ({ backend, acls }) =>
        `use_backend ${sectionName("backend", backend)} if ${acls.map((acl) => sectionName("ACL", acl)).join(" ")}`,
    ),
    optional(frontend.defaultBackend, (name) => `default_backend ${sectionName("backend", name)}`),
  ];
}

function backendLines(backend: HaproxyBackend): (string | undefined)[] {
  const { check } = backend;
  const checkLines = check && [
    "option httpchk",
    `http-check send meth ${word(check.method)} uri ${word(check.path)} ver HTTP/1.1 hdr Host ${word(literalFormat(check.host))}`,
    `http-check expect status ${number("http-check status", check.status, 100, 599)}`,
    `timeout check ${duration("timeout check", check.timeoutMs)}`,
  ];
  return [
    optional(backend.mode, (mode) => `mode ${word(mode)}`),
    `balance ${backend.balance.map(word).join(" ")}`,
    ...optionLines(backend.options),
    ...(checkLines ?? []),
    ...raw(backend.raw),
    ...backend.servers.map(serverLine),
  ];
}

function bindLine({ address, port, parameters = [] }: HaproxyBind): string {
  return ["bind", endpoint(address, port), ...parameters.map(word)].join(" ");
}

function serverLine(server: HaproxyServer): string {
  const { check, weight, maxConnections } = server;
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
        ]
      : []),
    ...(weight === undefined ? [] : [`weight ${number("weight", weight, 0, 256)}`]),
    ...(maxConnections === undefined
      ? []
      : [`maxconn ${number("server maxconn", maxConnections, 1, 2 ** 31 - 1)}`]),
    ...(server.backup ? ["backup"] : []),
    ...(server.parameters ?? []).map(word),
  ].join(" ");
}

function endpoint(address: string, port: number): string {
  if (!/^(\*|[A-Za-z0-9_.-]+)$/.test(address)) {
    throw new RangeError(
      `HAProxy: ${JSON.stringify(address)} is not an address; use an IPv4 address, a host name or "*".`,
    );
  }
  return `${address}:${number("port", port, 1, 65535)}`;
}

function optionLines(options: readonly string[] = []): string[] {
  return options.map((option) => `option ${words(option)}`);
}

/** Words that the model keeps in one text, with blanks between them. */
function words(text: string): string {
  const parts = text.split(" ").filter((part) => part !== "");
  return (parts.length > 0 ? parts : [""]).map(word).join(" ");
}

/** A text where HAProxy expects a log format: a percent sign stands for itself. */
function literalFormat(text: string): string {
  return text.replaceAll("%", "%%");
}

function raw(lines: readonly string[] = []): string[] {
  return lines.map(rawLine);
}

function chunks(values: readonly string[]): string[][] {
  const count = Math.ceil(values.length / valuesPerLine);
  return Array.from({ length: count }, (_, index) =>
    values.slice(index * valuesPerLine, (index + 1) * valuesPerLine),
  );
}

function optional<T>(value: T | undefined, line: (value: T) => string): string | undefined {
  return value === undefined ? undefined : line(value);
}
