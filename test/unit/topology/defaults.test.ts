import { expect, test } from "vitest";
import { connectionVariables, parseTopology } from "../../../components/topology/index.js";
import { stackFile, stackTopology } from "./stackFile.js";

const machine = { images: { debian: { manifest: "image.json" } }, machines: { web: {} } };

test("stack dev: two machines, a web server of two replicas, one load balancer", () => {
  const { hypervisors, machines, registries, containerImages, services, loadBalancers } =
    stackTopology("dev");
  expect(hypervisors).toEqual([
    {
      name: "local",
      uri: "qemu:///system",
      dockerHost: "unix:///var/run/docker.sock",
      accelerator: "auto",
      network: {
        mode: "nat",
        name: "berth-dev-local",
        bridge: "br-dev-local",
        cidr: "192.168.130.0/24",
        prefixLength: 24,
        range: "192.168.130.0/24",
        address: "192.168.130.1",
        gateway: "192.168.130.1",
        nameservers: ["192.168.130.1"],
      },
      pool: { name: "berth-dev-local", path: "/var/lib/libvirt/berth/berth-dev-local" },
      templates: { path: "/var/lib/libvirt/berth/templates", sizeBytes: 8 * 2 ** 30 },
      zone: "local",
      labels: {},
      taints: [],
      cost: 0,
    },
  ]);
  expect(machines.map(({ name, domain }) => [name, domain])).toEqual([
    ["web-1", "dev-web-1"],
    ["web-2", "dev-web-2"],
  ]);
  expect(machines[0]).toMatchObject({
    image: "debian",
    cpus: 2,
    memoryBytes: 1024 ** 3,
    diskBytes: 4 * 1024 ** 3,
    docker: { package: "docker.io", daemon: {}, readyTimeoutMs: 600_000 },
    readyTimeoutMs: 600_000,
  });
  expect(registries).toEqual([{ name: "main", hypervisor: "local", port: 5000 }]);
  expect(containerImages).toEqual([
    {
      name: "web",
      hypervisor: "local",
      context: "lab/images/web",
      dockerfile: "Dockerfile",
      args: {},
      registries: ["main"],
    },
  ]);
  expect(services).toMatchObject([
    { name: "web", replicas: 2, port: 80, spread: "none", machines: ["web-1", "web-2"] },
  ]);
  const none = { set: {}, remove: [] };
  expect(loadBalancers).toEqual([
    {
      name: "public",
      hypervisor: "local",
      machines: [],
      frontends: [
        {
          name: "http",
          mode: "http",
          bind: "192.168.130.1",
          port: 80,
          acceptProxy: false,
          routes: [],
          service: "web",
          allow: [],
          requestHeaders: none,
          responseHeaders: none,
          compress: [],
          raw: [],
        },
      ],
      backends: [
        {
          service: "web",
          balance: "roundrobin",
          weights: {},
          requestHeaders: none,
          responseHeaders: none,
          raw: [],
          serverOptions: [],
        },
      ],
      timeouts: {
        connectMs: 2_000,
        clientMs: 60_000,
        serverMs: 60_000,
        requestMs: 10_000,
        keepAliveMs: 10_000,
        queueMs: 30_000,
        tunnelMs: 3_600_000,
      },
      retries: 5,
      maxConnections: 4000,
      log: { requests: "all", format: "text", targets: ["stdout"] },
      raw: { global: [], defaults: [], sections: {} },
    },
  ]);
});

test("behind a host's bridge, machines' addresses are of the part that is theirs, and what is outside is as told", () => {
  const network = {
    mode: "bridge",
    bridge: "br0",
    cidr: "10.1.0.0/16",
    address: "10.1.0.5",
    range: "10.1.9.0/24",
  };
  const parse = (more: object) =>
    parseTopology(
      { ...machine, hypervisors: { lan: { network: { ...network, ...more } } } },
      { stack: "dev" },
    );
  const { hypervisors, machines } = parse({ gateway: "10.1.0.1" });
  expect(hypervisors[0]!.network).toMatchObject({
    ...{ address: "10.1.0.5", gateway: "10.1.0.1", nameservers: ["10.1.0.1"], prefixLength: 16 },
  });
  expect(machines[0]!.address).toMatch(/^10\.1\.9\.\d+$/);
  expect(parse({}).hypervisors[0]!.network.gateway).toBe("10.1.0.5");
});

test("stack ha: three machines, two services of three replicas apart, /api routed", () => {
  const { machines, services, loadBalancers } = stackTopology("ha");
  expect(machines).toHaveLength(3);
  expect(services.map(({ name, replicas, spread }) => [name, replicas, spread])).toEqual([
    ["api", 3, "machine"],
    ["web", 3, "machine"],
  ]);
  expect(loadBalancers[0]!.frontends).toMatchObject([
    { routes: [{ path: "/api", service: "api" }], service: "web" },
  ]);
});

test("the surroundings give the default hypervisor", () => {
  const environment = {
    stack: "dev",
    libvirtUri: "qemu+unix:///system?socket=/run/lab/libvirt-sock",
    dockerHost: "unix:///run/lab/docker.sock",
    consoleLogs: "/run/lab/console",
  };
  const { hypervisors } = parseTopology({}, environment);
  expect(hypervisors[0]).toMatchObject({
    uri: environment.libvirtUri,
    dockerHost: environment.dockerHost,
    consoleLogs: environment.consoleLogs,
  });
});

test("what the configuration says of a hypervisor wins over the surroundings", () => {
  const config = { hypervisors: { rack: { uri: "qemu+ssh://root@rack:2222/system" } } };
  const environment = { stack: "dev", libvirtUri: "qemu:///session", dockerHost: "unix:///run/lab.sock" };
  expect(parseTopology(config, environment).hypervisors[0]).toMatchObject({
    uri: "qemu+ssh://root@rack:2222/system",
    dockerHost: "ssh://root@rack:2222",
  });
});

test("a bridge's name fits the kernel's 15 characters, and stays different where it is cut", () => {
  const bridge = (stack: string) => parseTopology({}, { stack }).hypervisors[0]!.network.bridge;
  const [one, other] = [bridge("customer-portal-a"), bridge("customer-portal-b")];
  expect(one).toMatch(/^br-[a-z0-9-]{1,12}$/);
  expect(other).toMatch(/^br-[a-z0-9-]{1,12}$/);
  expect(one).not.toBe(other);
});

test("with several hypervisors, each has a registry of its own", () => {
  const config = {
    hypervisors: { a: { uri: "qemu+ssh://a/system" }, b: { uri: "qemu+ssh://b/system" } },
    containerImages: { web: { context: "web" } },
  };
  const { registries, containerImages } = parseTopology(config, { stack: "dev" });
  expect(registries.map(({ name, hypervisor }) => [name, hypervisor])).toEqual([
    ["a", "a"],
    ["b", "b"],
  ]);
  expect(containerImages[0]!.registries).toEqual(["a", "b"]);
});

test("images that stay on the hypervisor need no registry", () => {
  const config = { containerImages: { tool: { context: "tool", registries: [] } } };
  expect(parseTopology(config, { stack: "dev" }).registries).toEqual([]);
});

test("labels select the machines of a service", () => {
  const config = {
    ...machine,
    machines: { a: { labels: { tier: "front" } }, b: {}, c: { labels: { tier: "front", zone: 1 } } },
    containerImages: { web: { context: "web" } },
    services: { web: { port: 80, machines: { tier: "front" } }, one: { port: 81, machines: { zone: "1" } } },
  };
  const { services } = parseTopology(config, { stack: "dev" });
  expect(services.map((service) => service.machines)).toEqual([["c"], ["a", "c"]]);
});

test("the longest path comes first, and a slash at its end means nothing", () => {
  const service = { image: { ref: `web@sha256:${"0".repeat(64)}` }, port: 80 };
  const config = {
    ...machine,
    services: { a: service, b: service },
    loadBalancers: {
      public: {
        routes: [
          { path: "/api/", service: "a" },
          { path: "/api/v2", service: "b" },
        ],
      },
    },
  };
  const [frontend] = parseTopology(config, { stack: "dev" }).loadBalancers[0]!.frontends;
  expect(frontend!.routes).toEqual([
    { path: "/api/v2", headers: {}, service: "b" },
    { path: "/api", headers: {}, service: "a" },
  ]);
  expect(frontend).not.toHaveProperty("service");
});

test("of routes, a whole host name comes before a domain, and that before none; then the longest path, then most headers", () => {
  const routes = [
    { path: "/a/very/long/path", service: "web" },
    { host: "*.example", service: "web" },
    { host: "*.shop.example", service: "web" },
    { host: "Shop.example", service: "web" },
    { host: "shop.example", path: "/api", service: "web" },
    { host: "shop.example", path: "/api", headers: { "X-Canary": "1" }, service: "web" },
  ];
  const config = { ...stackFile("dev"), loadBalancers: { public: { routes } } };
  const [frontend] = parseTopology(config, { stack: "dev" }).loadBalancers[0]!.frontends;
  expect(frontend!.routes.map(({ host, path, headers }) => [host, path, headers])).toEqual([
    ["shop.example", "/api", { "x-canary": "1" }],
    ["shop.example", "/api", {}],
    ["shop.example", undefined, {}],
    ["*.shop.example", undefined, {}],
    ["*.example", undefined, {}],
    [undefined, "/a/very/long/path", {}],
  ]);
});

test("a frontend of services that do not speak HTTP passes bytes on, and their check is a connection", () => {
  const config = {
    ...stackFile("dev"),
    services: { db: { image: "web", port: 5432, protocol: "tcp" } },
    loadBalancers: { public: { port: 5432 } },
  };
  const { loadBalancers, services } = parseTopology(config, { stack: "dev" });
  expect(loadBalancers[0]!.frontends).toMatchObject([{ name: "tcp", mode: "tcp", port: 5432 }]);
  expect(services[0]!.health.type).toBe("tcp");
});

test("a load balancer on machines listens on the machine, or on the one address of several", () => {
  const config = {
    ...stackFile("dev"),
    loadBalancers: {
      one: { machines: ["web-1"], port: 8080 },
      pair: { machines: ["web-2", "web-1"], virtualAddress: { address: "192.168.130.9" } },
    },
  };
  const { loadBalancers, machines } = parseTopology(config, { stack: "dev" });
  expect(loadBalancers).toMatchObject([
    { hypervisor: "local", machines: ["web-1"], frontends: [{ bind: machines[0]!.address }] },
    {
      machines: ["web-1", "web-2"],
      virtualAddress: { address: "192.168.130.9", intervalMs: 500 },
      frontends: [{ bind: "192.168.130.9" }],
    },
  ]);
});

test("a service knows where it reaches another one by a load balancer", () => {
  const config = {
    ...stackFile("dev"),
    services: {
      api: { image: "web", port: 80 },
      web: {
        image: "web",
        port: 80,
        connects: { API: { loadBalancer: "internal", frontend: "api" }, SITE: { loadBalancer: "public" } },
      },
    },
    loadBalancers: {
      internal: {
        frontends: {
          api: { port: 8080, service: "api", bind: "0.0.0.0" },
          raw: { port: 81, service: "api" },
        },
      },
      public: { port: 443, tls: { certificates: [{ hosts: ["shop.example"] }] }, service: "web" },
    },
  };
  const { services } = parseTopology(config, { stack: "dev" });
  expect(connectionVariables(services.find(({ name }) => name === "web")!.connects)).toEqual({
    API_URL: "http://192.168.130.1:8080",
    API_HOST: "192.168.130.1",
    API_PORT: "8080",
    SITE_URL: "https://192.168.130.1",
    SITE_HOST: "192.168.130.1",
    SITE_PORT: "443",
  });
});

test("a redirect knows the port of the frontend with TLS, which is 443 where none is given", () => {
  const secure = { tls: { certificates: [{ hosts: ["shop.example"] }] } };
  const config = {
    ...stackFile("dev"),
    loadBalancers: { public: { frontends: { plain: { redirect: "https" }, secure } } },
  };
  const [plain, tls] = parseTopology(config, { stack: "dev" }).loadBalancers[0]!.frontends;
  expect(plain).toMatchObject({ port: 80, redirectTo: 443 });
  expect(tls).toMatchObject({ port: 443, service: "web", tls: { http2: true, minVersion: "1.2" } });
});

test("secrets are in the topology by name, never by value", () => {
  const topology = parseTopology({ ...machine, secrets: { db: "hunter2" } }, { stack: "dev" });
  expect(topology.secrets).toEqual(["db"]);
  expect(JSON.stringify(topology)).not.toContain("hunter2");
});

test("a service that runs as machines: its size is what placement counts, on all hypervisors with a capacity", () => {
  const { machineServices, services, hypervisors, machines } = parseTopology(
    {
      ...machine,
      hypervisors: {
        local: { capacity: { cpus: 8, memory: "8GiB", disk: "40GiB" }, zone: "rack-a" },
        other: { uri: "qemu+ssh://b/system", network: { cidr: "192.168.140.0/24" } },
      },
      machines: { web: { hypervisor: "local" } },
      services: { db: { runsAs: "machine", port: 5432 } },
    },
    { stack: "dev" },
  );
  expect(services).toEqual([]);
  expect(machineServices).toEqual([
    {
      name: "db",
      image: "debian",
      replicas: 1,
      port: 5432,
      protocol: "http",
      health: {
        ...{ type: "http", method: "GET", host: "db", path: "/", status: 200 },
        ...{ intervalMs: 2000, timeoutMs: 2000, rise: 2, fall: 3 },
      },
      cpus: 2,
      memoryBytes: 2 ** 30,
      diskBytes: 4 * 2 ** 30,
      requests: { cpus: 2, memoryBytes: 2 ** 30, diskBytes: 4 * 2 ** 30 },
      spread: "none",
      hypervisors: ["local"],
      tolerates: [],
      near: [],
      apart: [],
      priority: 0,
      stateful: false,
      pins: {},
      cloudConfig: {},
      start: "auto",
      warm: 0,
      readyTimeoutMs: 600_000,
      stopGraceMs: 120_000,
    },
  ]);
  expect(hypervisors[0]).toMatchObject({ zone: "rack-a", capacity: { cpus: 8, memoryBytes: 8 * 2 ** 30 } });
  // A machine is in its hypervisor's zone.
  expect(machines[0]!.zone).toBe("rack-a");
});
