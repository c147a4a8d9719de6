import { createHash } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test as base, describe, expect } from "vitest";
import { EngineProject } from "../../support/engine.js";
import { typeScriptArguments } from "../../support/typeScriptProcess.js";

const program = `
import { readFileSync } from "node:fs";
import * as berth from "@berth/sdk";

const want = JSON.parse(readFileSync("want.json", "utf8"));
const made = {};
for (const [name, { type, args, later = {} }] of Object.entries(want)) {
  const inputs = { ...args };
  for (const [input, [resource, output]] of Object.entries(later)) inputs[input] = made[resource][output];
  made[name] = new berth[type](name, inputs);
}
export const out = made;
export const connected = made.engine?.version;
`;

interface Wanted {
  readonly type: string;
  readonly args?: Readonly<Record<string, unknown>>;
  /** Inputs that are outputs of others. */
  readonly later?: Readonly<Record<string, readonly [string, string]>>;
}

interface Stack {
  readonly project: EngineProject;
  want(resources: Readonly<Record<string, Wanted>>): void;
}

const main = fileURLToPath(new URL("../../../providers/berth/main.ts", import.meta.url));

const test = base.extend<{ stack: Stack }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads what a fixture needs from its pattern
  stack: async ({}, use) => {
    const plugins = { berth: [process.execPath, ...typeScriptArguments(main)] };
    const project = await EngineProject.create({ program, plugins });
    await use({ project, want: (resources) => project.write("want.json", JSON.stringify(resources)) });
    project.discard();
  },
});

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

describe("the plugin berth under the real engine", () => {
  test("makes what lives in the state once, and keeps its secrets", async ({ stack: { project, want } }) => {
    const certificate = { type: "Certificate", args: { commonName: "registry", ipAddresses: ["127.0.0.1"] } };
    want({ key: { type: "SshKey", args: { comment: "first" } }, certificate });
    expect(await project.plan()).toEqual({ create: ["certificate", "key", "program-dev"] });
    await project.up();
    await project.up("--refresh", "--expect-no-changes");
    const before = (await project.outputs())["out"];
    expect(before.key.publicKey).toMatch(/ first$/);

    want({ key: { type: "SshKey", args: { comment: "second" } }, certificate });
    expect(await project.plan()).toEqual({ update: ["key"] });
    await project.up();
    const after = (await project.outputs())["out"];
    expect(after.key.publicKey).toBe(before.key.publicKey.replace("first", "second"));
    expect(after.key.privateKey).toBe(before.key.privateKey);

    want({ key: { type: "SshKey" }, certificate: { ...certificate, args: { commonName: "other" } } });
    expect(await project.plan()).toEqual({ replace: ["certificate"], update: ["key"] });
    for (const text of [project.transcript, project.stateText()]) {
      expect(text).not.toContain("PRIVATE KEY");
      expect(text).not.toContain(before.key.privateKey.split("\n")[2]);
    }
    await project.succeed("destroy", "--yes", "--skip-preview");
  });

  test("finds a file of the program's folder, and goes on once it is right", async ({
    stack: { project, want },
  }) => {
    want({ image: { type: "ImageFile", args: { path: "disk.qcow2", sha256: sha256("an image") } } });
    const missing = await project.run("up", "--yes", "--skip-preview");
    expect(missing.code).not.toBe(0);
    expect(missing.stdout).toContain(`image file ${join(project.dir, "disk.qcow2")} does not exist.`);

    project.write("disk.qcow2", "an image");
    await project.up();
    expect((await project.outputs())["out"].image).toMatchObject({
      file: join(project.dir, "disk.qcow2"),
      size: 8,
    });
    await project.up("--refresh", "--expect-no-changes");

    project.write("disk.qcow2", "something else");
    const changed = await project.run("up", "--yes", "--skip-preview", "--refresh");
    expect(changed.code).not.toBe(0);
    expect(changed.stdout).toContain(`found    sha256 ${sha256("something else")}`);

    rmSync(join(project.dir, "disk.qcow2"));
    writeFileSync(join(project.dir, "disk.qcow2"), "an image");
    await project.up("--refresh");
    await project.up("--refresh", "--expect-no-changes");
  });

  test("previews what is not known yet without reaching for it", async ({ stack: { project, want } }) => {
    want({
      key: { type: "SshKey" },
      engine: {
        type: "DockerEngine",
        args: {
          connection: { host: "192.0.2.1", user: "berth", hostKey: "ssh-ed25519 AAAA" },
          machine: "uuid",
        },
        later: { machine: ["key", "fingerprint"], consoleLog: ["key", "fingerprint"] },
      },
      config: {
        type: "HaproxyConfig",
        args: { docker: { host: "unix:///nowhere/docker.sock" }, config: "global\n" },
        later: { container: ["key", "fingerprint"] },
      },
      accelerator: {
        type: "Accelerator",
        args: { uri: "qemu+unix:///system?socket=/nowhere", kernel: "/nowhere" },
      },
    });
    const refused = await project.run("preview");
    expect(refused.stdout).toContain("connection.privateKey");
    expect(refused.stdout).toContain("is missing; expected a private key");

    want({
      key: { type: "SshKey" },
      engine: {
        type: "DockerEngine",
        args: { machine: "uuid" },
        later: { connection: ["key", "fingerprint"] },
      },
      config: {
        type: "HaproxyConfig",
        args: { docker: { host: "unix:///nowhere/docker.sock" }, config: "global\n" },
        later: { container: ["key", "fingerprint"] },
      },
      accelerator: {
        type: "Accelerator",
        args: { uri: "qemu+unix:///system?socket=/nowhere", kernel: "/nowhere" },
      },
    });
    expect(await project.plan()).toEqual({
      create: ["accelerator", "config", "engine", "key", "program-dev"],
    });
  });

  test("lists every mistake at once, with its path", async ({ stack: { project, want } }) => {
    want({
      engine: {
        type: "DockerEngine",
        args: {
          connection: { host: "", user: "berth", privateKey: "topsecret", hostKey: "none" },
          machine: "",
          bootTimeout: "soon",
        },
      },
    });
    const { code, stdout } = await project.run("preview");
    expect(code).not.toBe(0);
    for (const path of [
      "connection.host",
      "connection.privateKey",
      "connection.hostKey",
      "machine",
      "bootTimeout",
    ]) {
      expect(stdout).toContain(path);
    }
    expect(project.transcript).not.toContain("topsecret");
  });
});
