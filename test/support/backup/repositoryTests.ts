import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Lease } from "../../../cli/backup/repository/lease.js";
import type { Backup } from "../../../cli/backup/repository/manifest.js";
import { Repository } from "../../../cli/backup/repository/repository.js";
import type { Store } from "../../../cli/backup/repository/store.js";
import { loadFile, storeFile } from "../../../cli/backup/repository/storedFiles.js";

const chunkBytes = 64 * 1024;
const signal = new AbortController().signal;

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
/** What a repository has to do, whichever store it is in. */
export function repositoryTests(newStore: () => Promise<Store>): void {
  let folder: string;
  let store: Store;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "berth-repository-"));
    store = await newStore();
  });
  afterEach(() => rm(folder, { recursive: true }));
  const make = (passphrase?: string) => Repository.open(store, passphrase, { chunkBytes });

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

  test("nothing in an encrypted repository tells what is in it, and only its passphrase opens it", async () => {
    const repository = await make("right");
    const content = Buffer.from("something that nobody else may read");
    const { name } = await repository.putChunk(content);
    await repository.putBackup(backup("web-1-1", [name]));
    const plain = await newStore();
    const known = (await (await Repository.open(plain, undefined, { chunkBytes })).putChunk(content)).name;
    expect(name).not.toBe(known);
    for (const key of [...(await store.list("backups/")), ...(await store.list("chunks/"))]) {
      expect((await store.get(key)).toString("latin1")).not.toMatch(/nobody else|qemu:/);
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
      const of = (chunk: string) => `chunks/${chunk.slice(0, 2)}/${chunk}`;
      const right = await store.get(of(name));

      await store.put(of(name), right.subarray(0, right.length - 100));
      await expect(repository.getChunk(name)).rejects.toThrow(
        `the chunk ${name} of ${store.where} is damaged`,
      );
      await store.put(of(name), await store.get(of(other.name)));
      await expect(repository.getChunk(name)).rejects.toThrow("is damaged");
      await store.delete(of(name));
      await expect(repository.getChunk(name)).rejects.toThrow("is missing");

      const bytes = await store.get("backups/web-1-1");
      bytes[bytes.length - 5]! ^= 1;
      await store.put("backups/web-1-1", bytes);
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

  test("a piece is put once, whoever stores it, at the same time or later", async () => {
    const content = randomBytes(chunkBytes);
    const repository = await make();
    const all = await Promise.all(Array.from({ length: 20 }, () => repository.putChunk(content)));
    expect(all.filter(({ added }) => added > 0)).toHaveLength(1);
    expect((await (await make()).putChunk(content)).added).toBe(0);
    expect(await store.list("chunks/")).toHaveLength(1);
  });

  test("a backup is in the list when all of it is there, and no other takes its place", async () => {
    const repository = await make();
    const { name } = await repository.putChunk(randomBytes(chunkBytes));
    expect(await repository.backups()).toEqual([]);
    await repository.putBackup(backup("web-1-1", [name]));
    await expect(repository.putBackup(backup("web-1-1"))).rejects.toThrow(
      /has another backup "web-1-1" already/,
    );
    expect(await repository.getBackup("web-1-1")).toEqual(backup("web-1-1", [name]));
  });

  test("of several that make a repository at the same time, all use the one that is made", async () => {
    const all = await Promise.all(Array.from({ length: 4 }, () => make("a passphrase")));
    const names = await Promise.all(all.map((one) => one.putChunk(Buffer.from("the same"))));
    expect(new Set(names.map(({ name }) => name)).size).toBe(1);
    expect((await (await make("a passphrase")).getChunk(names[0]!.name)).toString()).toBe("the same");
  });

  test("two runs do not work in one repository at the same time", async () => {
    const [repository, other] = [await make(), await make()];
    await repository.exclusively("one", async () => {
      await expect(other.exclusively("berth backup prune", async () => {})).rejects.toThrow(
        `berth backup prune: another run is at work in ${store.where} (process ${process.pid} on ${hostname()})`,
      );
    });
    expect(await other.exclusively("two", async () => 2)).toBe(2);
    await expect(other.exclusively("three", () => Promise.reject(new Error("it failed")))).rejects.toThrow(
      "it failed",
    );
    expect(await store.list("locks/")).toEqual([]);
  });

  test("of many that want it at the same time, never two have it", { timeout: 60_000 }, async () => {
    let within = 0;
    let turns = 0;
    const run = async () => {
      const lease = await Lease.take(store, "berth backup").catch(() => undefined);
      if (lease === undefined) return;
      within += 1;
      expect(within).toBe(1);
      await store.put("backups/x", Buffer.from("x"));
      expect(within).toBe(1);
      within -= 1;
      turns += 1;
      await lease.release();
    };
    for (let round = 0; round < 3; round++) await Promise.all([run(), run(), run()]);
    expect(turns).toBeGreaterThan(0);
    expect(await store.list("locks/")).toEqual([]);
  });

  test("whatever backs up and prunes at the same time, each backup that is listed is whole", {
    timeout: 60_000,
  }, async () => {
    await make();
    const contents = Array.from({ length: 6 }, (_, index) => Buffer.from(`content ${index}`.repeat(500)));
    let taken = 0;
    const backUp = async () => {
      const repository = await make();
      await repository.exclusively("berth backup", async () => {
        const some = contents.filter(() => Math.random() < 0.5);
        const names = await Promise.all(some.map(async (one) => (await repository.putChunk(one)).name));
        await repository.putBackup(backup(`web-1-${taken++}`, names));
      });
    };
    const prune = async () => {
      const repository = await make();
      await repository.exclusively("berth backup prune", async () => {
        await repository.remove((await repository.backups()).slice(0, -1).map(({ id }) => id));
      });
    };
    await Promise.all(
      [backUp, prune, backUp, prune].map(async (run) => {
        for (let turn = 0; turn < 3; turn++) {
          await run().catch((error: Error) => expect(error.message).toMatch(/another run is at work/));
        }
      }),
    );
    await backUp();
    const reader = await make();
    for (const { disks } of await reader.backups()) {
      for (const run of disks["vda"]!.runs) await reader.getChunk(run as string);
    }
    expect(taken).toBeGreaterThan(1);
  });

  test("who has it keeps it as long as it lasts; who was killed is forgotten", {
    timeout: 60_000,
  }, async () => {
    const times = { staleMs: 3000 };
    const lease = await Lease.take(store, "long", times);
    const end = Date.now() + 1.2 * times.staleMs;
    while (Date.now() < end) {
      await expect(Lease.take(store, "other", times)).rejects.toThrow("another run is at work");
      lease.requireHeld();
    }
    await lease.release();
    const began = Date.now();
    await store.put("locks/elsewhere.1.00000000", Buffer.from("of one that was killed"));
    await expect
      .poll(
        () =>
          Lease.take(store, "next", times).then(
            (next) => next.release(),
            (error: Error) => error.message,
          ),
        { timeout: 20_000 },
      )
      .toBeUndefined();
    // A store's times are whole seconds.
    expect(Date.now() - began).toBeGreaterThan(times.staleMs - 1000);
    expect(await store.list("locks/")).toEqual([]);
  });

  test("who can't renew the lock stops, and neither commits nor removes any more", {
    timeout: 60_000,
  }, async () => {
    let isCut = false;
    const cut: Store = {
      where: store.where,
      get: (key) => store.get(key),
      put: (key, content) => (isCut ? Promise.reject(new Error("no network")) : store.put(key, content)),
      putNew: (key, content) => store.putNew(key, content),
      timeOf: (key) => store.timeOf(key),
      delete: (key) => store.delete(key),
      list: (prefix) => store.list(prefix),
    };
    const repository = await Repository.open(cut, undefined, { chunkBytes });
    const { name } = await repository.putChunk(Buffer.from("of nobody"));
    const work = async (signal: AbortSignal) => {
      await repository.putBackup(backup("web-1-1", [name]));
      isCut = true;
      await once(signal, "abort");
      const lost = /berth backup: its lock in .* could not be renewed for 1.8 s/;
      await expect(repository.putBackup(backup("web-1-2"))).rejects.toThrow(lost);
      await expect(repository.remove(["web-1-1"])).rejects.toThrow(lost);
    };
    await repository.exclusively("berth backup", work, { staleMs: 2400 });
    expect(await store.list("backups/")).toEqual(["backups/web-1-1"]);
    expect(await store.list("chunks/")).toHaveLength(1);
  });

  test("where there is none, it says how one is made", async () => {
    await expect(Repository.open(store, undefined)).rejects.toThrow(
      /has no backups; "berth backup --to" makes them/,
    );
  });
}
