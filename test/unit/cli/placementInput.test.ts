import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { imageDigests, readTopology, runningSeats } from "../../../cli/placementInput.js";

const config = (more: string) => `config:
  other:key: 1
  berth:images: { debian: { manifest: image.json } }
  berth:machines: { web-1: {}, web-2: {} }
  berth:containerImages: { web: { context: web } }
  berth:services: { web: { port: 80, secrets: { TOKEN: token } } }
${more}`;

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "berth-unit-"));
  mkdirSync(join(dir, "stacks"));
});
afterEach(() => rmSync(dir, { recursive: true }));

const project = () => ({ dir, home: join(dir, ".berth"), cache: join(dir, "cache") });
const write = (text: string) => writeFileSync(join(dir, "stacks/Pulumi.dev.yaml"), text);

test("a stack's file is read as the program would read it, its secrets unopened", () => {
  write(config("  berth:secrets: { token: { secure: v1:abc } }\n"));
  const topology = readTopology(project(), { stack: "dev" });
  expect(topology.machines.map(({ name }) => name)).toEqual(["web-1", "web-2"]);
  expect(topology.secrets).toEqual(["token"]);
  expect(JSON.stringify(topology)).not.toContain("v1:abc");
});

test("an encrypted value elsewhere is refused, as the program refuses it", () => {
  write(
    config(
      "  berth:secrets: { token: { secure: v1:abc } }\n  berth:placement: { prefer: { secure: v1:def } }\n",
    ),
  );
  expect(() => readTopology(project(), { stack: "dev" })).toThrow(
    "berth:placement: holds an encrypted value",
  );
});

test("a stack without a file is told where it would be", () => {
  expect(() => readTopology(project(), { stack: "dev" })).toThrow(
    `stack "dev" has no configuration: there is no ${join(dir, "stacks/Pulumi.dev.yaml")}`,
  );
});

test("where nothing was ever set up, nothing runs", async () => {
  expect(await runningSeats(project(), "dev")).toEqual({});
});

test("an image's digest is its manifest's, under the project's home or beside its files", () => {
  const secrets = "  berth:secrets: { token: { secure: v1:abc } }\n";
  write(config(secrets).replace("{ manifest: image.json }", "{ manifest: .berth/images/one/image.json }"));
  expect(imageDigests(project(), readTopology(project(), { stack: "dev" }))).toEqual({});
  mkdirSync(join(dir, ".berth/images/one"), { recursive: true });
  writeFileSync(join(dir, ".berth/images/one/image.json"), JSON.stringify({ sha256: "abc" }));
  expect(imageDigests(project(), readTopology(project(), { stack: "dev" }))).toEqual({ debian: "abc" });
});
