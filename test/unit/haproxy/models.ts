import fc from "fast-check";
import {
  type HaproxyBackend,
  type HaproxyModel,
  type HaproxyServer,
  hardenedDefaults,
  hardenedGlobal,
  httpOptions,
} from "../../../components/haproxy/index.js";

export const server: HaproxyServer = { name: "web-1", address: "192.0.2.11", port: 80 };

export const backend: HaproxyBackend = { name: "web", balance: ["roundrobin"], servers: [server] };

/** The least that HAProxy takes, for tests that change one thing. */
export const plainModel: HaproxyModel = {
  global: hardenedGlobal(1000),
  defaults: hardenedDefaults(1000),
  frontends: [{ name: "http", binds: [{ address: "127.0.0.1", port: 8080 }], defaultBackend: "web" }],
  backends: [backend],
};

/** Something of everything that the model has. */
export const everything: HaproxyModel = {
  global: { ...hardenedGlobal(2000), raw: ["spread-checks 5", "tune.bufsize 32768"] },
  defaults: {
    ...hardenedDefaults(1000),
    raw: ["timeout tunnel 1h", "default-server on-marked-down shutdown-sessions"],
  },
  frontends: [
    {
      name: "http",
      binds: [
        { address: "127.0.0.1", port: 8080 },
        { address: "*", port: 8081, parameters: ["name", "everywhere", "backlog", "100"] },
      ],
      acls: [
        { name: "path:api", criterion: ["path"], values: ["/api"] },
        { name: "path:api", criterion: ["path_beg"], values: ["/api/"] },
        {
          name: "quoted",
          criterion: ["hdr(user-agent)", "-i", "-m", "sub"],
          values: ["a \"b\" 'c'", "#no $HOME \\"],
        },
        { name: "hyphen", criterion: ["path_end"], values: ["-f", ".php"] },
        { name: "many", criterion: ["src"], values: Array.from({ length: 100 }, (_, i) => `10.0.${i}.0/24`) },
      ],
      useBackends: [
        { backend: "api", acls: ["path:api", "quoted"] },
        { backend: "web", acls: ["many"] },
        { backend: "api", acls: ["hyphen"] },
      ],
      defaultBackend: "web",
      options: [...httpOptions, "http-buffer-request"],
      raw: ["http-request set-header X-Forwarded-Proto http", "monitor-uri /alive"],
    },
    {
      name: "stream",
      mode: "tcp",
      binds: [{ address: "127.0.0.1", port: 8082 }],
      defaultBackend: "tcp",
      options: ["tcplog"],
    },
  ],
  backends: [
    {
      name: "web",
      balance: ["leastconn"],
      check: { method: "HEAD", path: "/healthz?full=1", host: "web.example", status: 204, timeoutMs: 1_500 },
      servers: [
        { ...server, check: { intervalMs: 500, rise: 1, fall: 2 }, weight: 0, maxConnections: 50 },
        { ...server, name: "web-2", port: 81, check: { intervalMs: 61_000, rise: 2, fall: 3 }, weight: 256 },
        { ...server, name: "sorry", address: "127.0.0.1", backup: true, parameters: ["slowstart", "10s"] },
      ],
      raw: ["http-response set-header X-Served-By %s", "cookie SERVER insert indirect nocache"],
    },
    { name: "api", balance: ["uri", "depth", "2"], options: ["allbackups"], servers: [] },
    {
      name: "tcp",
      mode: "tcp",
      balance: ["source"],
      servers: [{ ...server, port: 5432 }],
    },
  ],
};

/** Texts that a configuration language may stumble over, ends of lines among them. */
export const nastyText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "\n",
        "\r",
        "\t",
        " ",
        '"',
        "'",
        "\\",
        "#",
        "$",
        "${HOME}",
        "%[src]",
        "{",
        "}",
        "-f",
        "\0",
        "if",
      ),
      fc.string({ maxLength: 6 }),
      fc.string({ unit: "grapheme", maxLength: 3 }),
    ),
    { maxLength: 5 },
  )
  .map((parts) => parts.join(""));

/** Models with such texts wherever a text goes; most are refused, by name. */
export function modelWith(text: fc.Arbitrary<string>): fc.Arbitrary<HaproxyModel> {
  const name = fc.constantFrom("web", "api", "a.b:c_d-9");
  return fc
    .record({
      log: text,
      chroot: text,
      option: text,
      criterion: text,
      values: fc.array(text, { minLength: 1, maxLength: 40 }),
      acl: name,
      parameter: text,
      balance: text,
      method: text,
      path: text,
      host: text,
      backend: name,
      server: name,
    })
    .map((one) => ({
      global: { ...plainModel.global, log: one.log, chroot: one.chroot },
      defaults: { ...plainModel.defaults, options: [one.option] },
      frontends: [
        {
          name: "http",
          binds: [{ address: "*", port: 80, parameters: [one.parameter] }],
          acls: [{ name: one.acl, criterion: [one.criterion], values: one.values }],
          useBackends: [{ backend: one.backend, acls: [one.acl] }],
        },
      ],
      backends: [
        {
          name: one.backend,
          balance: [one.balance],
          check: { method: one.method, path: one.path, host: one.host, status: 200, timeoutMs: 1 },
          servers: [{ ...server, name: one.server, parameters: [one.parameter] }],
        },
      ],
    }));
}
