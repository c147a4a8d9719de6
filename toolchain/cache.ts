import { chmod, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { exists } from "./exists.js";
import { type Log, withLock } from "./lock.js";

/**
 * A folder in the cache, built where it is not there yet. It appears whole or not at all: `build` fills a
 * temporary folder beside it, which is renamed when it is complete. Interrupted builds leave nothing that
 * counts, and what they left is removed by the next one; of several processes that want the same folder, one
 * builds and the others wait.
 * @param cacheDir the cache; made where it is missing
 * @param name what it is, a file name: "engine"
 * @param key what it was built from, a file name: usually a hash; another key is another folder
 * @param build fills the folder it is given; files must not name that folder, as it is renamed afterwards
 * @param log told when another process has to be waited for
 * @returns the folder `<cacheDir>/<name>-<key>`
 */
export async function cached(
  cacheDir: string,
  name: string,
  key: string,
  build: (tmpDir: string) => Promise<void>,
  log?: Log,
): Promise<string> {
  const folder = join(cacheDir, `${name}-${key}`);
  if (await exists(folder)) {
    return folder;
  }
  const options = { doing: `making ${name} in the cache`, ...(log && { log }) };
  return withLock(`${folder}.lock`, options, async () => {
    if (await exists(folder)) {
      return folder;
    }
    await removeLeftovers(folder);
    const tmpDir = await mkdtemp(`${folder}.tmp-`);
    await chmod(tmpDir, 0o755); // Others read it too: QEMU runs as a user of its own.
    try {
      await build(tmpDir);
      await rename(tmpDir, folder);
    } catch (error) {
      await rm(tmpDir, { recursive: true, force: true });
      throw error;
    }
    return folder;
  });
}

/** Under the lock nobody else builds this folder, so every temporary one is a dead builder's. */
async function removeLeftovers(folder: string): Promise<void> {
  const prefix = `${basename(folder)}.tmp-`;
  for (const entry of await readdir(dirname(folder))) {
    if (entry.startsWith(prefix)) {
      await rm(join(dirname(folder), entry), { recursive: true, force: true });
    }
  }
}
