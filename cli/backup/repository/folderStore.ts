import { mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import lockfile from "proper-lockfile";
import { ObjectMissing, type Store } from "./store.js";

const staleLockMs = 60_000;

/** A repository in a folder, readable by its owner alone. */
export class FolderStore implements Store {
  readonly where: string;

  constructor(folder: string) {
    this.where = resolve(folder);
  }

  async get(key: string): Promise<Buffer> {
    try {
      return await readFile(this.#path(key));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      throw new ObjectMissing(`${this.#path(key)} is not there`, { cause: error });
    }
  }

  async has(key: string): Promise<boolean> {
    return (await stat(this.#path(key)).catch(() => undefined)) !== undefined;
  }

  async put(key: string, content: Buffer): Promise<void> {
    const path = this.#path(key);
    const draft = `${path}.${process.pid}.new`;
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const file = await open(draft, "w", 0o600);
    try {
      await file.writeFile(content);
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  }

  async delete(key: string): Promise<void> {
    await rm(this.#path(key), { force: true });
  }

  async list(prefix: string): Promise<string[]> {
    const entries = await readdir(join(this.where, prefix), { recursive: true, withFileTypes: true }).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return [];
        throw error;
      },
    );
    return entries
      .filter((entry) => entry.isFile() && !entry.name.endsWith(".new"))
      .map((entry) => join(entry.parentPath, entry.name).slice(this.where.length + 1))
      .sort();
  }

  async exclusively<T>(what: string, work: () => Promise<T>): Promise<T> {
    await mkdir(this.where, { recursive: true, mode: 0o700 });
    const release = await lockfile
      .lock(this.where, { stale: staleLockMs, update: staleLockMs / 4 })
      .catch((error: NodeJS.ErrnoException) => {
        if (error.code !== "ELOCKED") throw error;
        throw new Error(
          `${what}: another run is at work in ${this.where}. Wait for its end; one that was killed is forgotten after a minute.`,
        );
      });
    try {
      return await work();
    } finally {
      await release();
    }
  }

  #path(key: string): string {
    return join(this.where, key);
  }
}
