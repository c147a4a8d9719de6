import { randomUUID } from "node:crypto";
import { link, mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { ObjectMissing, type Store } from "./store.js";

/** What file systems without hard links answer, such as those of USB sticks. */
const noLinks = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"]);

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

  async put(key: string, content: Buffer): Promise<void> {
    await rename(await this.#draft(key, content), this.#path(key));
  }

  async putNew(key: string, content: Buffer): Promise<boolean> {
    const draft = await this.#draft(key, content);
    try {
      await link(draft, this.#path(key));
    } catch (error) {
      const { code = "" } = error as NodeJS.ErrnoException;
      if (code === "EEXIST") return false;
      if (!noLinks.has(code)) throw error;
      if ((await this.timeOf(key)) !== undefined) return false;
      await rename(draft, this.#path(key));
    } finally {
      await rm(draft, { force: true });
    }
    return true;
  }

  async timeOf(key: string): Promise<Date | undefined> {
    try {
      return (await stat(this.#path(key))).mtime;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      return undefined;
    }
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

  #path(key: string): string {
    return join(this.where, key);
  }

  /** @returns path of the content beside its place, on the disk */
  async #draft(key: string, content: Buffer): Promise<string> {
    const path = this.#path(key);
    const draft = `${path}.${randomUUID()}.new`;
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const file = await open(draft, "wx", 0o600);
    try {
      await file.writeFile(content);
      await file.datasync();
    } finally {
      await file.close();
    }
    return draft;
  }
}
