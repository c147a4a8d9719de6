import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { contentKey } from "../../../lab/contentKey.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "berth-key-"));
  mkdirSync(join(folder, "sub"));
  writeFileSync(join(folder, "a"), "1");
  writeFileSync(join(folder, "sub/b"), "2");
});
afterEach(() => rmSync(folder, { recursive: true }));

test("the same content gives the same key", async () => {
  expect(await contentKey(["x"], [folder])).toBe(await contentKey(["x"], [folder]));
});

test.each<[string, () => void]>([
  ["a file's content", () => writeFileSync(join(folder, "sub/b"), "3")],
  ["a file's name", () => renameSync(join(folder, "a"), join(folder, "c"))],
  ["one more file", () => writeFileSync(join(folder, "d"), "")],
])("%s changes the key", async (_what, change) => {
  const before = await contentKey(["x"], [folder]);
  change();
  expect(await contentKey(["x"], [folder])).not.toBe(before);
});

test("a text changes the key, and texts do not run into each other", async () => {
  const key = await contentKey(["ab", "c"], []);
  expect(await contentKey(["a", "bc"], [])).not.toBe(key);
  expect(await contentKey(["ab", "d"], [])).not.toBe(key);
});
