import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EngineProject } from "../../support/engine.js";

/** Containers as the state has them, one with a secret in its environment, and the placement that the program read, as its output. */
const program = `
import * as pulumi from "@pulumi/pulumi";
import { readFileSync } from "node:fs";
import { placementInForce } from "./placementInForce.js";
export const { seats, held } = await placementInForce();
const { replicas } = JSON.parse(readFileSync("replicas.json", "utf8"));
class Service extends pulumi.ComponentResource {
  constructor() { super("berth:index:Service", "web", {}); }
}
class Container extends pulumi.ComponentResource {
  constructor(name, machine, port, parent) {
    super("docker:index/container:Container", name, {}, { parent });
    this.registerOutputs({
      image: "sha256:0123",
      memory: 64,
      labels: [
        { label: "berth.service", value: "web" },
        { label: "berth.replica", value: name },
        { label: "berth.machine", value: machine },
        { label: "berth.revision", value: "of " + name },
      ],
      envs: pulumi.secret(["TOKEN=hunter2"]),
      ports: [{ external: port, internal: 80, ip: "192.168.130.11" }],
    });
  }
}
const service = new Service();
for (const [name, machine, port] of replicas) new Container(name, machine, port, service);
`;

let project: EngineProject;
beforeAll(async () => {
  project = await EngineProject.create({ program, plugins: {} });
  for (const name of ["placementInForce", "portsInState"]) {
    const source = readFileSync(new URL(`../../../stacks/${name}.ts`, import.meta.url), "utf8");
    project.write(`${name}.js`, stripTypeScriptTypes(source));
  }
});
afterAll(() => project?.discard());

const replicas = (...list: unknown[]) => project.write("replicas.json", JSON.stringify({ replicas: list }));
const seat = (machine: string, port: number, replica: string) => ({
  machine,
  port,
  revision: `of ${replica}`,
  image: "sha256:0123",
  limits: ["memory"],
});
const held = (...ports: number[]) => ports.map((port) => ({ address: "192.168.130.11", port }));

test("nothing is in force before the first update; then it is what the last one left", async () => {
  replicas(["web-1", "m-1", 80], ["web-2", "m-2", 81]);
  await project.up();
  expect(await project.outputs()).toEqual({ seats: {}, held: [] });
  replicas(["web-1", "m-1", 80]);
  await project.up();
  expect(await project.outputs()).toEqual({
    seats: { "web-1": seat("m-1", 80, "web-1"), "web-2": seat("m-2", 81, "web-2") },
    held: held(80, 81),
  });
  await project.up();
  expect(await project.outputs()).toEqual({ seats: { "web-1": seat("m-1", 80, "web-1") }, held: held(80) });
  expect(project.transcript).not.toContain("hunter2");
});
