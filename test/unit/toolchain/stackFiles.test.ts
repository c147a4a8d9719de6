import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readStackFiles, restoreStackFiles } from "../../../toolchain/stackFiles.mjs";
import { tempFolder } from "./support/tempFolder.js";

const committed = "# Two machines.\nconfig:\n  p:machines: { a: {}, b: {} }\n\n  p:count: 3\n";
/** What the engine makes of it. */
const rewritten =
  '# Two machines.\nconfig:\n  p:machines: {a: {}, b: {}}\n  p:count: "3"\nencryptionsalt: v1:abc=:v1:def\n';

function project() {
  const folder = tempFolder();
  mkdirSync(join(folder, "stacks"));
  mkdirSync(join(folder, "deeper"));
  writeFileSync(join(folder, "Pulumi.yaml"), "name: p\nstackConfigDir: stacks\n");
  const path = join(folder, "stacks/Pulumi.dev.yaml");
  writeFileSync(path, committed);
  return { folder, path };
}

test("a salt and another layout are taken back, from any folder of the project", () => {
  const { folder, path } = project();
  const before = readStackFiles(join(folder, "deeper"));
  writeFileSync(path, rewritten);
  restoreStackFiles(before);
  expect(readFileSync(path, "utf8")).toBe(committed);
});

test("a changed value stays, with the salt that a secret may need", () => {
  const { folder, path } = project();
  const before = readStackFiles(folder);
  const changed = rewritten.replace('"3"', '"4"');
  writeFileSync(path, changed);
  restoreStackFiles(before);
  expect(readFileSync(path, "utf8")).toBe(changed);
});

test("a new file that holds nothing but the salt is removed, another one stays", () => {
  const { folder } = project();
  const before = readStackFiles(folder);
  const [empty, full] = ["one", "two"].map((stack) => join(folder, `stacks/Pulumi.${stack}.yaml`));
  writeFileSync(empty!, "encryptionsalt: v1:abc=:v1:def\n");
  writeFileSync(full!, "config:\n  p:count: 1\n");
  restoreStackFiles(before);
  expect([existsSync(empty!), existsSync(full!)]).toEqual([false, true]);
});

test("a salt that another run had put there and has taken back meanwhile does not come back", () => {
  const { folder, path } = project();
  const first = readStackFiles(folder);
  writeFileSync(path, rewritten);
  const second = readStackFiles(folder);
  restoreStackFiles(first);
  restoreStackFiles(second);
  expect(readFileSync(path, "utf8")).toBe(committed);
});

test("outside of a project there is nothing to keep", () => {
  expect(readStackFiles("/").texts.size).toBe(0);
});
