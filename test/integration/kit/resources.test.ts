import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { status } from "@grpc/grpc-js";
import { describe, expect } from "vitest";
import { boxUrn, stoneUrn } from "./support/client.js";
import { test } from "./support/kitTest.js";
import { output, secret, unknownText } from "./support/wire.js";

describe("check", () => {
  test("fills in defaults and keeps secrets and unknowns", async ({ client }) => {
    const news = {
      label: unknownText,
      password: secret("swordfish"),
      tags: { a: secret("alpha"), b: "beta" },
    };
    expect(await client.check(boxUrn, news)).toEqual({
      inputs: { color: "brown", ...news },
      failures: [],
    });
  });

  test("reports failures with their paths, and no secret in them", async ({ client }) => {
    const { failures } = await client.check(boxUrn, { label: "", password: secret("swordfish") });
    expect(failures).toEqual([{ property: "label", reason: "label must not be empty ([secret])" }]);
  });

  test("accepts everything where the handler has no check", async ({ client }) => {
    expect(await client.check(stoneUrn, { weight: 3 })).toEqual({ inputs: { weight: 3 }, failures: [] });
  });

  test("names the resources that there are when asked for another", async ({ client }) => {
    await expect(client.check("urn:pulumi:dev::shop::box:index:Bag::b", {})).rejects.toMatchObject({
      code: status.NOT_FOUND,
      details: 'provider "box" has no resource "box:index:Bag"; it has: box:index:Box, box:index:Stone',
    });
  });
});

describe("diff", () => {
  const old = { label: "a", color: "brown", tags: { x: "1", "y.z": "2" } };

  test("says that nothing has changed", async ({ client }) => {
    expect(await client.diff(boxUrn, old, old)).toMatchObject({ none: true, changes: false, details: {} });
  });

  test("names what has changed, by path and kind", async ({ client }) => {
    const news = { label: "b", color: "brown", tags: { x: "1", w: "3" }, behaviour: "x" };
    expect(await client.diff(boxUrn, old, news)).toEqual({
      changes: true,
      none: false,
      details: { label: "update", 'tags["y.z"]': "delete", "tags.w": "add", behaviour: "add" },
      diffs: ["label", "tags", "behaviour"],
      replaces: [],
      stables: ["serial"],
      deleteBeforeReplace: false,
    });
  });

  test("replaces for the inputs that ask for it", async ({ client }) => {
    const found = await client.diff(boxUrn, old, { ...old, color: "red", label: "b" });
    expect(found).toMatchObject({
      details: { color: "update_replace", label: "update" },
      replaces: ["color"],
      stables: [],
      deleteBeforeReplace: false,
    });
  });

  test("replaces for every change where there is no update", async ({ client }) => {
    const found = await client.diff(stoneUrn, { weight: 3, mark: "x" }, { weight: 4 });
    expect(found).toMatchObject({
      details: { weight: "update_replace", mark: "delete_replace" },
      deleteBeforeReplace: true,
    });
  });

  test("takes an unknown for a change", async ({ client }) => {
    const found = await client.diff(boxUrn, old, {
      ...old,
      color: unknownText,
      tags: { x: unknownText, n: unknownText },
    });
    expect(found.details).toEqual({
      color: "update_replace",
      "tags.x": "update",
      'tags["y.z"]': "delete",
      "tags.n": "add",
    });
  });

  test("leaves out what the user ignores", async ({ client }) => {
    const news = { ...old, color: "red", tags: { x: "9", "y.z": "9" } };
    const ignoring = (...ignoreChanges: string[]) => client.diff(boxUrn, old, news, { ignoreChanges });
    expect((await ignoring("color", "tags.x")).details).toEqual({ 'tags["y.z"]': "update" });
    expect((await ignoring("color", "tags[*]")).none).toBe(true);
    expect((await ignoring("*")).none).toBe(true);
  });

  test("updates the state of an input that has become secret, and no other", async ({ client }) => {
    const found = await client.diff(boxUrn, { ...old, password: "p" }, { ...old, password: secret("p") });
    expect(found.details).toEqual({ password: "update" });
    const back = await client.diff(
      boxUrn,
      { ...old, password: secret("p") },
      { ...old, password: secret("p") },
    );
    expect(back.none).toBe(true);
    const stone = await client.diff(stoneUrn, { weight: 3, mark: "m" }, { weight: 3, mark: secret("m") });
    expect(stone).toMatchObject({ details: { mark: "update" }, replaces: [] });
  });
});

describe("create", () => {
  test("makes it, and gives its outputs with their secrets", async ({ client, folder }) => {
    const inputs = { label: "a", password: secret("swordfish"), tags: { k: secret("v"), l: "w" } };
    const { id, state } = await client.create(boxUrn, inputs);
    expect(id).toBe("box-a");
    expect(state).toEqual({ ...inputs, serial: secret("serial-of-a"), revision: 1 });
    const made = JSON.parse(readFileSync(join(folder, "box-a.json"), "utf8"));
    expect(made).toMatchObject({ password: "swordfish", tags: { k: "v", l: "w" } });
  });

  test("unwraps output values", async ({ client }) => {
    const inputs = { label: output({ value: "a" }), password: output({ value: "swordfish", secret: true }) };
    const { state } = await client.create(boxUrn, inputs);
    expect(state).toMatchObject({ label: "a", password: secret("swordfish") });
  });

  test("previews without making anything", async ({ client, folder }) => {
    const inputs = { label: unknownText, password: secret("swordfish"), color: output({}) };
    const { id, state } = await client.create(boxUrn, inputs, { preview: true });
    expect(id).toBe("");
    expect(state).toEqual({
      label: unknownText,
      password: secret("swordfish"),
      color: unknownText,
      serial: secret(unknownText),
      revision: unknownText,
    });
    expect(existsSync(join(folder, "box-a.json"))).toBe(false);
  });

  test("marks an output that holds a secret's text, whatever its name", async ({ client }) => {
    const { state } = await client.create(boxUrn, {
      label: "a",
      password: secret("of-a"),
      color: secret("serial-of"),
    });
    expect(state.serial).toEqual(secret("serial-of-a"));
    const other = await client.create(boxUrn, {
      label: "b",
      behaviour: secret("box-with-b"),
      color: "a box-with-b",
    });
    expect(other.state.color).toEqual(secret("a box-with-b"));
  });
});

describe("read", () => {
  test("hides what is always secret, and nothing for having its text", async ({ client, folder }) => {
    await client.configure({ folder });
    const inputs = { label: "twin", color: "serial-of-twin" };
    const { id, state } = await client.create(boxUrn, inputs);
    expect(state).toMatchObject({ serial: secret("serial-of-twin"), color: "serial-of-twin" });
    const read = await client.read(boxUrn, id, state, inputs);
    expect(read.state).toEqual(state);
    expect(read.inputs).toEqual(inputs);
  });

  test("finds what drifted, and keeps secrets secret", async ({ client, folder }) => {
    const inputs = { label: "a", password: secret("swordfish") };
    const { id, state } = await client.create(boxUrn, inputs);
    const file = join(folder, "box-a.json");
    const drifted = { ...JSON.parse(readFileSync(file, "utf8")), password: "tuna", color: "red" };
    writeFileSync(file, JSON.stringify(drifted));
    const live = await client.read(boxUrn, id, state, inputs);
    expect(live).toEqual({
      id,
      state: {
        label: "a",
        color: "red",
        password: secret("tuna"),
        serial: secret("serial-of-a"),
        revision: 1,
      },
      inputs: { label: "a", color: "red", password: secret("tuna") },
    });
  });

  test("says that it is gone", async ({ client, folder }) => {
    const { id, state } = await client.create(boxUrn, { label: "a" });
    rmSync(join(folder, "box-a.json"));
    expect(await client.read(boxUrn, id, state, { label: "a" })).toEqual({ id: "" });
  });

  test("imports by id alone", async ({ client }) => {
    await client.create(boxUrn, { label: "a", color: "red" });
    const live = await client.read(boxUrn, "box-a");
    expect(live.inputs).toEqual({ label: "a", color: "red" });
    expect(live.state).toMatchObject({ serial: secret("serial-of-a"), revision: 1 });
  });

  test("believes the state where the handler cannot read, and imports nothing", async ({ client }) => {
    const live = await client.read(stoneUrn, "stone-3", { weight: 3 }, { weight: 3 });
    expect(live).toEqual({ id: "stone-3", state: { weight: 3 }, inputs: { weight: 3 } });
    await expect(client.read(stoneUrn, "stone-3")).rejects.toMatchObject({
      details: "box:index:Stone cannot be imported: its provider does not read it",
    });
  });
});

describe("update", () => {
  const oldInputs = { label: "a", color: "red", password: secret("swordfish") };
  const state = { ...oldInputs, serial: secret("serial-of-a"), revision: 1 };

  test("changes it in place", async ({ client }) => {
    const inputs = { label: "b", password: secret("tuna-fish") };
    const updated = await client.update(boxUrn, "box-a", { state, oldInputs, inputs });
    expect(updated).toEqual({ ...inputs, serial: secret("serial-of-a"), revision: 2 });
  });

  test("previews: computed outputs stay, unstable ones are unknown, dropped inputs go", async ({
    client,
  }) => {
    const inputs = { label: unknownText, password: secret("tuna-fish") };
    const updated = await client.update(boxUrn, "box-a", { state, oldInputs, inputs, preview: true });
    expect(updated).toEqual({ ...inputs, serial: secret("serial-of-a"), revision: unknownText });
  });

  test("marks the state of a resource that cannot be changed", async ({ client }) => {
    const change = { state: { weight: 3, mark: "m" }, oldInputs: { weight: 3, mark: "m" } };
    const marked = { weight: 3, mark: secret("m") };
    expect(await client.update(stoneUrn, "stone-3", { ...change, inputs: marked })).toEqual(marked);
    await expect(
      client.update(stoneUrn, "stone-3", { ...change, inputs: change.oldInputs }),
    ).rejects.toMatchObject({
      details: `box:index:Stone cannot be changed in place: replace it with "pulumi up --target-replace ${stoneUrn}"`,
    });
  });
});

test("delete removes it, and is content when it has gone already", async ({ client, folder }) => {
  const { id, state } = await client.create(boxUrn, { label: "a" });
  await client.delete(boxUrn, id, state);
  expect(existsSync(join(folder, "box-a.json"))).toBe(false);
  await client.delete(boxUrn, id, state);
});
