import fc from "fast-check";
import { expect, test } from "vitest";
import { ObjectMissing, type Store } from "../../../cli/backup/repository/store.js";

/** What every store has to do, whatever it keeps its objects in. `runs`: of each law. */
export function storeTests(newStore: () => Promise<Store>, runs: number): void {
  test("a store is a map from names to contents", { timeout: 60_000 }, async () => {
    const key = fc
      .tuple(
        fc.constantFrom("backups/", "chunks/0a/", "chunks/0b/", "locks/"),
        fc.constantFrom("a", "B-1", "c.d_e"),
      )
      .map(([folder, name]) => folder + name);
    const content = fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes));
    const step = fc.oneof(
      fc.record({ do: fc.constant("put" as const), key, content }),
      fc.record({ do: fc.constant("putNew" as const), key, content }),
      fc.record({ do: fc.constantFrom("get" as const, "timeOf" as const, "delete" as const), key }),
      fc.record({
        do: fc.constant("list" as const),
        key: fc.constantFrom("chunks/", "chunks/0a/", "locks/", "none/"),
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const store = await newStore();
        const model = new Map<string, Buffer>();
        for (const one of steps) {
          const has = model.has(one.key);
          if (one.do === "list") {
            expect(await store.list(one.key)).toEqual(
              [...model.keys()].filter((name) => name.startsWith(one.key)).sort(),
            );
          } else if (one.do === "get") {
            if (has) expect(await store.get(one.key)).toEqual(model.get(one.key));
            else await expect(store.get(one.key)).rejects.toThrow(ObjectMissing);
          } else if (one.do === "timeOf") {
            expect((await store.timeOf(one.key)) instanceof Date).toBe(has);
          } else if (one.do === "delete") {
            await store.delete(one.key);
            model.delete(one.key);
          } else if (one.do === "put") {
            await store.put(one.key, one.content);
            model.set(one.key, one.content);
          } else if (one.do === "putNew") {
            expect(await store.putNew(one.key, one.content)).toBe(!has);
            if (!has) model.set(one.key, one.content);
          }
        }
      }),
      { numRuns: runs },
    );
  });

  test("of many that put what was not there, one does, and its content stays", async () => {
    const store = await newStore();
    for (let round = 0; round < runs; round++) {
      const key = `backups/${round}`;
      const contents = Array.from({ length: 8 }, (_, index) => Buffer.from(`${index}`.repeat(5000)));
      const done = await Promise.all(contents.map((content) => store.putNew(key, content)));
      expect(done.filter(Boolean)).toHaveLength(1);
      expect(await store.get(key)).toEqual(contents[done.indexOf(true)]);
    }
    expect(await store.list("backups/")).toHaveLength(runs);
  });

  test("an object is read whole while it is put again and again", async () => {
    const store = await newStore();
    const contents = ["a", "b"].map((letter) => Buffer.from(letter.repeat(300_000)));
    await store.put("backups/x", contents[0]!);
    const writing = (async () => {
      for (let round = 0; round < 20; round++) await store.put("backups/x", contents[round % 2]!);
    })();
    for (let round = 0; round < 20; round++) {
      const read = await store.get("backups/x");
      expect(contents.some((content) => content.equals(read))).toBe(true);
    }
    await writing;
  });

  test("times are the store's own, and go on", async () => {
    const store = await newStore();
    await store.put("locks/a", Buffer.from("1"));
    const first = (await store.timeOf("locks/a"))!.getTime();
    expect(Math.abs(first - Date.now())).toBeLessThan(5000);
    await expect
      .poll(
        async () => {
          await store.put("locks/a", Buffer.from("2"));
          return (await store.timeOf("locks/a"))!.getTime();
        },
        { timeout: 20_000 },
      )
      .toBeGreaterThan(first);
  });
}
