import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { keepalivedConfig } from "../../../components/keepalivedConfig.js";
import { Site } from "../../../components/site.js";
import { parseTopology } from "../../../components/topology/index.js";
import { issueCertificate } from "../../../providers/berth/issueCertificate.js";
import { stackFile } from "../topology/stackFile.js";
import { answers, Engine, value } from "./mocks.js";

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

function site(change: object, secrets: Record<string, string> = {}): Site {
  const hidden = Object.fromEntries(Object.keys(secrets).map((name) => [name, "[secret]"]));
  return new Site("site", {
    topology: parseTopology({ ...stackFile("dev"), secrets: hidden, ...change }, { stack: "dev" }),
    images: { debian: { disk: "disk.qcow2", sha256: "0123456789abcdef".repeat(4), docker: true } },
    secrets: Object.fromEntries(
      Object.entries(secrets).map(([name, content]) => [name, pulumi.secret(content)]),
    ),
    systemImages: "lab/images",
  });
}

const containers = () => engine.of("docker:index/container:Container");
const pair = {
  public: { machines: ["web-1", "web-2"], virtualAddress: { address: "192.168.130.9", routerId: 9 } },
};

describe("LoadBalancer", () => {
  test("on its hypervisor, confined, and before others where processors are short", async () => {
    await value(site({}).inventory);
    expect(containers()["public"]!.inputs).toMatchObject({
      networkMode: "host",
      readOnly: true,
      cpuShares: 10_240,
      logOpts: { "max-size": "10m", "max-file": "5" },
      capabilities: { drops: ["ALL"] },
      securityOpts: ["no-new-privileges:true"],
    });
  });

  test("on two machines with one address: HAProxy and keepalived in each, pulled by digest, one machine after the other", async () => {
    const inventory = await value(site({ loadBalancers: pair }).inventory);
    expect(inventory.loadBalancers).toEqual([{ name: "public", url: "http://192.168.130.9/" }]);
    const names = Object.keys(containers()).filter((name) => name.startsWith("public"));
    expect(names.sort()).toEqual([
      "public.web-1",
      "public.web-1.keepalived",
      "public.web-2",
      "public.web-2.keepalived",
    ]);
    for (const name of names) {
      expect(containers()[name]!.provider).toBe(/web-\d/.exec(name)![0]);
      expect(containers()[name]!.inputs).toMatchObject({ networkMode: "host", readOnly: true });
    }
    for (const machine of ["web-1", "web-2"]) {
      const config = engine.one("berth:index:HaproxyConfig", `public.${machine}`).inputs;
      expect(config["config"]).toContain("bind 192.168.130.9:80 transparent\n");
      expect(config["config"]).toContain("frontend vrrp\n    bind 127.0.0.1:8509\n");
      expect(config["docker"]).toMatchObject({
        host: expect.stringMatching(/^ssh:\/\/berth@192\.168\.130\./),
      });
    }
    const { name } = engine.one(
      "docker:index/remoteImage:RemoteImage",
      "web-1-loadBalancer-public-keepalived",
    ).inputs;
    expect(name).toMatch(/^192\.168\.130\.1:5000\/.*@sha256:/);
    const order = engine.resources.map((one) => `${one.type.split(":").at(-1)} ${one.name}`);
    expect(order.indexOf("Container public.web-2")).toBeGreaterThan(
      order.indexOf("Container public.web-1.keepalived"),
    );
  });

  test("on a machine, whose ports its replicas leave to it", async () => {
    const one = site({ loadBalancers: { public: { machines: ["web-1"] } } });
    const placed = one.placement.replicas.map(({ machine, port }) => [machine, port]);
    expect(placed).toEqual([
      ["web-1", 81],
      ["web-2", 80],
    ]);
    await value(one.inventory);
    expect(Object.keys(containers())).toContain("public.web-1");
  });

  test("several over one service, each with all of its replicas", async () => {
    const several = site({ loadBalancers: { public: {}, internal: { port: 8080 } } });
    await value(several.inventory);
    for (const name of ["public", "internal"]) {
      const { config } = engine.one("berth:index:HaproxyConfig", name).inputs;
      expect(config.match(/^ {4}server /gm)).toHaveLength(2);
    }
  });

  test("what is secret comes to HAProxy as secret files, and nowhere else", async () => {
    const inputs = { commonName: "shop.example", dnsNames: [], ipAddresses: [], validityDays: 30 };
    const { state } = await issueCertificate(inputs, new Date());
    const secrets = { cert: state.certificate, key: state.privateKey, figures: "hunter2" };
    const secure = site(
      {
        loadBalancers: {
          public: {
            port: 443,
            tls: { certificates: [{ certificate: "cert", key: "key" }] },
            stats: { password: "figures" },
          },
        },
      },
      secrets,
    );
    const balancer = secure.nodes.loadBalancers.get("public")!;
    const text = await value(balancer.config);
    expect(await pulumi.isSecret(balancer.config)).toBe(false);
    expect(text).toContain("crt /etc/haproxy/secret/cert.pem");
    const given = engine.one("berth:index:HaproxyConfig", "public").inputs["secretFiles"].value;
    expect(Object.keys(given)).toEqual(["cert.pem", "stats.login"]);
    expect(given["stats.login"]).toBe(`Basic ${Buffer.from("admin:hunter2").toString("base64")}\n`);
    const others = engine.resources.filter(({ type }) => type !== "berth:index:HaproxyConfig");
    const key = state.privateKey.split("\n")[1]!;
    expect(JSON.stringify(others)).not.toMatch(/hunter2/);
    expect(JSON.stringify(others)).not.toContain(key);
    expect(text).not.toContain("hunter2");
  });

  test("an issued certificate's authority is in the inventory, its key is not", async () => {
    const tls = { certificates: [{ hosts: ["shop.example"] }] };
    const inventory = await value(site({ loadBalancers: { public: { port: 443, tls } } }).inventory);
    expect(inventory.loadBalancers).toEqual([
      { name: "public", url: "https://192.168.130.1/", authorities: ["ca"] },
    ]);
    const given = engine.one("berth:index:HaproxyConfig", "public").inputs["secretFiles"].value;
    expect(Object.values(given)).toEqual(["certificate\nkey\n"]);
    expect(Object.values(engine.of("berth:index:Certificate")).map(({ inputs }) => inputs)).toContainEqual(
      expect.objectContaining({ commonName: "shop.example", dnsNames: ["shop.example"] }),
    );
  });

  test("a service is told where another one answers", async () => {
    const services = {
      api: { image: "web", port: 80 },
      web: { image: "web", port: 80, connects: { API: { loadBalancer: "internal" } } },
    };
    const loadBalancers = { internal: { port: 8080, service: "api" } };
    await value(site({ services, loadBalancers }).inventory);
    expect(containers()["web-1"]!.inputs["envs"]).toEqual(
      expect.arrayContaining([
        "API_URL=http://192.168.130.1:8080",
        "API_HOST=192.168.130.1",
        "API_PORT=8080",
      ]),
    );
  });
});

test("keepalived knows its peers by name, and the first machine is the first choice", () => {
  const group = {
    address: "192.0.2.9",
    prefixLength: 24,
    routerId: 7,
    intervalMs: 500,
    members: ["192.0.2.1", "192.0.2.2", "192.0.2.3"],
  };
  const [first, third] = [keepalivedConfig(group, "192.0.2.1"), keepalivedConfig(group, "192.0.2.3")];
  expect(first).toContain("priority 200\n    advert_int 0.5\n    unicast_src_ip 192.0.2.1\n");
  expect(third).toContain("priority 198\n    advert_int 0.5\n    unicast_src_ip 192.0.2.3\n");
  expect(third.match(/^ +(\S+) min_ttl 255 max_ttl 255$/gm)).toEqual([
    "        192.0.2.1 min_ttl 255 max_ttl 255",
    "        192.0.2.2 min_ttl 255 max_ttl 255",
  ]);
  expect(first).toContain('script "/bin/sh /check.sh 8507"\n');
});
