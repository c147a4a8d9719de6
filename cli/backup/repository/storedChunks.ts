import type { Store } from "./store.js";

/** Which keys a folder has; what is on its way to there is a promise of its size. */
type Known = Map<string, Promise<number> | undefined>;

/** The chunks of a store, each of which is put once. It lists a folder of them when it needs one: that takes what asking for one takes. */
export class StoredChunks {
  readonly #store: Store;
  readonly #folders = new Map<string, Promise<Known>>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Puts a chunk where it is not there already. @returns the bytes that the store grew by */
  async putOnce(key: string, content: () => Promise<Buffer>): Promise<number> {
    const known = await this.#beside(key);
    if (known.has(key)) {
      await known.get(key);
      return 0;
    }
    const work = this.#put(key, content);
    known.set(key, work);
    try {
      return await work;
    } catch (error) {
      known.delete(key);
      throw error;
    }
  }

  /** Forgets what it knows, as others may have changed it. */
  forget(): void {
    this.#folders.clear();
  }

  async #put(key: string, content: () => Promise<Buffer>): Promise<number> {
    const sealed = await content();
    await this.#store.put(key, sealed);
    return sealed.length;
  }

  #beside(key: string): Promise<Known> {
    const folder = key.slice(0, key.lastIndexOf("/") + 1);
    const known = this.#folders.get(folder);
    if (known !== undefined) return known;
    const listed = this.#store.list(folder).then((keys) => new Map(keys.map((one) => [one, undefined])));
    this.#folders.set(folder, listed);
    listed.catch(() => this.#folders.delete(folder));
    return listed;
  }
}
