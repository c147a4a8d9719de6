import fc from "fast-check";
import {
  type HaproxyBackend,
  type HaproxyModel,
  type HaproxyServer,
  hardenedDefaults,
  hardenedGlobal,
  hardenedTls,
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

/** Something of everything that the model has but for files, which HAProxy would want to read. */
export const everything: HaproxyModel = {
  global: {
    ...hardenedGlobal(2000),
    log: ["stdout format raw local0", "192.0.2.9:514 local0 notice"],
    tls: hardenedTls,
    raw: ["spread-checks 5", "tune.bufsize 32768"],
  },
  defaults: {
    ...hardenedDefaults(1000),
    raw: ["timeout client-fin 1m", "default-server on-marked-down shutdown-sessions"],
  },
  sections: [{ title: "cache small", lines: ["total-max-size 4", "max-age 60"] }],
  frontends: [
    {
      name: "http",
      binds: [
        { address: "127.0.0.1", port: 8080 },
        { address: "192.0.2.200", port: 8083, transparent: true },
        { address: "*", port: 8081, parameters: ["name", "everywhere", "backlog", "100"] },
      ],
      maxConnections: 500,
      logFormat: '{"client":"%ci","uri":%{+Q,+E}HU}',
      monitorPath: "/alive",
      stickTable: { type: "ip", size: 1000, expireMs: 20_000, store: ["http_req_rate(10s)"] },
      compression: { algorithm: "gzip", types: ["text/html", "text/plain"] },
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
        { name: "host", criterion: ["req.hdr(host),host_only", "-i", "-m", "end"], values: [".example"] },
        { name: "busy", criterion: ["sc_http_req_rate(0)"], values: ["gt", "100"] },
        { name: "secure", criterion: ["ssl_fc"], values: [] },
      ],
      connectionRules: [{ do: "reject", if: ["many"] }],
      requestRules: [
        { do: "track", counter: 0, key: "src" },
        { do: "deny", status: 429, if: ["busy", "host"] },
        { do: "auth", realm: "a realm", unless: ["path:api", "secure"] },
        {
          do: "redirect",
          location: { format: "https://%[req.hdr(host),host_only]%[pathq]" },
          code: 308,
          if: ["hyphen"],
        },
        { do: "redirect", location: "https://100%.example/ 'x'", code: 302, unless: ["host"] },
        { do: "setHeader", header: "X-Rate", value: '100% "sure" %[src] $HOME' },
        { do: "addHeader", header: "X-Source", value: { format: "%[src]:%[src_port]" } },
        { do: "removeHeader", header: "Cookie", if: ["path:api"] },
        { do: "useService", service: "prometheus-exporter", if: ["hyphen"] },
      ],
      responseRules: [
        { do: "setHeader", header: "Strict-Transport-Security", value: "max-age=60" },
        { do: "removeHeader", header: "Server", if: ["secure"] },
      ],
      stats: { path: "/figures", refreshMs: 5000 },
      useBackends: [
        { backend: "api", acls: ["path:api", "quoted"] },
        { backend: "web", acls: ["many"] },
        { backend: "api", acls: ["hyphen"] },
      ],
      defaultBackend: "web",
      options: [...httpOptions.filter((option) => option !== "httplog"), "http-buffer-request"],
      raw: ["http-request set-header X-Forwarded-Proto http", "id 77"],
    },
    {
      name: "stream",
      mode: "tcp",
      logFormat: false,
      binds: [{ address: "127.0.0.1", port: 8082 }],
      acls: [
        { name: "hello", criterion: ["req.ssl_hello_type"], values: ["1"] },
        { name: "name", criterion: ["req.ssl_sni", "-i", "-m", "str"], values: ["db.example"] },
      ],
      content: { waitMs: 5000, rules: [{ do: "accept", if: ["hello"] }, { do: "reject" }] },
      useBackends: [{ backend: "tcp", acls: ["name"] }],
      defaultBackend: "tcp",
    },
  ],
  backends: [
    {
      name: "web",
      balance: ["leastconn"],
      check: {
        method: "HEAD",
        path: "/healthz?full=1",
        host: "web.example",
        status: "200-299,304",
        timeoutMs: 1_500,
      },
      cookie: { name: "SERVER", key: "web", secure: true },
      timeouts: { connectMs: 1_000, serverMs: 90_000, queueMs: 5_000 },
      acls: [{ name: "inner", criterion: ["path_beg"], values: ["/inner/"] }],
      requestRules: [{ do: "deny", status: 403, if: ["inner"] }],
      responseRules: [{ do: "setHeader", header: "X-By", value: { format: "%s" } }],
      servers: [
        { ...server, check: { intervalMs: 500, rise: 1, fall: 2 }, weight: 0, maxConnections: 50 },
        {
          ...server,
          name: "web-2",
          port: 81,
          check: { intervalMs: 61_000, rise: 2, fall: 3, connectErrors: 4 },
          agent: { port: 9000, intervalMs: 2000 },
          weight: 256,
        },
        {
          ...server,
          name: "sorry",
          address: "127.0.0.1",
          backup: true,
          slowStartMs: 10_000,
          parameters: ["no-check"],
        },
      ],
      raw: ["http-response set-header X-Served-By %s"],
    },
    {
      name: "api",
      balance: ["uri", "depth", "2"],
      hashType: "consistent",
      options: ["allbackups"],
      servers: [],
    },
    {
      name: "tcp",
      mode: "tcp",
      balance: ["source"],
      hashType: "map-based",
      check: { timeoutMs: 1_000 },
      servers: [{ ...server, port: 5432, check: { intervalMs: 2000, rise: 2, fall: 3 } }],
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
      header: text,
      value: text,
      realm: text,
      cookie: text,
      certificate: text,
    })
    .map((one) => ({
      global: { ...plainModel.global, log: one.log, chroot: one.chroot },
      defaults: { ...plainModel.defaults, options: [one.option] },
      frontends: [
        {
          name: "http",
          binds: [
            {
              address: "*",
              port: 80,
              parameters: [one.parameter],
              tls: { certificates: [one.certificate], alpn: [] },
            },
          ],
          acls: [{ name: one.acl, criterion: [one.criterion], values: one.values }],
          requestRules: [
            { do: "auth" as const, realm: one.realm, unless: [one.acl] },
            { do: "setHeader" as const, header: one.header, value: one.value },
          ],
          useBackends: [{ backend: one.backend, acls: [one.acl] }],
        },
      ],
      backends: [
        {
          name: one.backend,
          balance: [one.balance],
          check: { method: one.method, path: one.path, host: one.host, status: 200, timeoutMs: 1 },
          cookie: { name: one.cookie, key: one.cookie, secure: false },
          servers: [{ ...server, name: one.server, parameters: [one.parameter] }],
        },
      ],
    }));
}
