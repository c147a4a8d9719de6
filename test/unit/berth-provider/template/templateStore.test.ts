import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm, truncate, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  ensureTemplate,
  openTemplate,
  pruneTemplates,
} from "../../../../providers/berth/template/templateStore.js";

let cache: string;
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), "berth-templates-"));
});
afterEach(() => rm(cache, { recursive: true }));

const print = (digit: string) => digit.repeat(20);
const of = (content: string) => ({
  bytes: Buffer.byteLength(content),
  sha256: createHash("sha256").update(content).digest("hex"),
});

/** Makes a template of these contents, and counts how often. */
function maker(memory = "memory", disk = "disk") {
  const made: string[] = [];
  const make = async (folder: string) => {
    made.push(folder);
    await mkdir(folder);
    await writeFile(join(folder, "memory"), memory);
    await writeFile(join(folder, "disk.qcow2"), disk);
    await writeFile(join(folder, "template.json"), JSON.stringify({ memory: of(memory), disk: of(disk) }));
  };
  return { made, make };
}
const silent = () => {};

test("made once, however many want it at once", async () => {
  const { made, make } = maker();
  const all = await Promise.all([1, 2, 3].map(() => ensureTemplate(cache, print("a"), make, silent)));
  expect(made).toHaveLength(1);
  expect(new Set(all.map(({ path }) => path))).toEqual(new Set([join(cache, print("a"))]));
});

test("one that is damaged is made anew, and said to be", async () => {
  const { made, make } = maker();
  const { path } = await ensureTemplate(cache, print("a"), make, silent);
  for (const damage of [
    () => truncate(join(path, "memory"), 3),
    () => writeFile(join(path, "memory"), "mEmory"),
    () => rm(join(path, "disk.qcow2")),
    () => writeFile(join(path, "template.json"), '{"memory":'),
  ]) {
    await damage();
    expect(await openTemplate(path)).toHaveProperty("trouble");
    const troubles: string[] = [];
    await ensureTemplate(cache, print("a"), make, (trouble) => troubles.push(trouble));
    expect(troubles).toHaveLength(1);
    expect(await openTemplate(path)).toHaveProperty("manifest");
  }
  expect(made).toHaveLength(5);
});

test("a making that fails or was cut off leaves none, and the next one goes on", async () => {
  const { make } = maker();
  const failing = async (folder: string) => {
    await mkdir(folder);
    throw new Error("no space left");
  };
  await expect(ensureTemplate(cache, print("a"), failing, silent)).rejects.toThrow("no space left");
  expect(await readdir(cache)).toEqual([]);
  await mkdir(join(cache, `.making-${print("a")}`));
  await writeFile(join(cache, `.making-${print("a")}`, "memory"), "half");
  await ensureTemplate(cache, print("a"), make, silent);
  expect(await readdir(cache)).toEqual([print("a")]);
});

test("what was used longest ago goes when all together are too large; what is used now stays", async () => {
  for (const [index, digit] of ["a", "b", "c"].entries()) {
    const { path } = await ensureTemplate(cache, print(digit), maker("x".repeat(1000)).make, silent);
    const time = new Date(2026, 1, index + 1);
    await utimes(path, time, time);
  }
  expect(await pruneTemplates(cache, 2500, print("a"))).toEqual([print("b")]);
  expect((await readdir(cache)).sort()).toEqual([print("a"), print("c")]);
  expect(await pruneTemplates(cache, 10, print("a"))).toEqual([print("c")]);
});
