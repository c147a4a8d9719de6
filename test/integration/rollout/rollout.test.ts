import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type DockerServer, image, startDockerServer } from "../../support/docker/dockerServer.js";
import { EngineProject } from "../../support/engine.js";
import { typeScriptArguments } from "../../support/typeScriptProcess.js";

/**
 * A service on one machine, whose Docker is the test's, and after it a gate in the load balancer's place: a step that
 * comes once the service's containers run, knows their ports, and fails where it is told to.
 */
const program = `
import { Service } from "@berth/components";
import { place } from "@berth/components/placement";
import { parseTopology } from "@berth/components/topology";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { readFileSync } from "node:fs";
import { placementInForce } from "./placementInForce.js";

const spec = JSON.parse(readFileSync("spec.json", "utf8"));
const topology = parseTopology({
  images: { debian: { manifest: "image.json" } },
  containerImages: { app: { context: "." } },
  machines: { one: {} },
  services: { web: { image: "app", port: 8080, replicas: spec.replicas } },
}, { stack: "dev" });
const { seats, held } = await placementInForce();
const provider = new docker.Provider("engine", { host: spec.host });
const runtime = {
  machine: { name: "one", address: "127.0.0.1" },
  pull: () => ({ imageId: pulumi.output(spec.image) }),
  resident: (parent) => ({ parent, provider }),
};
// The machine's address is loopback here, whatever the topology says.
const [{ address }] = topology.machines;
const here = held.map((one) => ({ ...one, address }));
const replicas = Object.fromEntries(place(topology, seats, {}, here).replicas.map(({ key, port, nextPort }) => {
  const { revision, image } = seats[key] ?? {};
  return [key, { runtime, port, ...(seats[key] && { running: { revision, image, nextPort } }) }];
}));
const service = new Service("web", {
  image: spec.image,
  port: 8080,
  replicas,
  command: ["sh", "-c", spec.run],
  secretEnv: { TOKEN: "hush-hush-hush" },
  revisionKey: pulumi.secret("key"),
  stopGraceSeconds: 1,
});
const ports = pulumi.all(service.endpoints.map(({ port }) => port));
new docker.Container("gate", {
  image: spec.image,
  command: ["sh", "-c", pulumi.interpolate\`echo the gate is shut for \${ports}; exit \${spec.gate}\`],
  attach: true,
}, { provider, dependsOn: [service] });
export const answersOn = ports;
`;

const plugin = (name: string) => [
  process.execPath,
  ...typeScriptArguments(resolve(import.meta.dirname, `../../../providers/${name}/main.ts`)),
];
const serve = (page: string) => `echo ${page} >/srv/index.html; exec httpd -f -p 8080 -h /srv`;

let server: DockerServer;
let project: EngineProject;
let spec: Record<string, unknown>;
const want = (changes: Record<string, unknown>) => {
  spec = { ...spec, ...changes };
  project.write("spec.json", JSON.stringify(spec));
};
beforeAll(async () => {
  server = await startDockerServer();
  project = await EngineProject.create({
    program,
    plugins: { docker: plugin("docker"), berth: plugin("berth") },
  });
  for (const name of ["placementInForce", "portsInState"]) {
    const source = readFileSync(resolve(import.meta.dirname, `../../../stacks/${name}.ts`), "utf8");
    project.write(`${name}.js`, stripTypeScriptTypes(source));
  }
  spec = { host: server.host, image, replicas: 1, gate: 0 };
});
afterAll(async () => {
  await project?.run("destroy", "--yes", "--skip-preview");
  project?.discard();
  await server?.stop();
});

/** What runs: of each container of the service its host port and the page that it serves. */
async function running(): Promise<string[]> {
  const filters = { label: ["berth.service=web"] };
  const found = await server.docker.listContainers({ filters });
  const pages = found.map(async ({ Id, Ports }) => {
    const { output } = await exec(Id, ["cat", "/srv/index.html"]);
    return `${Ports[0]!.PublicPort} ${output}`;
  });
  return (await Promise.all(pages)).sort();
}

async function exec(id: string, Cmd: string[]): Promise<{ output: string }> {
  const started = await server.docker.getContainer(id).exec({ Cmd, AttachStdout: true, Tty: true });
  const stream = await started.start({ Tty: true });
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  return { output: Buffer.concat(chunks).toString().trim() };
}

const fails = async () => {
  const { code, stdout, stderr } = await project.run("up", "--yes", "--skip-preview");
  expect(code).not.toBe(0);
  return stdout + stderr;
};

test("a replica starts on the service's own port, and stays there while nothing changes", async () => {
  want({ run: serve("one") });
  await project.up();
  expect(await running()).toEqual(["8080 one"]);
  await project.up("--expect-no-changes");
});

test("a changed one starts beside it on the next port, which the preview shows, and the old one goes at the end", async () => {
  want({ run: serve("two") });
  const { stdout } = await project.succeed("preview", "--diff");
  expect(stdout).toMatch(/external *: 8080 => 8081/);
  expect(stdout).toMatch(/\+-docker:index\/container:Container: \(replace\)/);
  await project.up();
  expect(await running()).toEqual(["8081 two"]);
});

test("where a later step fails, the old one goes on beside the new one, however often, and no port is taken twice", async () => {
  want({ run: serve("three"), gate: 1 });
  expect(await fails()).toContain("the gate is shut for 8080");
  expect(await running()).toEqual(["8080 three", "8081 two"]);
  // The engine knows of both, and its next update deletes nothing before the step has been tried again.
  want({ run: serve("four") });
  expect(await fails()).toContain("the gate is shut for 8082");
  expect(await running()).toEqual(["8080 three", "8081 two", "8082 four"]);
});

test("one that ends at once fails the update with its last words, is removed, and nothing else goes", async () => {
  want({ run: "echo no configuration; exit 3", gate: 0 });
  expect(await fails()).toContain("no configuration");
  expect(await running()).toEqual(["8080 three", "8081 two", "8082 four"]);
});

test("the next good update leaves exactly what is declared, a replica more included", async () => {
  want({ run: serve("five"), replicas: 2 });
  await project.up();
  const now = await running();
  expect(now.map((one) => one.split(" ")[1])).toEqual(["five", "five"]);
  for (const port of [8080, 8081, 8082]) expect(now.join()).not.toContain(`${port} `);
  await project.up("--expect-no-changes");
  expect(await running()).toEqual(now);
});

test("no secret is printed or lies in the state", () => {
  for (const text of [project.transcript, project.stateText()]) expect(text).not.toContain("hush-hush-hush");
});
