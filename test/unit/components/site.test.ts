import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { parse } from "yaml";
import type { Seat } from "../../../components/placement/index.js";
import { Site } from "../../../components/site.js";
import { parseTopology } from "../../../components/topology/index.js";
import { answers, Engine, value } from "./mocks.js";

const stacks = resolve(import.meta.dirname, "../../../stacks");
const digest = "0123456789abcdef".repeat(4);

let folder: string;
let engine: Engine;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "berth-unit-"));
  vi.stubEnv("BERTH_HOME", folder);
  engine = await Engine.start(answers);
});
afterEach(async () => {
  await pulumi.runtime.disconnect();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

function site(
  stack: string,
  change: (config: Record<string, any>) => void = () => {},
  today: Record<string, Seat> = {},
): Site {
  const { config } = parse(readFileSync(join(stacks, `Pulumi.${stack}.yaml`), "utf8"));
  change(config);
  const values = Object.fromEntries(
    Object.entries(config).map(([key, part]) => [key.replace("berth:", ""), part]),
  );
  return new Site("site", {
    topology: parseTopology(values, { stack }),
    images: { debian: { disk: "disk.qcow2", sha256: digest, docker: true } },
    secrets: { token: pulumi.secret("hunter2") },
    systemImages: "lab/images",
    today,
  });
}

const names = (type: string) => Object.keys(engine.of(type)).sort();

describe("Site", () => {
  test("dev: two machines with Docker, a replica in each, and HAProxy in front", async () => {
    const inventory = await value(site("dev").inventory);
    expect(names("berth:index:Domain")).toEqual(["web-1", "web-2"]);
    expect(names("berth:index:DockerEngine")).toEqual(["web-1", "web-2"]);
    expect(names("docker:index/container:Container")).toEqual(["main", "public", "web-1", "web-2"]);
    expect(names("docker:index/image:Image")).toEqual(["local-haproxy", "local-registry", "web", "web-main"]);
    expect(inventory.services[0]!.replicas.map(({ replica, machine }) => [replica, machine])).toEqual([
      ["web-1", "web-1"],
      ["web-2", "web-2"],
    ]);
    expect(inventory.loadBalancers).toEqual([{ name: "public", url: "http://192.168.130.1/" }]);
  });

  test("machines pull by digest, from the registry's address for machines", async () => {
    await value(site("dev").inventory);
    const { inputs } = engine.one("docker:index/remoteImage:RemoteImage", "web-1-web");
    expect(inputs["name"]).toBe("192.168.130.1:5000/web@sha256:0123");
    const { certificates } = engine.one("berth:index:DockerEngine", "web-1").inputs;
    expect(certificates).toEqual({ "192.168.130.1:5000": "ca" });
  });

  test("HAProxy's configuration names each replica at its machine's address, known before anything runs", async () => {
    const dev = site("dev");
    const config = await value(dev.nodes.loadBalancers.get("public")!.config);
    for (const { key, address, port } of dev.placement.replicas) {
      expect(config).toMatch(
        new RegExp(`server ${key}-${port} ${address.replaceAll(".", "\\.")}:${port} check`),
      );
    }
    await value(dev.inventory);
  });

  test("a changed replica comes to HAProxy and to the inventory on its next port, and one that stays keeps its own", async () => {
    await value(site("dev").inventory);
    const { labels } = engine.one("docker:index/container:Container", "web-1").inputs;
    const { value: revision } = labels.find(({ label }: { label: string }) => label === "berth.revision");
    await pulumi.runtime.disconnect();
    engine = await Engine.start(answers);
    const dev = site("dev", () => {}, {
      "web-1": { machine: "web-1", port: 82, revision },
      "web-2": { machine: "web-2", port: 80, revision: "of another image" },
    });
    const config = await value(dev.nodes.loadBalancers.get("public")!.config);
    const servers = dev.placement.replicas.map(({ address }) => address);
    expect(config.match(/[\d.]+:\d+ check/g)).toEqual([`${servers[0]}:82 check`, `${servers[1]}:81 check`]);
    const { replicas } = (await value(dev.inventory)).services[0]!;
    expect(replicas.map(({ replica, port }) => [replica, port])).toEqual([
      ["web-1", 82],
      ["web-2", 81],
    ]);
  });

  test("ha: every service on every machine, routed by path", async () => {
    const ha = site("ha");
    const inventory = await value(ha.inventory);
    for (const { replicas } of inventory.services) {
      expect(new Set(replicas.map(({ machine }) => machine)).size).toBe(3);
    }
    expect(await value(ha.nodes.loadBalancers.get("public")!.config)).toContain("use_backend api");
  });

  test("a service's secret reaches its containers as a secret", async () => {
    const dev = site("dev", (config) => {
      config["berth:secrets"] = { token: "[secret]" };
      config["berth:services"].web.secrets = { TOKEN: "token" };
    });
    await value(dev.inventory);
    const container = dev.nodes.services.get("web")!.nodes.containers["web-1"]!;
    expect(await pulumi.isSecret(container.envs)).toBe(true);
    expect(JSON.stringify(engine.one("docker:index/container:Container", "web-1").inputs["envs"])).toContain(
      "TOKEN=hunter2",
    );
  });

  test("a machine that is to be off has no Docker and no replica, and is stopped when all else is done", async () => {
    const off = site("dev", (config) => {
      config["berth:machines"]["web-2"].power = "stopped";
    });
    const inventory = await value(off.inventory);
    expect(names("berth:index:DockerEngine")).toEqual(["web-1"]);
    expect(names("berth:index:RunningMachine")).toEqual(["web-1"]);
    expect(inventory.services[0]!.replicas.map(({ machine }) => machine)).toEqual(["web-1", "web-1"]);
    expect(inventory.machines.map(({ power, docker }) => [power, docker])).toEqual([
      ["running", "20.10.24"],
      ["stopped", undefined],
    ]);
    expect(engine.one("berth:index:Domain", "web-2").inputs).toMatchObject({
      power: "stopped",
      autostart: false,
    });
    const order = engine.resources.map(({ type, name }) => `${type} ${name}`);
    expect(order.indexOf("berth:index:Domain web-2")).toBeGreaterThan(
      order.indexOf("berth:index:HaproxyConfig public"),
    );
  });

  test("a service that runs as machines: each answers before HAProxy sends it requests", async () => {
    const made = site("dev", (config) => {
      config["berth:hypervisors"] = {
        local: { capacity: { cpus: 8, memory: "8GiB", disk: "40GiB" } },
      };
      config["berth:services"].db = {
        runsAs: "machine",
        port: 8080,
        memory: "512MiB",
        cloudConfig: { runcmd: ["true"] },
        health: { path: "/up", status: 204 },
      };
      config["berth:loadBalancers"].public.routes = [{ path: "/db", service: "db" }];
    });
    const { key, guest, address } = made.placement.replicas.find(({ service }) => service === "db")!;
    const inventory = await value(made.inventory);
    expect(key).toBe("db-1");
    expect(engine.one("berth:index:Domain", guest!.name).inputs).toMatchObject({
      name: guest!.domain,
      cpus: 2,
      memoryMiB: 512,
      nic: { mac: guest!.macAddress },
    });
    expect(engine.one("berth:index:MachineReplica", guest!.name).inputs).toMatchObject({
      replica: "db-1",
      hypervisor: "local",
      address,
      port: 8080,
      health: { type: "http", host: "db", path: "/up", status: "204" },
    });
    expect(names("berth:index:DockerEngine")).toEqual(["web-1", "web-2"]);
    expect(inventory.services.map(({ name }) => name)).toEqual(["db", "web"]);
    expect(inventory.services[0]!.replicas).toEqual([
      { replica: "db-1", machine: "local", warm: false, guest: guest!.name, address, port: 8080 },
    ]);
    const { config } = engine.one("berth:index:HaproxyConfig", "public").inputs;
    expect(config).toContain(`server ${guest!.name}-8080 ${address}:8080`);
    const order = engine.resources.map(({ type, name }) => `${type} ${name}`);
    expect(order.indexOf("berth:index:HaproxyConfig public")).toBeGreaterThan(
      order.indexOf(`berth:index:MachineReplica ${guest!.name}`),
    );
  });

  test("a snapshot is of its machines, before what is on them changes; a word takes them back, and their containers follow", async () => {
    const taken = site("dev", (config) => {
      config["berth:snapshots"] = {
        before: { machines: ["web-1"], description: "the upgrade", revert: "today" },
        all: { memory: true },
      };
    });
    await value(taken.inventory);
    const { inputs } = engine.one("berth:index:MachineSnapshot", "before");
    expect(inputs).toMatchObject({
      name: "before",
      description: "the upgrade",
      memory: false,
      revert: "today",
    });
    expect(inputs["machines"].map(({ name }: { name: string }) => name)).toEqual(["web-1"]);
    const all = engine.one("berth:index:MachineSnapshot", "all").inputs;
    expect(all["machines"]).toHaveLength(2);
    expect(all["memory"]).toBe(true);
    const engines = engine.of("berth:index:DockerEngine");
    expect(engines["web-1"]!.inputs["reverted"]).toEqual(["before: today"]);
    expect(engines["web-2"]!.inputs["reverted"]).toBeUndefined();
    const order = engine.resources.map(({ type, name }) => `${type} ${name}`);
    expect(order.indexOf("berth:index:MachineSnapshot all")).toBeLessThan(
      order.indexOf("berth:index:DockerEngine web-1"),
    );
  });
});
