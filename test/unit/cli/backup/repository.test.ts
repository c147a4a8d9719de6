import { randomBytes } from "node:crypto";
import { mkdtemp, open, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FolderStore } from "../../../../cli/backup/repository/folderStore.js";
import type { Backup } from "../../../../cli/backup/repository/manifest.js";
import { Repository } from "../../../../cli/backup/repository/repository.js";
import { loadFile, storeFile, toRuns } from "../../../../cli/backup/repository/storedFiles.js";

const chunkBytes = 64 * 1024;
const signal = new AbortController().signal;

let folder: string;
let store: FolderStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "berth-unit-"));
  store = new FolderStore(join(folder, "repository"));
});
afterEach(() => rm(folder, { recursive: true }));

const make = (passphrase?: string) => Repository.open(store, passphrase, { chunkBytes });
const backup = (id: string, runs: Backup["disks"][string]["runs"] = []): Backup => ({
  version: 1,
  id,
  set: "s",
  stack: "dev",
  machine: "web-1",
  taken: `2026-11-25T22:00:0${id.at(-1)}.000Z`,
  consistency: "frozen",
  hypervisor: "qemu:///system",
  domain: "<domain/>",
  disks: { vda: { bytes: runs.length * chunkBytes, runs } },
  files: {},
  added: 0,
});
const files = async () =>
  (await readdir(store.where, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

test.each([undefined, "a passphrase"])(
  "what is stored comes back, holes and all (passphrase: %s)",
  async (word) => {
    const repository = await make(word);
    const path = join(folder, "disk");
    const file = await open(path, "w");
    await file.truncate(10 * chunkBytes + 123);
    const part = randomBytes(chunkBytes);
    await file.write(part, 0, undefined, 2 * chunkBytes);
    await file.write(part, 0, undefined, 5 * chunkBytes);
    await file.write(Buffer.from("the end"), 0, undefined, 10 * chunkBytes + 116);
    await file.close();

    const { stored, added } = await storeFile(repository, path, signal);
    const again = await storeFile(await Repository.open(store, word), path, signal);
    expect(again).toEqual({ stored, added: 0 });
    expect(added).toBeLessThan(1.5 * chunkBytes);
    expect(stored.runs.filter((run) => typeof run === "string")).toHaveLength(3);

    const back = join(folder, "back");
    await loadFile(await Repository.open(store, word), stored, back, signal);
    expect((await readFile(back)).equals(await readFile(path))).toBe(true);
  },
);

test("runs and places are the same thing", () => {
  const places = fc.array(fc.option(fc.constantFrom("a", "b"), { nil: undefined }));
  fc.assert(
    fc.property(places, (names) => {
      const runs = toRuns(names);
      const back = runs.flatMap((run) =>
        typeof run === "string" ? [run] : Array(run.zeros).fill(undefined),
      );
      expect(back).toEqual(names);
      expect(runs.some((run, index) => typeof run !== "string" && typeof runs[index + 1] === "object")).toBe(
        false,
      );
    }),
  );
});

test("nothing in an encrypted repository tells what is in it, and only its passphrase opens it", async () => {
  const repository = await make("right");
  const content = Buffer.from("something that nobody else may read");
  const { name } = await repository.putChunk(content);
  await repository.putBackup(backup("web-1-1", [name]));
  const plain = new FolderStore(join(folder, "plain"));
  const known = (await (await Repository.open(plain, undefined, { chunkBytes })).putChunk(content)).name;
  expect(name).not.toBe(known);
  for (const file of await files()) {
    const text = (await readFile(file)).toString("latin1");
    expect(text).not.toMatch(/nobody else|qemu:/);
  }
  await expect(Repository.open(store, "wrong")).rejects.toThrow(/the passphrase is not the one/);
  await expect(Repository.open(store, undefined)).rejects.toThrow(/is encrypted.*BERTH_BACKUP_PASSPHRASE/);
  await expect(Repository.open(plain, "any")).rejects.toThrow(/is not encrypted/);
  expect(await (await Repository.open(store, "right")).getChunk(name)).toEqual(content);
});

test.each([undefined, "a passphrase"])(
  "damage is found, whatever was damaged (passphrase: %s)",
  async (word) => {
    const repository = await make(word);
    const { name } = await repository.putChunk(randomBytes(chunkBytes));
    const other = await repository.putChunk(randomBytes(chunkBytes));
    await repository.putBackup(backup("web-1-1", [name]));
    const of = (chunk: string) => join(store.where, "chunks", chunk.slice(0, 2), chunk);
    const right = await readFile(of(name));

    await writeFile(of(name), right.subarray(0, right.length - 100));
    await expect(repository.getChunk(name)).rejects.toThrow(`the chunk ${name} of ${store.where} is damaged`);
    await writeFile(of(name), await readFile(of(other.name)));
    await expect(repository.getChunk(name)).rejects.toThrow("is damaged");
    await rm(of(name));
    await expect(repository.getChunk(name)).rejects.toThrow("is missing");

    const manifest = join(store.where, "backups/web-1-1");
    const bytes = await readFile(manifest);
    bytes[bytes.length - 5]! ^= 1;
    await writeFile(manifest, bytes);
    await expect(repository.backups()).rejects.toThrow(/backups\/web-1-1 of .* is damaged/);
  },
);

test("a removed backup takes with it what no other has", async () => {
  const repository = await make();
  const [shared, first, second] = [
    await repository.putChunk(Buffer.from("shared")),
    await repository.putChunk(Buffer.from("first")),
    await repository.putChunk(Buffer.from("second")),
  ];
  await repository.putBackup(backup("web-1-1", [shared.name, first.name]));
  await repository.putBackup(backup("web-1-2", [shared.name, second.name]));
  await repository.putVerification({ id: "web-1-1", when: "now", checks: [] });
  // As a backup that was cut off leaves it.
  await repository.putChunk(Buffer.from("of nobody"));
  expect(await repository.remove(["web-1-1"])).toBe(2);
  expect((await repository.backups()).map(({ id }) => id)).toEqual(["web-1-2"]);
  expect((await repository.verifications()).size).toBe(0);
  expect((await repository.getChunk(shared.name)).toString()).toBe("shared");
  await expect(repository.getChunk(first.name)).rejects.toThrow("is missing");
  await expect(repository.getBackup("../../etc/passwd")).rejects.toThrow("has no backup");
});

test("two runs do not work in one repository at the same time", async () => {
  await make();
  await store.exclusively("one", async () => {
    await expect(store.exclusively("berth backup prune", async () => {})).rejects.toThrow(
      /berth backup prune: another run is at work in .*repository/,
    );
  });
  expect(await store.exclusively("two", async () => 2)).toBe(2);
});

test("where there is none, it says how one is made", async () => {
  await expect(Repository.open(store, undefined)).rejects.toThrow(
    /has no backups; "berth backup --to" makes them/,
  );
});
