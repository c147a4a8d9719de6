import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ContainerRuntime } from "../../../components/containerRuntime.js";
import { Hypervisor } from "../../../components/hypervisor.js";
import { Service } from "../../../components/service.js";
import { VirtualMachine } from "../../../components/virtualMachine.js";
import { answers, Engine, lineage, value } from "./mocks.js";

const containerType = "docker:index/container:Container";
const imageType = "docker:index/remoteImage:RemoteImage";
const digest = "0123456789abcdef".repeat(4);

let engine: Engine;
let folder: string;
let runtimes: ContainerRuntime[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "berth-unit-"));
  engine = await Engine.start(answers);
  const hypervisor = new Hypervisor("local", {
    network: { cidr: "192.168.140.0/24" },
    pool: { path: "/pool" },
    images: { debian: { disk: "disk.qcow2", sha256: digest } },
  });
  runtimes = ["one", "two"].map((name, index) => {
    const machine = new VirtualMachine(name, {
      hypervisor,
      image: "debian",
      address: `192.168.140.1${index}`,
      mac: `52:54:00:00:00:1${index}`,
    });
    return new ContainerRuntime(name, { machine, sshFolder: folder, daemon: { debug: true } });
  });
});
afterEach(async () => {
  await pulumi.runtime.disconnect();
  rmSync(folder, { recursive: true });
});

describe("ContainerRuntime", () => {
  test("keeps containers over a restart of Docker, and its logs small, and takes the user's settings", async () => {
    await value(runtimes[0]!.machineId);
    expect(engine.one("berth:index:DockerEngine", "one").inputs).toMatchObject({
      daemon: {
        "live-restore": true,
        "log-driver": "local",
        "log-opts": { "max-file": "3", "max-size": "10m" },
        debug: true,
      },
      machine: "domain-uuid",
      // Secret as a whole, as it carries the private key.
      connection: { value: { host: "192.168.140.10", user: "berth", hostKey: "ssh-ed25519 AAAA test" } },
    });
  });

  test("reaches Docker over SSH with the pinned host key, from files that only the owner reads", async () => {
    const { provider } = runtimes[0]!;
    await value(provider.urn);
    const { host, sshOpts } = engine.one("pulumi:providers:docker", "one").inputs;
    expect(host).toBe("ssh://berth@192.168.140.10");
    expect(typeof sshOpts === "string" ? JSON.parse(sshOpts) : sshOpts).toEqual([
      "-i",
      `${folder}/one.key`,
      "-o",
      `UserKnownHostsFile=${folder}/one.known_hosts`,
      "-o",
      "StrictHostKeyChecking=yes",
      "-o",
      "IgnoreUnknown=BerthDomain",
      "-o",
      "BerthDomain=domain-uuid,local,box.qcow2,qemu%3A%2F%2F%2Fsystem",
    ]);
    expect(readFileSync(`${folder}/one.key`, "utf8")).toBe("private key\n");
    expect(statSync(`${folder}/one.key`).mode & 0o777).toBe(0o600);
    expect(readFileSync(`${folder}/one.known_hosts`, "utf8")).toBe("192.168.140.10 ssh-ed25519 AAAA test\n");
  });
});

describe("Service", () => {
  const service = () =>
    new Service("web", {
      image: "web@sha256:0123",
      port: 80,
      replicas: {
        "web-1": { runtime: runtimes[0]!, port: 80 },
        "web-2": { runtime: runtimes[1]!, port: 8080 },
      },
      env: { COLOUR: "blue" },
      secretEnv: { TOKEN: "hunter2" },
      memory: "64MiB",
    });

  test("makes one container a replica, named by key, on its machine's engine and address only", async () => {
    const web = service();
    expect(await value(web.containerIds)).toEqual({ "web-1": "web-1-id", "web-2": "web-2-id" });
    expect(Object.keys(engine.of(containerType))).toEqual(["web-1", "web-2"]);
    const two = engine.one(containerType, "web-2");
    expect(two.provider).toBe("two");
    expect(two.inputs).toMatchObject({
      image: "sha256:0123",
      memory: 64,
      ports: [{ internal: 80, external: 8080, ip: "192.168.140.11", protocol: "tcp" }],
      securityOpts: ["no-new-privileges:true"],
    });
    expect(await lineage(web.nodes.containers["web-1"]!)).toBe(`berth:index:Service$${containerType}::web-1`);
    expect(await value(pulumi.output(web.endpoints))).toEqual([
      { replica: "web-1", machine: "one", address: "192.168.140.10", port: 80 },
      { replica: "web-2", machine: "two", address: "192.168.140.11", port: 8080 },
    ]);
  });

  test("pulls the image once a machine", async () => {
    const first = service();
    await value(first.containerIds);
    expect(Object.keys(engine.of(imageType)).sort()).toEqual(["one-web", "two-web"]);
    expect(runtimes[0]!.pull("web", "web@sha256:0123")).toBe(runtimes[0]!.pull("web", "web@sha256:0123"));
  });

  test("remembers what it runs", async () => {
    const { releases } = service().nodes;
    expect(await lineage(releases)).toBe("berth:index:Service$berth:index:ReleaseHistory::web");
    expect(engine.one("berth:index:ReleaseHistory", "web").inputs).toEqual({ image: "web@sha256:0123" });
  });

  test("a secret in the environment stays one", async () => {
    const web = service();
    await value(web.containerIds);
    const { envs } = engine.one(containerType, "web-1").inputs;
    expect(JSON.stringify(envs)).toContain("COLOUR=blue");
    expect(await pulumi.isSecret(web.nodes.containers["web-1"]!.envs)).toBe(true);
  });
});
