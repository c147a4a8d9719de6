import { once } from "node:events";
import { rmSync } from "node:fs";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  connectDocker,
  type DockerConnection,
  type DockerTarget,
  DockerUnreachableError,
} from "../../../providers/connection/index.js";
import { type DockerServer, image, startDockerServer } from "../../support/docker/dockerServer.js";
import { type SshServer, startSshServer } from "../../support/docker/sshServer.js";

let server: DockerServer;
let ssh: SshServer;
const open: DockerConnection[] = [];

beforeAll(async () => {
  server = await startDockerServer();
  ssh = await startSshServer();
});
afterEach(() => {
  for (const connection of open.splice(0)) connection.close();
});
afterAll(async () => {
  await ssh?.stop();
  await server?.stop();
});

function connect(target: DockerTarget): DockerConnection["docker"] {
  const connection = connectDocker(target);
  open.push(connection);
  return connection.docker;
}

const overSsh = (): DockerTarget => ({
  host: `ssh://root@127.0.0.1:${ssh.port}${server.socket}`,
  sshOpts: ssh.sshOpts,
});

describe("connectDocker", () => {
  it("speaks the engine's own API version over its unix socket", async () => {
    const docker = connect({ host: server.host });
    const version = await docker.version();
    expect((docker.modem as { version?: string }).version).toBe(`v${version.ApiVersion}`);
  });

  it("tells a missing object from an engine that can't be reached", async () => {
    const missing = connect({ host: server.host }).getContainer("nobody").inspect();
    await expect(missing).rejects.toMatchObject({ statusCode: 404 });
    const unreachable = connect({ host: "unix:///nowhere/docker.sock" }).getContainer("nobody").inspect();
    await expect(unreachable).rejects.toBeInstanceOf(DockerUnreachableError);
    await expect(unreachable).rejects.toThrow(
      "Docker at unix:///nowhere/docker.sock can't be reached: connect ENOENT /nowhere/docker.sock. " +
        "Docker is not running there.",
    );
    await expect(connect({ host: "tcp://127.0.0.1:1" }).ping()).rejects.toBeInstanceOf(
      DockerUnreachableError,
    );
  });

  it("sends 60 calls at once, and large bodies both ways, over one SSH connection", async () => {
    const before = ssh.connections();
    const clients = [connect(overSsh()), connect(overSsh())];
    const names = Array.from({ length: 60 }, (_, n) => `many-${n}`);
    await Promise.all(
      names.map((name, n) => clients[n % 2]?.createContainer({ name, Image: image, Cmd: ["true"] })),
    );
    const tar = await clients[0]?.getImage(image).get();
    let bytes = 0;
    for await (const chunk of tar as AsyncIterable<Buffer>) bytes += chunk.length;
    expect(bytes).toBeGreaterThan(1_000_000);
    const all = await clients[0]?.listContainers({ all: true });
    expect(all?.map((container) => container.Names[0]).sort()).toEqual(
      names.map((name) => `/${name}`).sort(),
    );
    await Promise.all(names.map((name, n) => clients[n % 2]?.getContainer(name).remove()));
    expect(ssh.connections() - before).toBe(1);
  });

  it("talks over SSH with a program in a container, which ends when it is told no more", async () => {
    const docker = connect(overSsh());
    const container = await docker.createContainer({ Image: image, Cmd: ["sleep", "600"] });
    try {
      await container.start();
      const attach = { AttachStdin: true, AttachStdout: true, AttachStderr: true };
      const exec = await container.exec({ ...attach, Cmd: ["cat"] });
      const stream = await exec.start({ hijack: true, stdin: true });
      const output = new PassThrough();
      container.modem.demuxStream(stream, output, output);
      stream.on("end", () => output.end());
      stream.write("a question\n");
      expect(String((await once(output, "data"))[0])).toBe("a question\n");
      stream.end("the last one\n");
      expect(await text(output)).toBe("the last one\n");
      expect((await exec.inspect()).ExitCode).toBe(0);
    } finally {
      await container.remove({ force: true });
    }
  });

  it("says that a call was cut off, and connects anew for the next", async () => {
    const docker = connect(overSsh());
    const container = await docker.createContainer({ Image: image, Cmd: ["sleep", "60"] });
    await container.start();
    const waiting = container.wait();
    await docker.ping();
    ssh.cut();
    await expect(waiting).rejects.toBeInstanceOf(DockerUnreachableError);
    await container.remove({ force: true });
  });

  it("names what is wrong on the other side of SSH", async () => {
    const nothing = connect({ ...overSsh(), host: `ssh://root@127.0.0.1:${ssh.port}/nowhere/docker.sock` });
    await expect(nothing.ping()).rejects.toThrow(
      "nothing answers at /nowhere/docker.sock there: Docker is not installed or not running",
    );
    const stranger = connect({ ...overSsh(), host: `ssh://daemon@127.0.0.1:${ssh.port}` });
    await expect(stranger.ping()).rejects.toBeInstanceOf(DockerUnreachableError);
    await expect(stranger.ping()).rejects.toThrow("log-in refused");
    const unknown = connect({ host: `ssh://root@localhost:${ssh.port}`, sshOpts: ssh.sshOpts });
    await expect(unknown.ping()).rejects.toThrow(`no host key of [localhost]:${ssh.port} is known`);
  });

  it("goes through the docker command where the server forbids forwarding", async () => {
    const strict = await startSshServer(["AllowStreamLocalForwarding no"]);
    try {
      const host = `ssh://root@127.0.0.1:${strict.port}${server.socket}`;
      const docker = connect({ host, sshOpts: strict.sshOpts });
      const versions = await Promise.all(Array.from({ length: 20 }, () => docker.version()));
      expect(versions).toHaveLength(20);
      expect(strict.connections()).toBe(1);
    } finally {
      await strict.stop();
    }
  });

  it("finds an engine that was killed and started again", async () => {
    const docker = connect(overSsh());
    await docker.ping();
    await server.kill();
    rmSync(server.socket, { force: true });
    await expect(docker.ping()).rejects.toBeInstanceOf(DockerUnreachableError);
    await server.start();
    await expect(docker.ping()).resolves.toBeDefined();
  });
});
