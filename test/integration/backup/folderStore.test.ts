import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { FolderStore } from "../../../cli/backup/repository/folderStore.js";
import { repositoryTests } from "../../support/backup/repositoryTests.js";
import { storeTests } from "../../support/backup/storeTests.js";

/** As a file system without hard links answers. */
const links = vi.hoisted(() => ({ refused: false }));
vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>();
  const link: typeof real.link = (from, to) =>
    links.refused
      ? Promise.reject(Object.assign(new Error("operation not permitted"), { code: "EPERM" }))
      : real.link(from, to);
  return { ...real, link };
});

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "berth-unit-"));
});
afterAll(() => rm(folder, { recursive: true }));

const newStore = async () => new FolderStore(join(await mkdtemp(join(folder, "store-")), "repository"));

describe("a store in a folder", () => {
  storeTests(newStore, 100);

  test("is for its owner alone, and has nothing in it but its objects", async () => {
    const store = await newStore();
    await store.put("chunks/0a/x", Buffer.from("x"));
    await store.putNew("chunks/0a/x", Buffer.from("y"));
    await store.putNew("chunks/0a/z", Buffer.from("z"));
    expect(await readdir(join(store.where, "chunks/0a"))).toEqual(["x", "z"]);
    for (const [path, mode] of [
      ["", 0o700],
      ["chunks/0a", 0o700],
      ["chunks/0a/x", 0o600],
      ["chunks/0a/z", 0o600],
    ] as const) {
      expect((await stat(join(store.where, path))).mode & 0o777, path).toBe(mode);
    }
  });
});
test("a file system without hard links does", async () => {
  links.refused = true;
  try {
    const store = await newStore();
    expect(await store.putNew("backups/x", Buffer.from("1"))).toBe(true);
    expect(await store.putNew("backups/x", Buffer.from("2"))).toBe(false);
    expect((await store.get("backups/x")).toString()).toBe("1");
    expect(await readdir(join(store.where, "backups"))).toEqual(["x"]);
  } finally {
    links.refused = false;
  }
});
describe("a repository in a folder", () => repositoryTests(newStore));
