import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DockerServer, image, startDockerServer } from "../../support/docker/dockerServer.js";
import { type SshServer, startSshServer } from "../../support/docker/sshServer.js";
import { EngineProject } from "../../support/engine.js";
import { typeScriptArguments } from "../../support/typeScriptProcess.js";

const program = `
import { readFileSync } from "node:fs";
import * as docker from "@pulumi/docker";

const spec = JSON.parse(readFileSync("spec.json", "utf8"));
const provider = new docker.Provider("engine", { host: spec.host, sshOpts: spec.sshOpts });
const network = new docker.Network("network", {}, { provider });
for (let n = 0; n < 60; n++) {
  new docker.Container("c" + String(n).padStart(2, "0"), {
    image: spec.image,
    command: ["sleep", "600"],
    hostname: spec.hostname,
    destroyGraceSeconds: 0,
    networksAdvanced: [{ name: network.name }],
  }, { provider });
}
`;
const plugin = typeScriptArguments(resolve(import.meta.dirname, "../../../providers/docker/main.ts"));

let server: DockerServer;
let ssh: SshServer;
let project: EngineProject;

beforeAll(async () => {
  server = await startDockerServer();
  // As few as sshd has by default: a plugin that opens one connection a call is refused some.
  ssh = await startSshServer(["MaxStartups 10:30:100"]);
  project = await EngineProject.create({ program, plugins: { docker: [process.execPath, ...plugin] } });
});
afterAll(async () => {
  await project?.run("destroy", "--yes", "--skip-preview");
  project?.discard();
  await ssh?.stop();
  await server?.stop();
});

describe("60 containers over ssh://, with the engine's own parallelism", { timeout: 10 * 60_000 }, () => {
  it("come up, are looked at, replaced and go, over one connection each time and without one failed call", async () => {
    const host = `ssh://root@127.0.0.1:${ssh.port}${server.socket}`;
    const want = (hostname: string) =>
      project.write("spec.json", JSON.stringify({ host, sshOpts: ssh.sshOpts, image, hostname }));
    const connectionsOf = async (work: () => Promise<unknown>) => {
      const before = ssh.connections();
      await work();
      return ssh.connections() - before;
    };
    const running = async () => (await server.docker.listContainers()).length;
    want("one");
    expect(await connectionsOf(() => project.up())).toBe(1);
    expect(await running()).toBe(60);
    const refresh = ["refresh", "--yes", "--skip-preview", "--expect-no-changes"];
    expect(await connectionsOf(() => project.succeed(...refresh))).toBe(1);
    want("two");
    expect(await connectionsOf(() => project.up())).toBe(1);
    expect(await running()).toBe(60);
    expect(await connectionsOf(() => project.succeed("destroy", "--yes", "--skip-preview"))).toBe(1);
    expect(await running()).toBe(0);
  });
});
