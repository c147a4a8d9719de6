import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { storedBuilder } from "../../../providers/docker/buildx/builderStore.js";
import { buildxBuilder } from "../../../providers/docker/buildx/buildxBuilder.js";
import { configure } from "../../../providers/docker/configuration.js";
import { remoteImage } from "../../../providers/docker/image/remoteImage.js";
import { builtTool } from "../../support/builtTool.js";
import { type DockerServer, image, startDockerServer } from "../../support/docker/dockerServer.js";
import { callOn, Lifecycle, type TestCall } from "../../support/docker/lifecycle.js";
import { liveThrough } from "../../support/docker/liveThrough.js";
import { buildxRows } from "../../support/docker/rows/buildxRows.js";
import type { World } from "../../support/docker/rows/row.js";
import { type SshServer, startSshServer } from "../../support/docker/sshServer.js";
import { newestEngine } from "../../support/dockerEngine.js";

let server: DockerServer;
let ssh: SshServer;
const folder = mkdtempSync(join(tmpdir(), "berth-buildx-"));
const context = join(folder, "context");
const variables = ["DOCKER_CONFIG", "KUBECONFIG", "PATH"] as const;
const before = Object.fromEntries(variables.map((name) => [name, process.env[name]]));

/** What a cluster's administrator would hand out. */
const kubeconfig = {
  apiVersion: "v1",
  kind: "Config",
  "current-context": "test",
  clusters: [{ name: "test", cluster: { server: "https://127.0.0.1:1" } }],
  users: [{ name: "test", user: { token: "token" } }],
  contexts: [{ name: "test", context: { cluster: "test", user: "test" } }],
};

beforeAll(async () => {
  const { binDir } = await builtTool({
    name: "docker-buildx",
    modulePath: "github.com/docker/buildx",
    programs: { "docker-buildx": "cmd/buildx" },
    versionVariable: "version.Version",
  });
  process.env["PATH"] = `${binDir}:${before["PATH"]}`;
  process.env["DOCKER_CONFIG"] = join(folder, "docker");
  process.env["KUBECONFIG"] = join(folder, "kubeconfig");
  mkdirSync(context);
  writeFileSync(process.env["KUBECONFIG"], JSON.stringify(kubeconfig));
  writeFileSync(
    join(context, "Dockerfile"),
    `FROM ${image}\nARG WHO\nCOPY upload.txt /srv/\nRUN echo "for $WHO" > /srv/who\n`,
  );
  writeFileSync(join(context, "upload.txt"), "c");
  writeFileSync(join(context, "buildkitd.toml"), "debug = true\n");
  server = await startDockerServer([], await newestEngine());
  ssh = await startSshServer();
});
afterAll(async () => {
  for (const [name, value] of Object.entries(before)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  await ssh?.stop();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const call = (name: string) => callOn(server.host, name, 5 * 60_000);
const rows = buildxRows({ image, folder: context } as unknown as World);

describe("docker.BuildxBuilder", () => {
  beforeAll(() => {
    const env = { ...process.env, DOCKER_HOST: server.host };
    const remote = ["--driver", "remote", "tcp://127.0.0.1:3"];
    execFileSync("docker-buildx", ["create", "--name", "builder-common", "--node", "base", ...remote], {
      env,
    });
  });
  const inCluster = rows.filter(({ one }) => one.kubernetes !== undefined);
  const others = rows.filter((row) => row.type === "BuildxBuilder" && !inCluster.includes(row));
  it.each(others)("$name", async (row) => {
    await liveThrough(buildxBuilder as never, call(row.name), row);
  });

  it.each(inCluster)("$name, whose cluster is asked nothing until it is booted", async (row) => {
    const life = await new Lifecycle(buildxBuilder, call(row.name)).create(row.one);
    try {
      expect(await life.diff()).toEqual([]);
      expect(await life.diff(row.other)).toEqual(row.change);
      expect(storedBuilder(life.id)).toMatchObject({
        Driver: "kubernetes",
        Nodes: [
          {
            DriverOpts: {
              "limits.ephemeral-storage": "1Gi",
              "qemu.install": "true",
              tolerations: "key=d,operator=Exists",
            },
          },
        ],
      });
    } finally {
      // The client forgets it all the same.
      await expect(life.delete()).rejects.toThrow(/docker buildx rm failed.*127\.0\.0\.1:1/s);
    }
    expect(await life.refresh()).toBeUndefined();
    await life.delete();
  });

  it("leaves alone what others made, and says so", async () => {
    const taken = new Lifecycle(buildxBuilder, call("taken")).create({ name: "builder-common" });
    await expect(taken).rejects.toThrow('buildx has a builder "builder-common" already.');
    expect(readdirSync(join(folder, "docker/buildx/instances"))).toEqual(["builder-common"]);
  });

  it("fails with the client's words and leaves nothing where it can't be booted", async () => {
    const builder = { driver: "remote", endpoint: "tcp://127.0.0.1:1", bootstrap: true, name: "nowhere" };
    const broken = new Lifecycle(buildxBuilder, callOn(server.host, "broken", 60_000)).create(builder);
    await expect(broken).rejects.toThrow(/docker buildx create failed|timed out|aborted/i);
    expect(readdirSync(join(folder, "docker/buildx/instances"))).toEqual(["builder-common"]);
  });
});

describe("docker.RemoteImage with docker buildx", () => {
  it.each(rows.filter(({ type }) => type === "RemoteImage"))("$name", async (row) => {
    await liveThrough(remoteImage as never, call(row.name), row);
  });

  it("builds over ssh://, on this plugin's connection, with secrets and another context", async () => {
    const more = join(folder, "more");
    mkdirSync(more);
    writeFileSync(join(more, "file"), "from elsewhere");
    const own = join(folder, "own");
    mkdirSync(own);
    const mount = "RUN --mount=type=secret,id=token,required";
    writeFileSync(
      join(own, "Dockerfile"),
      `FROM ${image}\nCOPY --from=more file /srv/\n${mount} wc -c < /run/secrets/token > /srv/size\n`,
    );
    writeFileSync(join(folder, "token"), "hush-hush-hush");
    const host = `ssh://root@127.0.0.1:${ssh.port}${server.socket}`;
    const connections = ssh.connections();
    const remote: TestCall = {
      ...call("ssh"),
      config: configure({ host, sshOpts: JSON.stringify(ssh.sshOpts) }, {}),
    };
    const logFile = join(folder, "build.log");
    const life = await new Lifecycle(remoteImage, remote).create({
      name: "local/over-ssh:1",
      build: {
        context: own,
        additionalContexts: [`more=${more}`],
        secrets: [{ id: "token", src: join(folder, "token") }],
        buildLogFile: logFile,
      },
    });
    expect(ssh.connections() - connections).toBe(1);
    expect(readFileSync(logFile, "utf8")).toContain("COPY --from=more file /srv/");
    const container = await server.docker.createContainer({
      Image: life.state.imageId,
      Cmd: ["cat", "/srv/file", "/srv/size"],
      Tty: true,
    });
    await container.start();
    await container.wait();
    const log = (await container.logs({ stdout: true })) as unknown as Buffer;
    await container.remove();
    expect(log.toString()).toMatch(/^from elsewhere14\s*$/);
    await life.delete();
    remote.config.engine.close();
    expect(existsSync(join(tmpdir(), `pulumi-docker-${process.getuid?.()}`))).toBe(false);
  });

  it("fails with the build's last lines", async () => {
    const broken = join(folder, "broken");
    mkdirSync(broken);
    writeFileSync(join(broken, "Dockerfile"), `FROM ${image}\nRUN echo the reason; exit 9\n`);
    const build = { context: broken, builder: "default" };
    const creation = new Lifecycle(remoteImage, call("broken")).create({ name: "local/broken:1", build });
    await expect(creation).rejects.toThrow(/docker buildx build failed.*the reason/s);
  });
});
