import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { parse } from "yaml";
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

function site(stack: string, change: (config: Record<string, any>) => void = () => {}): Site {
  const { config } = parse(readFileSync(join(stacks, `Pulumi.${stack}.yaml`), "utf8"));
  change(config);
  const values = Object.fromEntries(
    Object.entries(config).map(([key, part]) => [key.replace("berth:", ""), part]),
  );
  return new Site("site", {
    topology: parseTopology(values, { stack }),
    images: { debian: { disk: "disk.qcow2", sha256: digest } },
    secrets: { token: pulumi.secret("hunter2") },
    systemImages: "lab/images",
  });
}

const names = (type: string) => Object.keys(engine.of(type)).sort();

describe("Site", () => {
  test("dev: two machines with Docker, a replica in each, and HAProxy in front", async () => {
    const inventory = await value(site("dev").inventory);
    expect(names("libvirt:index/domain:Domain")).toEqual(["web-1", "web-2"]);
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
    const { config } = dev.nodes.loadBalancers.get("public")!;
    for (const { key, address, port } of dev.placement.replicas) {
      expect(config).toMatch(new RegExp(`server ${key} ${address.replaceAll(".", "\\.")}:${port} check`));
    }
    await value(dev.inventory);
  });

  test("ha: every service on every machine, routed by path", async () => {
    const ha = site("ha");
    const inventory = await value(ha.inventory);
    for (const { replicas } of inventory.services) {
      expect(new Set(replicas.map(({ machine }) => machine)).size).toBe(3);
    }
    expect(ha.nodes.loadBalancers.get("public")!.config).toContain("use_backend api");
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
});
