import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { cached } from "../../../toolchain/cache.js";
import { withLock } from "../../../toolchain/lock.js";
import { typeScriptArguments } from "../../support/typeScriptProcess.js";
import { tempFolder } from "./support/tempFolder.js";

const write = (text: string) => async (folder: string) => writeFileSync(join(folder, "content"), text);
const content = (folder: string) => readFileSync(join(folder, "content"), "utf8");

test("a folder is built once for a key", async () => {
  const cache = tempFolder();
  const first = await cached(cache, "thing", "1", write("first"));
  const second = await cached(cache, "thing", "1", write("second"));
  const other = await cached(cache, "thing", "2", write("other"));
  expect([first, second, other].map(content)).toEqual(["first", "first", "other"]);
  expect(first).toBe(join(cache, "thing-1"));
});

test("of several that want the same folder at once, one builds and the others wait for it", async () => {
  const cache = tempFolder();
  let builds = 0;
  const waiting: string[] = [];
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const log = (line: string) => {
    waiting.push(line);
    if (waiting.length === 2) open(); // Both others wait: the first may go on.
  };
  const build = async (folder: string) => {
    builds++;
    await gate;
    await write("once")(folder);
  };
  const folders = await Promise.all([1, 2, 3].map(() => cached(cache, "thing", "1", build, log)));
  expect(folders.map(content)).toEqual(["once", "once", "once"]);
  expect(builds).toBe(1);
  expect(waiting[0]).toContain("Waiting for another process that is making thing in the cache");
});

test("a failed build leaves nothing, and the next one starts afresh", async () => {
  const cache = tempFolder();
  const broken = async (folder: string) => {
    await write("half")(folder);
    throw new Error("no network");
  };
  await expect(cached(cache, "thing", "1", broken)).rejects.toThrow("no network");
  expect(readdirSync(cache)).toEqual([]);
  expect(content(await cached(cache, "thing", "1", write("whole")))).toBe("whole");
});

test("what a killed build left is no result, and is removed by the next one", async () => {
  const cache = tempFolder();
  const script = fileURLToPath(new URL("support/buildForever.ts", import.meta.url));
  const child = spawn(process.execPath, [...typeScriptArguments(script), cache], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(existsSync(join(cache, "thing-1"))).toBe(false);
  utimesSync(join(cache, "thing-1.lock"), 0, 0); // As it would be some seconds later.
  expect(readdirSync(cache).some((name) => name.startsWith("thing-1.tmp-"))).toBe(true);

  const folder = await cached(cache, "thing", "1", write("whole"));
  expect(content(folder)).toBe("whole");
  expect(readdirSync(cache)).toEqual(["thing-1"]);
});

test("a lock that is held too long is an error which names it", async () => {
  const path = join(tempFolder(), "lock");
  await withLock(path, { doing: "building" }, async () => {
    const late = withLock(path, { doing: "building", limitMs: 1 }, async () => "never");
    await expect(late).rejects.toThrow(`building: another process has held the lock ${path}`);
  });
});
