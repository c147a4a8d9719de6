import { resolve } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type DockerServer, image, startDockerServer } from "../../support/docker/dockerServer.js";
import { EngineProject } from "../../support/engine.js";
import { typeScriptArguments } from "../../support/typeScriptProcess.js";

const program = `
import { readFileSync } from "node:fs";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

const spec = JSON.parse(readFileSync("spec.json", "utf8"));
const provider = new docker.Provider("engine", { host: spec.host });
const at = { provider };
const base64 = (text) => Buffer.from(text).toString("base64");

const tag = new docker.Tag("tag", { sourceImage: spec.image, targetImage: spec.registry + "/web:1" }, at);
const pushed = new docker.RegistryImage("pushed", {
  name: tag.targetImage,
  triggers: { image: tag.sourceImageId },
}, at);
const found = docker.getRegistryImageOutput({ name: pushed.name }, { ...at, dependsOn: [pushed] });
const network = new docker.Network("network", { driver: "overlay" }, at);
const secret = new docker.Secret("secret", { data: pulumi.secret(base64(spec.secret)) }, at);
const config = new docker.ServiceConfig("config", { dataRaw: "hello " + spec.greeting }, at);
const service = new docker.Service("service", {
  labels: [{ label: "team", value: "web" }],
  mode: { replicated: { replicas: spec.replicas } },
  convergeConfig: { delay: "200ms", timeout: "60s" },
  updateConfig: { parallelism: 2, monitor: "100ms" },
  taskSpec: {
    networksAdvanceds: [{ name: network.id }],
    containerSpec: {
      image: spec.image,
      commands: ["sleep", "600"],
      stopGracePeriod: "1s",
      env: { PASSWORD: pulumi.secret(spec.secret) },
      secrets: [{ secretId: secret.id, fileName: "/run/secret" }],
      configs: [{ configId: config.id, configName: config.name, fileName: "/etc/greeting" }],
    },
  },
}, at);
const talker = new docker.Container("talker", {
  image: spec.image, command: ["echo", "said once"], attach: true, mustRun: false,
}, at);
export const lines = docker.getLogsOutput({ name: talker.name }, at).logsListStrings;
export const digest = found.sha256Digest;
export const replicas = service.mode.replicated.replicas;
export const env = service.taskSpec.containerSpec.env;
`;

const plugin = typeScriptArguments(resolve(import.meta.dirname, "../../../providers/docker/main.ts"));
const password = "hush-hush-hush";

let server: DockerServer;
let project: EngineProject;
let spec: Record<string, unknown> = {};

const want = (changes: Record<string, unknown>) => {
  spec = { ...spec, ...changes };
  project.write("spec.json", JSON.stringify(spec));
};

beforeAll(async () => {
  server = await startDockerServer();
  await server.docker.swarmInit({ ListenAddr: "127.0.0.1:2377", AdvertiseAddr: "127.0.0.1" });
  spec = { host: server.host, image, registry: await server.registry(), secret: password, replicas: 1 };
});
afterAll(() => server?.stop());
beforeEach(async () => {
  project = await EngineProject.create({ program, plugins: { docker: [process.execPath, ...plugin] } });
});
afterEach(async () => {
  await project.run("destroy", "--yes", "--skip-preview");
  project.discard();
});

describe("swarm, registry and logs through the stock SDK", () => {
  it("come up, stay, change in place or beside the old, and go", async () => {
    want({ greeting: "one" });
    const created = (await project.plan())["create"];
    expect(created).toEqual(expect.arrayContaining(["pushed", "secret", "config", "service", "talker"]));
    await project.up();
    expect(await project.outputs()).toEqual({
      lines: ["said once"],
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      replicas: 1,
      env: { PASSWORD: password },
    });
    expect(await project.plan(), "after the first update").toEqual({});
    await project.succeed("refresh", "--yes", "--skip-preview", "--expect-no-changes");
    expect(await project.plan(), "after a refresh").toEqual({});

    want({ replicas: 2 });
    expect(await project.plan()).toEqual({ update: ["service"] });
    // A service uses the config: the new one comes first, the service changes over, the old one goes.
    want({ greeting: "two" });
    await project.up();
    expect((await project.outputs())["replicas"]).toBe(2);
    expect(await server.docker.listConfigs()).toHaveLength(1);

    expect(project.transcript).not.toContain(password);
    expect(project.stateText()).not.toContain(password);
    expect(project.stateText()).not.toContain(Buffer.from(password).toString("base64"));

    await project.succeed("destroy", "--yes", "--skip-preview");
    expect(await server.docker.listServices()).toEqual([]);
    expect(await server.docker.listSecrets()).toEqual([]);
    expect(await server.docker.listConfigs()).toEqual([]);
    expect(await server.docker.listContainers({ all: true })).toEqual([]);
  });

  it("tell their schema", async () => {
    const { stdout } = await project.succeed("package", "get-schema", project.pluginFile("docker"));
    const schema = JSON.parse(stdout);
    expect(schema).toMatchObject({ name: "docker", version: "5.2.0" });
    expect(Object.keys(schema.resources)).toContain("docker:index/service:Service");
    expect(schema.resources["docker:index/container:Container"].requiredInputs).toEqual(["image"]);
  });
});
