import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test as base, describe, expect } from "vitest";
import { EngineProject } from "../../support/engine.js";
import { typeScriptArguments } from "../../support/typeScriptProcess.js";

const program = `
import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";

const { folder, boxes = {} } = JSON.parse(readFileSync("boxes.json", "utf8"));

class Box extends pulumi.CustomResource {
  constructor(name, args, opts) {
    super("box:index:Box", name, { serial: undefined, revision: undefined, ...args }, opts);
  }
}
class Provider extends pulumi.ProviderResource {
  constructor(name, args) {
    super("box", name, args);
  }
}

const provider = new Provider("here", { folder, token: pulumi.secret("token-of-the-provider") });
const made = {};
for (const [name, { args, opts, secrets = [], labelFrom }] of Object.entries(boxes)) {
  const inputs = { ...args };
  for (const key of secrets) inputs[key] = pulumi.secret(inputs[key]);
  if (labelFrom) inputs.label = pulumi.interpolate\`\${made[labelFrom].revision}\`;
  made[name] = new Box(name, inputs, { provider, ...opts });
}
export const revisions = Object.fromEntries(Object.entries(made).map(([name, box]) => [name, box.revision]));
export const serials = Object.fromEntries(Object.entries(made).map(([name, box]) => [name, box.serial]));
`;

interface BoxSpec {
  args: Record<string, unknown>;
  opts?: Record<string, unknown>;
  secrets?: string[];
  labelFrom?: string;
}

interface Shop {
  project: EngineProject;
  folder: string;
  /** The program that the next command runs. */
  want(boxes: Record<string, BoxSpec>): void;
}

const plugin = typeScriptArguments(fileURLToPath(new URL("support/boxPlugin.ts", import.meta.url)));

const test = base.extend<{ shop: Shop }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads what a fixture needs from its pattern
  shop: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), "berth-boxes-"));
    const project = await EngineProject.create({ program, plugins: { box: [process.execPath, ...plugin] } });
    await use({
      project,
      folder,
      want: (boxes) => project.write("boxes.json", JSON.stringify({ folder, boxes })),
    });
    project.discard();
    rmSync(folder, { recursive: true });
  },
});

const file = (shop: Shop, label: string) => join(shop.folder, `box-${label}.json`);
const read = (shop: Shop, label: string) => JSON.parse(readFileSync(file(shop, label), "utf8"));

describe("under the real engine", () => {
  test("a resource's whole life", async ({ shop }) => {
    const { project, want } = shop;
    const first = { label: "a", password: "swordfish-and-chips", tags: { k: "v" } };
    want({ box: { args: first, secrets: ["password"] } });
    expect(await project.plan()).toEqual({ create: ["box", "here", "program-dev"] });
    expect(existsSync(file(shop, "a"))).toBe(false);

    await project.up();
    expect(read(shop, "a")).toMatchObject(first);
    expect(await project.outputs()).toEqual({ revisions: { box: 1 }, serials: { box: "serial-of-a" } });

    await project.up("--expect-no-changes");
    await project.succeed("refresh", "--yes", "--skip-preview", "--expect-no-changes");

    want({ box: { args: { ...first, tags: { k: "w" } }, secrets: ["password"] } });
    expect(await project.plan()).toEqual({ update: ["box"] });
    const { stdout } = await project.up("--diff");
    expect(stdout).toContain("~ box:index:Box: (update)");
    expect(stdout).toMatch(/~ k: "v" => "w"/);
    expect((await project.outputs())["revisions"]).toEqual({ box: 2 });

    want({ box: { args: { ...first, label: "b", color: "red" }, secrets: ["password"] } });
    expect(await project.plan()).toEqual({ replace: ["box"] });
    await project.up();
    expect(readdirSync(shop.folder)).toEqual(["box-b.json"]);

    await project.succeed("destroy", "--yes", "--skip-preview");
    expect(readdirSync(shop.folder)).toEqual([]);
    for (const text of ["swordfish-and-chips", "token-of-the-provider", "serial-of-"]) {
      expect(project.transcript).not.toContain(text);
    }
  });

  test("no secret is in the state in plain text, nor after it has become one", async ({ shop }) => {
    const { project, want } = shop;
    const args = { label: "a", password: "swordfish-and-chips", tags: { k: "tag-that-is-secret" } };
    want({ box: { args, secrets: ["password", "tags"] } });
    await project.up();
    for (const text of [
      "swordfish-and-chips",
      "tag-that-is-secret",
      "serial-of-a",
      "token-of-the-provider",
    ]) {
      expect(project.stateText()).not.toContain(text);
    }
    want({ box: { args: { ...args, behaviour: "do-nothing" }, secrets: ["password", "tags"] } });
    await project.up();
    expect(project.stateText()).toContain("do-nothing");
    want({ box: { args: { ...args, behaviour: "do-nothing" }, secrets: ["password", "tags", "behaviour"] } });
    await project.up();
    expect(project.stateText()).not.toContain("do-nothing");
    await project.up("--expect-no-changes");
  });

  test("drift is found, shown and put right, or left alone where the user ignores it", async ({ shop }) => {
    const { project, want } = shop;
    want({
      strict: { args: { label: "a", behaviour: "x" } },
      lenient: { args: { label: "b", behaviour: "x" }, opts: { ignoreChanges: ["behaviour"] } },
    });
    await project.up();
    for (const label of ["a", "b"]) {
      writeFileSync(file(shop, label), JSON.stringify({ ...read(shop, label), behaviour: "drifted" }));
    }
    expect(await project.plan("--refresh")).toMatchObject({ update: ["strict"] });
    await project.up("--refresh");
    expect(read(shop, "a").behaviour).toBe("x");
    expect(read(shop, "b").behaviour).toBe("drifted");

    rmSync(file(shop, "a"));
    await project.up("--refresh");
    expect(read(shop, "a")).toMatchObject({ label: "a", behaviour: "x" });
  });

  test("previews with unknown inputs touch nothing and fail nothing", async ({ shop }) => {
    const { project, want } = shop;
    want({ one: { args: { label: "a" } }, two: { args: {}, labelFrom: "one" } });
    expect(await project.plan()).toEqual({ create: ["here", "one", "program-dev", "two"] });
    expect(readdirSync(shop.folder)).toEqual([]);
    await project.up();
    expect(readdirSync(shop.folder).sort()).toEqual(["box-1.json", "box-a.json"]);

    want({ one: { args: { label: "a", tags: { k: "v" } } }, two: { args: {}, labelFrom: "one" } });
    expect(await project.plan()).toEqual({ update: ["one", "two"] });
    await project.up();
    expect(read(shop, "1").label).toBe("2");
  });

  test("import takes over what is there", async ({ shop }) => {
    const { project, want } = shop;
    const there = { label: "found", color: "green", serial: "serial-of-found", revision: 7 };
    writeFileSync(file(shop, "found"), JSON.stringify(there));
    want({ box: { args: { label: "found", color: "green" }, opts: { import: "box-found" } } });
    expect(await project.plan()).toMatchObject({ import: ["box"] });
    await project.up();
    expect((await project.outputs())["revisions"]).toEqual({ box: 7 });
    want({ box: { args: { label: "found", color: "green" } } });
    await project.up("--expect-no-changes");
  });

  test("a partial failure is recorded, and the next update goes on", async ({ shop }) => {
    const { project, want } = shop;
    want({ box: { args: { label: "a", behaviour: "partial" } } });
    const failed = await project.run("up", "--yes", "--skip-preview");
    expect(failed.code).not.toBe(0);
    expect(failed.stdout).toContain("the lid of box-a does not close on undefined");
    expect(failed.stdout).not.toMatch(/\n\s+at /);
    expect(project.resources()["box"]).toMatchObject({
      id: "box-a",
      outputs: { label: "a", revision: 1 },
      initErrors: ["the lid of box-a does not close on undefined"],
    });

    want({ box: { args: { label: "a" } } });
    expect(await project.plan()).toEqual({ update: ["box"] });
    await project.up();
    expect(project.resources()["box"].initErrors).toBeUndefined();
    expect(readdirSync(shop.folder)).toEqual(["box-a.json"]);
  });

  test("a failure is one clean line, and the state is not called into question", async ({ shop }) => {
    const { project, want } = shop;
    want({ box: { args: { label: "a", behaviour: "fail", password: "swordfish" }, secrets: ["password"] } });
    const failed = await project.run("up", "--yes", "--skip-preview");
    expect(failed.code).not.toBe(0);
    expect(failed.stdout).toMatch(/error: .*no room for a box with password \[secret\]/);
    expect(failed.stdout + failed.stderr).not.toMatch(/corrupt|\n\s+at |rpc error/);
  });

  test("Ctrl-C ends the wait, and the state is whole", async ({ shop }) => {
    const { project, want } = shop;
    want({ box: { args: { label: "a", behaviour: "hang" } } });
    const running = project.start("up", "--yes", "--skip-preview");
    await running.printed("waiting for somebody");
    running.child.kill("SIGINT");
    const { code, stdout } = await running.output;
    expect(code).not.toBe(0);
    expect(stdout).toContain(
      "create was cancelled: last thing it waited for: waiting for somebody with undefined",
    );
    want({ box: { args: { label: "a" } } });
    expect(await project.plan()).toEqual({ create: ["box"] });
  });

  test("a time-out of the user's ends the wait and says what it was for", async ({ shop }) => {
    const { project, want } = shop;
    want({ box: { args: { label: "a", behaviour: "hang" }, opts: { customTimeouts: { create: "1s" } } } });
    const failed = await project.run("up", "--yes", "--skip-preview");
    expect(failed.code).not.toBe(0);
    expect(failed.stdout).toContain(
      "create timed out after 1s: last thing it waited for: waiting for somebody with undefined",
    );
  });
});
