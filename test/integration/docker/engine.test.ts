import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type DockerServer, image, startDockerServer } from "../../support/docker/dockerServer.js";
import { type SshServer, startSshServer } from "../../support/docker/sshServer.js";
import { EngineProject } from "../../support/engine.js";
import { typeScriptArguments } from "../../support/typeScriptProcess.js";

const program = `
import { readFileSync } from "node:fs";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

const spec = JSON.parse(readFileSync("spec.json", "utf8"));
let host = spec.host;
if (spec.hostFrom) {
  // An output of a resource that does not exist yet: unknown in a preview.
  const first = new docker.Provider("first", { host: spec.hostFrom });
  const marker = new docker.Volume("marker", {}, { provider: first });
  host = pulumi.all([spec.host, marker.mountpoint]).apply(([it]) => it);
}
const provider = new docker.Provider("engine", { ...spec.provider, host });
const at = { provider };
const network = new docker.Network("network", {}, at);
const volume = new docker.Volume("volume", {}, at);
const remote = new docker.RemoteImage("image", { name: spec.image, keepLocally: true }, at);
const built = spec.context && new docker.Image("built", {
  imageName: spec.registry + "/built:1",
  build: { context: spec.context },
  registry: { server: spec.registry },
}, at);
const made = {};
for (const [name, args] of Object.entries(spec.containers ?? {})) {
  made[name] = new docker.Container(name, {
    image: built && !spec.separate ? built.repoDigest : remote.imageId,
    command: ["sleep", "600"],
    destroyGraceSeconds: 0,
    networksAdvanced: [{ name: network.name }],
    volumes: [{ volumeName: volume.name, containerPath: "/data" }],
    ...args,
    envs: ["PLAIN=1", ...(args.secret ? [pulumi.secret("SECRET=" + args.secret)] : [])],
    secret: undefined,
  }, at);
}
export const ids = Object.fromEntries(Object.entries(made).map(([name, it]) => [name, it.id]));
export const digest = built && built.repoDigest;
export const envs = Object.fromEntries(Object.entries(made).map(([name, it]) => [name, it.envs]));
`;

const plugin = typeScriptArguments(resolve(import.meta.dirname, "../../../providers/docker/main.ts"));

interface Spec {
  host?: string;
  hostFrom?: string;
  provider?: Record<string, unknown>;
  image?: string;
  context?: string | undefined;
  registry?: string;
  /** The containers do not wait for what is built. */
  separate?: boolean;
  containers?: Record<string, Record<string, unknown>>;
}

let server: DockerServer;
let ssh: SshServer;
let project: EngineProject;
let spec: Spec = {};

const want = (changes: Spec) => {
  spec = { ...spec, ...changes };
  project.write("spec.json", JSON.stringify({ image, ...spec }));
};

async function containers(): Promise<Record<string, { id: string; running: boolean; memory: number }>> {
  const all = await server.docker.listContainers({ all: true });
  const found = await Promise.all(all.map(({ Id }) => server.docker.getContainer(Id).inspect()));
  return Object.fromEntries(
    found.map(({ Id, Name, State, HostConfig }) => [
      Name.slice(1).replace(/-[0-9a-f]{7}$/, ""),
      { id: Id, running: State.Running, memory: (HostConfig.Memory ?? 0) / 1024 ** 2 },
    ]),
  );
}

beforeAll(async () => {
  server = await startDockerServer();
  ssh = await startSshServer();
});
afterAll(async () => {
  await ssh?.stop();
  await server?.stop();
});
beforeEach(async () => {
  project = await EngineProject.create({ program, plugins: { docker: [process.execPath, ...plugin] } });
  spec = { host: server.host };
});
afterEach(async () => {
  await project.run("destroy", "--yes", "--skip-preview");
  project.discard();
});

describe("the stock SDK over this plugin", () => {
  it("brings up, keeps, changes in place, repairs and destroys", async () => {
    want({ containers: { web: { memory: 32, secret: "hush-hush-hush" }, worker: {} } });
    await project.up();
    const first = await containers();
    expect(first).toMatchObject({ web: { running: true, memory: 32 }, worker: { running: true } });

    expect(await project.plan(), "after the first update").toEqual({});
    await project.succeed("refresh", "--yes", "--skip-preview", "--expect-no-changes");
    expect(await project.plan(), "after a refresh").toEqual({});

    want({ containers: { web: { memory: 48, secret: "hush-hush-hush" }, worker: {} } });
    expect(await project.plan()).toEqual({ update: ["web"] });
    await project.up();
    const second = await containers();
    expect(second["web"]).toEqual({ ...first["web"], memory: 48 });

    await server.docker.getContainer(second["web"]!.id).remove({ force: true });
    await server.docker.getContainer(second["worker"]!.id).stop({ t: 0 });
    await project.up("--refresh");
    const third = await containers();
    expect(third["web"]).toMatchObject({ running: true, memory: 48 });
    expect(third["web"]!.id).not.toBe(second["web"]!.id);
    expect(third["worker"], "started in place").toEqual(second["worker"]);

    expect(project.transcript).not.toContain("hush-hush-hush");
    expect(project.stateText()).not.toContain("hush-hush-hush");
    expect((await project.outputs())["envs"]["web"]).toContain("SECRET=hush-hush-hush");

    await project.succeed("destroy", "--yes", "--skip-preview");
    expect(await containers()).toEqual({});
    const { Volumes } = await server.docker.listVolumes();
    expect(Volumes).toEqual([]);
    const networks = await server.docker.listNetworks();
    expect(networks.map(({ Name }) => Name).sort()).toEqual(["bridge", "host", "none"]);
  });

  it("creates the new container before it deletes the old one, except where a port is in the way", async () => {
    const port = { ports: [{ internal: 80, external: 18080 }] };
    want({ containers: { free: { hostname: "one" }, fixed: { hostname: "one", ...port } } });
    await project.up();
    const before = await containers();
    want({ containers: { free: { hostname: "two" }, fixed: { hostname: "two", ...port } } });
    const { stdout } = await project.up();
    const after = await containers();
    expect(after["free"]!.id).not.toBe(before["free"]!.id);
    expect(after["fixed"]!.id).not.toBe(before["fixed"]!.id);
    const operations = (name: string) =>
      stdout
        .split("\n")
        .flatMap((line) => (line.includes(`Container ${name} `) ? [line.trim().slice(0, 3)] : []));
    expect(operations("free").indexOf("++ ")).toBeLessThan(operations("free").indexOf("-- "));
    expect(operations("fixed").indexOf("-- ")).toBeLessThan(operations("fixed").indexOf("++ "));
  });

  it("carries containers over one SSH connection, and the engine's configuration as the SDK sends it", async () => {
    const names = Array.from({ length: 6 }, (_, n) => `many-${String(n).padStart(2, "0")}`);
    const before = ssh.connections();
    want({
      host: `ssh://root@127.0.0.1:${ssh.port}${server.socket}`,
      provider: {
        sshOpts: ssh.sshOpts,
        registryAuth: [{ address: "registry.test", username: "me", password: "password-of-the-registry" }],
      },
      containers: Object.fromEntries(names.map((name) => [name, {}])),
    });
    await project.up();
    expect(Object.keys(await containers()).sort()).toEqual(names);
    expect(ssh.connections() - before).toBe(1);
  });

  it("builds, pushes and runs by digest, and again when a file of the context changes", async () => {
    const context = mkdtempSync(join(tmpdir(), "berth-context-"));
    try {
      mkdirSync(join(context, "site"));
      writeFileSync(join(context, "Dockerfile"), `FROM ${image}\nCOPY site /srv\n`);
      writeFileSync(join(context, "site/index.html"), "one");
      want({ context, registry: await server.registry(), containers: { web: {} } });
      await project.up();
      const first = await project.outputs();
      expect(first["digest"]).toMatch(/^127\.0\.0\.1:\d+\/built@sha256:[0-9a-f]{64}$/);
      expect(await project.plan()).toEqual({});
      await project.succeed("refresh", "--yes", "--skip-preview", "--expect-no-changes");

      writeFileSync(join(context, "site/index.html"), "two");
      expect((await project.plan())["update"]).toEqual(["built"]);
      await project.up();
      const second = await project.outputs();
      expect(second["digest"]).not.toBe(first["digest"]);
      expect(second["ids"]["web"]).not.toBe(first["ids"]["web"]);

      writeFileSync(join(context, "Dockerfile"), `FROM ${image}\nRUN echo before the end && false\n`);
      const failed = await project.run("up", "--yes", "--skip-preview");
      expect(failed.code).not.toBe(0);
      expect(failed.stdout + failed.stderr).toContain("before the end");
    } finally {
      rmSync(context, { recursive: true });
    }
  });

  it("connects to nothing in a preview with an unknown host", async () => {
    const before = ssh.connections();
    want({
      hostFrom: server.host,
      host: `ssh://root@127.0.0.1:${ssh.port}${server.socket}`,
      provider: { sshOpts: ssh.sshOpts },
      containers: { web: {} },
    });
    expect((await project.plan())["create"]).toContain("web");
    expect(ssh.connections()).toBe(before);
    await project.up();
    expect(await containers()).toMatchObject({ web: { running: true } });
  });

  it("ends with a clear error, and soon, where no engine answers; what it can't ask about is not deleted", async () => {
    want({
      host: `ssh://root@127.0.0.1:${ssh.port}${server.socket}`,
      provider: { sshOpts: [...ssh.sshOpts, "-o", "ConnectTimeout=2"] },
      containers: { web: {} },
    });
    await project.up();
    const before = await containers();
    ssh.mute(true);
    try {
      const begun = Date.now();
      const { code, stdout, stderr } = await project.run("up", "--refresh", "--yes", "--skip-preview");
      expect(code).not.toBe(0);
      expect(stdout + stderr).toContain(`root@127.0.0.1:${ssh.port}: no SSH answer within 2 s.`);
      expect(Date.now() - begun).toBeLessThan(60_000);
    } finally {
      ssh.mute(false);
    }
    expect(project.resources()).toHaveProperty("web");
    await project.up("--refresh");
    expect(await containers()).toEqual(before);
  });

  it("ends soon on Ctrl-C, whatever it is doing, leaves nothing half made, and goes on next time", async () => {
    const context = mkdtempSync(join(tmpdir(), "berth-context-"));
    const healthcheck = { tests: ["CMD", "false"], interval: "10s", startPeriod: "60s" };
    const never = { healthcheck, wait: true, waitTimeout: 120, destroyGraceSeconds: 0 };
    try {
      writeFileSync(join(context, "Dockerfile"), `FROM ${image}\nRUN sleep 600\n`);
      want({ context, registry: await server.registry(), separate: true, containers: { web: never } });
      const running = project.start("up", "--yes", "--skip-preview");
      const names = async () => {
        const all = await server.docker.listContainers({ all: true });
        return all.map(({ Command, State }) => `${State} ${Command}`).sort();
      };
      // The container that waits for its health, and the one that the build runs in.
      const both = ["running /bin/sh -c 'sleep 600'", "running sleep 600"];
      await expect.poll(names, { timeout: 60_000 }).toEqual(both);
      const begun = Date.now();
      running.child.kill("SIGINT");
      const { code, stdout, stderr } = await running.output;
      expect(code).not.toBe(0);
      expect(Date.now() - begun).toBeLessThan(30_000);
      expect(stdout + stderr).toContain("create was cancelled");
      await expect.poll(names, { timeout: 30_000 }).toEqual([]);
      want({ context: undefined, containers: { web: {} } });
      await project.up();
      expect(await containers()).toMatchObject({ web: { running: true } });
    } finally {
      rmSync(context, { recursive: true });
    }
  });

  it("names every mistake in a container before anything is touched", async () => {
    want({ containers: { web: { restart: "sometimes", ports: [{ internal: 70000 }] } } });
    const { code, stdout, stderr } = await project.run("preview");
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain('"sometimes" is none of no, on-failure, always, unless-stopped');
    expect(stdout + stderr).toContain("70000 is not a port number");
  });
});
