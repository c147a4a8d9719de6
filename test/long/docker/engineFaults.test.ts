import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { urnLabel } from "../../../providers/docker/plain.js";
import { type DockerServer, image, startDockerServer } from "../../support/docker/dockerServer.js";
import { type SshServer, startSshServer } from "../../support/docker/sshServer.js";
import { EngineProject } from "../../support/engine.js";
import { typeScriptArguments } from "../../support/typeScriptProcess.js";

const program = `
import { readFileSync } from "node:fs";
import * as docker from "@pulumi/docker";

const spec = JSON.parse(readFileSync("spec.json", "utf8"));
const provider = new docker.Provider("engine", { host: spec.host, sshOpts: spec.sshOpts });
if (spec.count > 0) {
  const network = new docker.Network("network", {}, { provider });
  new docker.Volume("volume", {}, { provider });
  for (let n = 0; n < spec.count; n++) {
    new docker.Container("c" + String(n).padStart(2, "0"), {
      image: spec.image,
      command: ["sleep", "600"],
      hostname: spec.hostname,
      memory: spec.memory,
      destroyGraceSeconds: 0,
      networksAdvanced: [{ name: network.name }],
    }, { provider });
  }
}
if (spec.context) new docker.Image("built", {
  imageName: "local/built:1", skipPush: true, build: { context: spec.context, args: { AT: spec.at } },
}, { provider });
`;
const plugin = typeScriptArguments(resolve(import.meta.dirname, "../../../providers/docker/main.ts"));
const count = 8;

let server: DockerServer;
let ssh: SshServer;
let project: EngineProject;
const context = mkdtempSync(join(tmpdir(), "berth-context-"));

beforeAll(async () => {
  server = await startDockerServer();
  ssh = await startSshServer();
  // A step that is still on its way when the fault comes.
  writeFileSync(join(context, "Dockerfile"), `FROM ${image}\nARG AT\nRUN sleep 3 && echo "$AT" > /srv/at\n`);
});
afterAll(async () => {
  await ssh?.stop();
  await server?.stop();
  rmSync(context, { recursive: true });
});
beforeEach(async () => {
  project = await EngineProject.create({ program, plugins: { docker: [process.execPath, ...plugin] } });
});
afterEach(async () => {
  await project.run("destroy", "--yes", "--skip-preview");
  project.discard();
});

const want = (spec: Record<string, unknown>) => {
  const host = `ssh://root@127.0.0.1:${ssh.port}${server.socket}`;
  const all = { host, sshOpts: ssh.sshOpts, image, count, hostname: "one", memory: 32, ...spec };
  project.write("spec.json", JSON.stringify(all));
};

/** What the engine has of this plugin's making: running containers, and all of them with networks and volumes. */
async function there(): Promise<{ running: number; all: number }> {
  const filters = { label: [urnLabel] };
  const { docker } = server;
  const containers = await docker.listContainers({ all: true, filters });
  const { Volumes } = await docker.listVolumes({ filters: JSON.stringify(filters) });
  const networks = await docker.listNetworks({ filters });
  return {
    running: containers.filter(({ State }) => State === "running").length,
    all: containers.length + Volumes.length + networks.length,
  };
}

const update = ["up", "--yes", "--skip-preview"];

/** What is going on when the fault comes: from which state to which, by which command, and how far it is. */
const operations: {
  name: string;
  from?: Record<string, unknown>;
  to: Record<string, unknown>;
  command?: string[];
  until: string;
  left?: number;
}[] = [
  { name: "a creation", to: {}, until: "c00 created" },
  { name: "a replacement", from: {}, to: { hostname: "two" }, until: "c00 created replacement" },
  { name: "an update in place", from: {}, to: { memory: 48 }, until: "c00 updated" },
  {
    name: "a refresh",
    from: {},
    to: {},
    command: ["refresh", "--yes", "--skip-preview"],
    until: "c00 refreshing",
  },
  {
    name: "a destruction",
    from: {},
    to: {},
    command: ["destroy", "--yes", "--skip-preview"],
    until: "deleted",
    left: 0,
  },
  { name: "a build", to: { count: 0, context, at: "1" }, until: "built creating", left: 0 },
];

/** What a fault does, and what it is until it is over. */
const faults: [name: string, fault: () => Promise<void>][] = [
  ["the SSH connection is cut", async () => ssh.cut()],
  [
    "dockerd is killed and started again",
    async () => {
      await server.kill();
      await server.start();
    },
  ],
  [
    "dockerd is restarted",
    async () => {
      await server.shutDown();
      await server.start();
    },
  ],
];

describe.each(faults)("in the middle, %s", (_name, fault) => {
  it.each(operations)("of $name: a clear error, and the next one goes on", async (operation) => {
    const { from, to, command = update, until, left = count } = operation;
    if (from) {
      want(from);
      await project.up();
    }
    want(to);
    const running = project.start(...command);
    await running.printed(until);
    await fault();
    const { code, stdout, stderr } = await running.output;
    if (code !== 0) expect(stdout + stderr).toMatch(/can't be reached|connection was lost|is not running/);
    expect(stdout + stderr).not.toMatch(/unhandled|TypeError|at .*\.ts:\d+/i);
    if (command[0] === "destroy") {
      await project.succeed(...command);
    } else {
      // Containers that ended with the engine are started again in place.
      await project.up("--refresh");
      expect(await project.plan()).toEqual({});
    }
    expect(await there()).toEqual({ running: left, all: left === 0 ? 0 : left + 2 });
  });
});
