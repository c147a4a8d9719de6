import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packPlugin } from "../../../cli/packPlugin.js";
import { type DockerServer, image, startDockerServer } from "../../support/docker/dockerServer.js";
import { type SshServer, startSshServer } from "../../support/docker/sshServer.js";
import { EngineProject } from "../../support/engine.js";

const dir = resolve(import.meta.dirname, "../../..");

const program = `
import { readFileSync } from "node:fs";
import * as docker from "@pulumi/docker";
const { host, sshOpts, image } = JSON.parse(readFileSync("spec.json", "utf8"));
const provider = new docker.Provider("engine", { host, sshOpts });
export const id = new docker.Container("web", { image, command: ["sleep", "600"], destroyGraceSeconds: 0 }, { provider }).id;
`;

let server: DockerServer;
let ssh: SshServer;
let project: EngineProject;

beforeAll(async () => {
  server = await startDockerServer();
  ssh = await startSshServer();
  // With nothing said about where plugins are: the engine looks for one that was installed.
  project = await EngineProject.create({ program, plugins: {} });
});
afterAll(async () => {
  await project?.run("destroy", "--yes", "--skip-preview");
  project?.discard();
  await ssh?.stop();
  await server?.stop();
});

describe("the plugin as one file", () => {
  it("is installed by the engine, tells its schema, and runs the stock SDK without this checkout", async () => {
    execFileSync(process.execPath, [join(dir, "toolchain/compile.mjs")]);
    const file = await packPlugin({ dir });
    try {
      await project.succeed("plugin", "install", "resource", "docker", "5.2.0", "--file", file);
    } finally {
      rmSync(file);
    }
    const listed = JSON.parse((await project.succeed("plugin", "ls", "--json")).stdout);
    expect(listed).toContainEqual(
      expect.objectContaining({ name: "docker", version: "5.2.0", kind: "resource" }),
    );
    const installed = join(project.dir, "home/plugins/resource-docker-v5.2.0/pulumi-resource-docker");
    // It is what the file held, and nothing that leads back here.
    expect(filesWith(dir, dirname(installed))).toEqual([]);
    const schema = JSON.parse((await project.succeed("package", "get-schema", installed)).stdout);
    expect(schema).toMatchObject({ name: "docker", version: "5.2.0" });

    const host = `ssh://root@127.0.0.1:${ssh.port}${server.socket}`;
    project.write("spec.json", JSON.stringify({ host, sshOpts: ssh.sshOpts, image }));
    await project.up();
    const { id } = await project.outputs();
    expect((await server.docker.getContainer(id).inspect()).State.Running).toBe(true);
    expect(await project.plan()).toEqual({});
    await project.succeed("destroy", "--yes", "--skip-preview");
    expect(await server.docker.listContainers({ all: true })).toEqual([]);
  });
});

function filesWith(text: string, folder: string): string[] {
  return readdirSync(folder).filter((name) => readFileSync(join(folder, name), "utf8").includes(text));
}
