import { expect, test } from "vitest";
import { parseTopology } from "../../../components/topology/index.js";
import { stackTopology } from "./stackFile.js";

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
        name: "berth-dev-local",
        bridge: "br-dev-local",
        cidr: "192.168.130.0/24",
        prefixLength: 24,
        gateway: "192.168.130.1",
        nameservers: ["192.168.130.1"],
      },
      pool: { name: "berth-dev-local", path: "/var/lib/libvirt/berth/berth-dev-local" },
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
  expect(loadBalancers).toEqual([
    {
      name: "public",
      hypervisor: "local",
      bind: "192.168.130.1",
      port: 80,
      balance: "roundrobin",
      routes: [],
      service: "web",
      maxConnections: 4000,
    },
  ]);
});

test("stack ha: three machines, two services of three replicas apart, /api routed", () => {
  const { machines, services, loadBalancers } = stackTopology("ha");
  expect(machines).toHaveLength(3);
  expect(services.map(({ name, replicas, spread }) => [name, replicas, spread])).toEqual([
    ["api", 3, "machine"],
    ["web", 3, "machine"],
  ]);
  expect(loadBalancers[0]).toMatchObject({ routes: [{ path: "/api", service: "api" }], service: "web" });
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
  const [balancer] = parseTopology(config, { stack: "dev" }).loadBalancers;
  expect(balancer!.routes).toEqual([
    { path: "/api/v2", service: "b" },
    { path: "/api", service: "a" },
  ]);
  expect(balancer).not.toHaveProperty("service");
});

test("secrets are in the topology by name, never by value", () => {
  const topology = parseTopology({ ...machine, secrets: { db: "hunter2" } }, { stack: "dev" });
  expect(topology.secrets).toEqual(["db"]);
  expect(JSON.stringify(topology)).not.toContain("hunter2");
});
