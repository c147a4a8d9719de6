import fc from "fast-check";

const label = fc.stringMatching(/^[a-z][a-z0-9-]{0,12}[a-z0-9]$/);
const memory = fc.constantFrom("512MiB", "1GiB", "1.5GiB", "4GiB");
const limit = fc.constantFrom("8MiB", "64MiB", "200MiB");

/** Settings of a machine, without an address: default addresses of few machines may still collide, which is an error. */
export const machineSettings = fc.record(
  {
    cpus: fc.integer({ min: 1, max: 8 }),
    memory,
    disk: fc.constantFrom("4GiB", "20GiB"),
    disks: fc.dictionary(
      fc.constantFrom("data", "logs-2"),
      fc.record(
        { size: fc.constantFrom("1GiB", "2.5GiB"), mount: fc.constant("/srv/data"), keep: fc.boolean() },
        { requiredKeys: ["size"] },
      ),
    ),
    interfaces: fc.dictionary(
      fc.constantFrom("storage", "backup"),
      fc.record(
        { network: fc.constant("storage"), address: fc.constantFrom("10.0.0.5/24", "fd00::5/64") },
        { requiredKeys: ["network"] },
      ),
    ),
    bootOrder: fc.constantFrom(["network", "disk"], ["disk"]),
    description: fc.constant("the shop's own"),
    newSeed: fc.constantFrom("ignore", "replace"),
    labels: fc.dictionary(fc.constantFrom("zone", "tier"), fc.constantFrom("a", "b")),
    docker: fc.record({ daemon: fc.constant({ debug: true }) }),
    readyTimeout: fc.constantFrom("90s", "1.5m", "1h"),
    power: fc.constantFrom("running", "stopped", "paused"),
    stopGrace: fc.constantFrom("30s", "5m"),
  },
  { requiredKeys: [] },
);

const serviceSettings = fc
  .record(
    {
      port: fc.integer({ min: 1, max: 60_000 }),
      replicas: fc.integer({ min: 1, max: 5 }),
      env: fc.dictionary(fc.constantFrom("A", "B"), fc.oneof(fc.string(), fc.integer(), fc.boolean())),
      cpus: fc.constantFrom(0.1, 0.5),
      memory: limit,
      stopGrace: fc.constantFrom("500ms", "1m"),
      command: fc.array(fc.string(), { minLength: 1, maxLength: 3 }),
      restart: fc.constantFrom("no", "always"),
      autoscale: fc.constantFrom(
        { max: 8, requests: 100 },
        { min: 2, max: 5, responseTime: "1s", queue: 0.5, tolerance: 5 },
      ),
      rollout: fc.constantFrom({}, { maxSurge: 1, maxUnavailable: "25%" }),
    },
    { requiredKeys: ["port"] },
  )
  .map((settings) => ({ image: "web", ...settings }));

const headers = fc.record(
  {
    set: fc.dictionary(fc.constantFrom("X-A", "X-B"), fc.constantFrom("1", "50% off", "#a 'b'")),
    remove: fc.subarray(["Server", "X-C"]),
  },
  { requiredKeys: [] },
);
const bothHeaders = fc.record({ request: headers, response: headers }, { requiredKeys: [] });
const route = fc.record(
  {
    path: fc.constantFrom("/api", "/api/v2", "/a~b%20c", "/x/"),
    host: fc.constantFrom("shop.example", "*.example", "API.example"),
    headers: fc.dictionary(fc.constantFrom("X-Canary", "accept"), fc.constantFrom("1", "a, b", "-f")),
    service: fc.constant("web"),
  },
  { requiredKeys: ["service"] },
);
const tls = fc.record(
  {
    certificates: fc.constantFrom(
      [{ certificate: "site", key: "site-key" }],
      [{ hosts: ["shop.example", "*.shop.example"] }, { certificate: "site" }],
    ),
    minVersion: fc.constantFrom("1.2", "1.3"),
    http2: fc.boolean(),
    clientCa: fc.constant("site"),
    hsts: fc.constantFrom("1h", "8760h"),
  },
  { requiredKeys: ["certificates"] },
);
const frontendSettings = (port: number) =>
  fc.record(
    {
      port: fc.constant(port),
      acceptProxy: fc.boolean(),
      mode: fc.constantFrom("http" as const, "http" as const, "tcp" as const),
      tls,
      routes: fc.uniqueArray(route, { maxLength: 4, selector: (one) => JSON.stringify(one) }),
      service: fc.constant("web"),
      allow: fc.subarray(["10.0.0.0/8", "192.0.2.7"]),
      rateLimit: fc.record({ requests: fc.integer({ min: 1, max: 999 }), period: fc.constant("30s") }),
      headers: bothHeaders,
      compress: fc.constantFrom(true, false, ["text/css"]),
      maxConnections: fc.integer({ min: 1, max: 900 }),
      raw: fc.constant(["# a line of one's own"]),
    },
    { requiredKeys: ["port", "service"] },
  );
const backendSettings = fc.record(
  {
    balance: fc.constantFrom(
      "roundrobin",
      "leastconn",
      "source",
      "uri",
      "first",
      "static-rr",
      "hdr(x-user)",
      "url_param(id)",
    ),
    weights: fc.dictionary(fc.constantFrom("1", "2"), fc.integer({ min: 0, max: 256 })),
    slowStart: fc.constant("10s"),
    sticky: fc.constant({ cookie: "SERVER" }),
    maxConnections: fc.integer({ min: 1, max: 50 }),
    timeout: fc.constant("2m"),
    headers: bothHeaders,
    serverOptions: fc.constantFrom(["send-proxy-v2"], ["backup"]),
  },
  { requiredKeys: [] },
);

/** One that names every secret file that these may name. */
export const everyCertificate = {
  images: { debian: { manifest: "image.json" } },
  containerImages: { web: { context: "web" } },
  machines: { "web-1": {} },
  secrets: { site: "[secret]", "site-key": "[secret]" },
  services: { web: { image: "web", port: 80 } },
  loadBalancers: {
    public: {
      port: 443,
      tls: {
        certificates: [
          { certificate: "site", key: "site-key" },
          { hosts: ["shop.example", "*.shop.example"] },
        ],
        clientCa: "site",
      },
      stats: { password: "site" },
    },
  },
};

/** Load balancers of a service `web`; most are right. */
const loadBalancerSettings = fc.record(
  {
    frontends: fc.record(
      {
        one: frontendSettings(8001),
        two: frontendSettings(8002),
        plain: fc.constant({ port: 8003, redirect: "https" }),
      },
      { requiredKeys: ["one"] },
    ),
    backends: fc.record({ web: backendSettings }),
    machines: fc.constantFrom(["web-1"], ["web-1", "web-2"]),
    virtualAddress: fc.constant({ address: "192.168.130.200" }),
    timeouts: fc.record({ server: fc.constant("90s"), tunnel: fc.constant("2h") }, { requiredKeys: [] }),
    retries: fc.integer({ min: 0, max: 5 }),
    maxConnections: fc.integer({ min: 1000, max: 9000 }),
    log: fc.record(
      {
        requests: fc.constantFrom("all", "errors", "none"),
        format: fc.constantFrom("text", "json"),
        targets: fc.subarray(["stdout", "192.0.2.9:514"], { minLength: 1 }),
      },
      { requiredKeys: [] },
    ),
    stats: fc.constant({ port: 8404, password: "site" }),
    raw: fc.record(
      {
        global: fc.constant(["spread-checks 5"]),
        defaults: fc.constant(["timeout client-fin 30s"]),
        sections: fc.constant({ "cache small": ["total-max-size 4"] }),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: ["frontends"] },
);

/** Configurations with a load balancer that has something of everything. */
export const balancedConfigurations = fc.record({
  images: fc.constant({ debian: { manifest: "image.json" } }),
  containerImages: fc.constant({ web: { context: "web" } }),
  machines: fc.constant({ "web-1": {}, "web-2": {} }),
  secrets: fc.constant({ site: "[secret]", "site-key": "[secret]" }),
  services: fc.record({
    web: fc.record(
      {
        image: fc.constant("web"),
        port: fc.constant(80),
        replicas: fc.constant(2),
        connects: fc.constant({ API: { loadBalancer: "public", frontend: "one" } }),
        health: fc.record(
          {
            type: fc.constantFrom("http", "tcp", "none"),
            method: fc.constantFrom("GET", "HEAD"),
            status: fc.constantFrom(204, "200-299,304"),
            host: fc.constant("web.example:8080"),
            agent: fc.constant({ port: 9000 }),
          },
          { requiredKeys: [] },
        ),
      },
      { requiredKeys: ["image", "port", "replicas"] },
    ),
  }),
  loadBalancers: fc.record({ public: loadBalancerSettings }),
});

const machineServiceSettings = fc.record(
  {
    runsAs: fc.constant("machine"),
    port: fc.integer({ min: 23, max: 60_000 }),
    replicas: fc.integer({ min: 1, max: 3 }),
    cpus: fc.integer({ min: 1, max: 4 }),
    memory,
    disk: fc.constantFrom("4GiB", "20GiB"),
    cloudConfig: fc.constant({ runcmd: ["true"] }),
    readyTimeout: fc.constantFrom("90s", "1h"),
    stateful: fc.boolean(),
  },
  { requiredKeys: ["runsAs", "port"] },
);

/** Configurations; most are right, and some have two machines of one default address or too many replicas. */
export const configurations = fc.record({
  hypervisors: fc.constant({ local: { capacity: { cpus: 100, memory: "100GiB", disk: "1TiB" } } }),
  images: fc.constant({ debian: { manifest: "image.json" } }),
  containerImages: fc.constant({ web: { context: "web" } }),
  machines: fc.dictionary(label, machineSettings, { minKeys: 1, maxKeys: 6 }),
  services: fc.dictionary(
    label,
    fc.oneof({ weight: 3, arbitrary: serviceSettings }, machineServiceSettings),
    {
      minKeys: 1,
      maxKeys: 4,
    },
  ),
});
