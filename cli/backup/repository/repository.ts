import { UserError } from "../../say.js";
import { inParallel } from "./inParallel.js";
import { Lease, type LeaseTimes } from "./lease.js";
import type { Backup, Verification } from "./manifest.js";
import { type KeyBox, Sealer } from "./sealer.js";
import { ObjectMissing, type Store } from "./store.js";
import { StoredChunks } from "./storedChunks.js";

/** What `repository.json` says. */
interface Header {
  readonly format: "berth backup";
  readonly version: 1;
  readonly chunkBytes: number;
  /** None: it is not encrypted. */
  readonly key?: KeyBox;
}

const headerKey = "repository.json";
/** Chosen by measuring; see docs/backup.md. */
const defaultChunkBytes = 256 * 1024;

/** Machines' backups in a store: chunks by their content, each kept once whoever has it, and a list of them a backup. */
export class Repository {
  readonly #chunks: StoredChunks;
  #lease: Lease | undefined;

  private constructor(
    readonly store: Store,
    readonly chunkBytes: number,
    readonly encrypted: boolean,
    readonly sealer: Sealer,
  ) {
    this.#chunks = new StoredChunks(store);
  }

  /**
   * Opens a repository.
   *
   * @param passphrase of an encrypted one
   * @param make makes it where there is none, encrypted where there is a passphrase
   * @throws UserError where there is none, or the passphrase is wrong, missing or not needed
   */
  static async open(
    store: Store,
    passphrase: string | undefined,
    make?: { readonly chunkBytes?: number },
  ): Promise<Repository> {
    const header = await readHeader(store);
    if (header === undefined) {
      if (make === undefined)
        throw new UserError(`${store.where} has no backups; "berth backup --to" makes them.`);
      const lock = passphrase === undefined ? undefined : await Sealer.lock(passphrase);
      const chunkBytes = make.chunkBytes ?? defaultChunkBytes;
      const made: Header = { format: "berth backup", version: 1, chunkBytes, ...(lock && { key: lock.box }) };
      // Of several that make it at the same time, all go on with what the first has made.
      if (!(await store.putNew(headerKey, Buffer.from(`${JSON.stringify(made, null, 2)}\n`)))) {
        return Repository.open(store, passphrase);
      }
      return new Repository(store, chunkBytes, lock !== undefined, lock?.sealer ?? Sealer.plain());
    }
    const { chunkBytes, key } = header;
    if (key === undefined) {
      if (passphrase !== undefined) {
        throw new UserError(
          `${store.where} is not encrypted, and a passphrase was given. Leave it out, or begin a new repository.`,
        );
      }
      return new Repository(store, chunkBytes, false, Sealer.plain());
    }
    if (passphrase === undefined) {
      throw new UserError(
        `${store.where} is encrypted. Give its passphrase in BERTH_BACKUP_PASSPHRASE, or a file with --passphrase-file.`,
      );
    }
    const sealer = await Sealer.unlock(key, passphrase).catch((error: Error) => {
      throw new UserError(`${store.where}: ${error.message}.`);
    });
    return new Repository(store, chunkBytes, true, sealer);
  }

  /**
   * Does work that changes what is kept, and that nobody else does at the same time.
   *
   * @param what is at work: `berth backup`
   * @param work its signal is aborted where it has to stop, since nobody is kept away any more or the process is told to end
   * @throws UserError where somebody else is at work
   */
  async exclusively<T>(
    what: string,
    work: (signal: AbortSignal) => Promise<T>,
    times?: LeaseTimes,
  ): Promise<T> {
    const lease = await Lease.take(this.store, what, times);
    this.#lease = lease;
    // Others may have changed it until now.
    this.#chunks.forget();
    try {
      return await work(lease.signal);
    } finally {
      this.#lease = undefined;
      await lease.release();
    }
  }

  /** Keeps a chunk, where it is not kept already. @returns its name, and the bytes that the store grew by */
  async putChunk(content: Buffer): Promise<{ readonly name: string; readonly added: number }> {
    const name = this.sealer.name(content);
    const added = await this.#chunks.putOnce(chunkKey(name), () => this.sealer.seal(name, content));
    return { name, added };
  }

  /** A chunk's content, which is what its name says. @throws where it is missing or damaged */
  async getChunk(name: string): Promise<Buffer> {
    let content: Buffer;
    try {
      content = await this.sealer.unseal(name, await this.store.get(chunkKey(name)));
    } catch (error) {
      const what = error instanceof ObjectMissing ? "is missing" : `is damaged (${(error as Error).message})`;
      throw new Error(`the chunk ${name} of ${this.store.where} ${what}`, { cause: error });
    }
    if (this.sealer.name(content) !== name) {
      throw new Error(`the chunk ${name} of ${this.store.where} is damaged: its checksum is another`);
    }
    return content;
  }

  /** From here on it counts: all of its chunks have to be there. @throws where another has its id */
  async putBackup(backup: Backup): Promise<void> {
    const key = `backups/${backup.id}`;
    const content = await this.#sealJson(key, backup);
    this.#lease?.requireHeld();
    if (await this.store.putNew(key, content)) return;
    // Where an answer was lost on its way, it is this one that is there.
    if ((await this.store.get(key)).equals(content)) return;
    throw new Error(`${this.store.where} has another backup "${backup.id}" already`);
  }

  /** @throws UserError where there is none */
  async getBackup(id: string): Promise<Backup> {
    const key = `backups/${id}`;
    try {
      if (/^[\w.-]+$/.test(id)) return (await this.#getJson(key)) as Backup;
    } catch (error) {
      if (!(error instanceof ObjectMissing)) throw error;
    }
    throw new UserError(`${this.store.where} has no backup "${id}"; "berth backup list" shows them.`);
  }

  /** All backups, oldest first. */
  async backups(): Promise<Backup[]> {
    const keys = await this.store.list("backups/");
    const all = await inParallel(keys, async (key) => (await this.#getJson(key)) as Backup);
    return all.sort((one, other) => one.taken.localeCompare(other.taken) || one.id.localeCompare(other.id));
  }

  async putVerification(verification: Verification): Promise<void> {
    const key = `verified/${verification.id}`;
    await this.store.put(key, await this.#sealJson(key, verification));
  }

  /** By the backup's id. */
  async verifications(): Promise<ReadonlyMap<string, Verification>> {
    const keys = await this.store.list("verified/");
    const all = await inParallel(keys, async (key) => (await this.#getJson(key)) as Verification);
    return new Map(all.map((one) => [one.id, one]));
  }

  /** Removes backups, and then every chunk that no other backup has. @returns how many chunks went */
  async remove(ids: readonly string[]): Promise<number> {
    // Descriptions first: cut off, it leaves chunks of nobody, and no backup without its chunks.
    await this.#deleteAll(ids.map((id) => `backups/${id}`));
    await this.#deleteAll(ids.map((id) => `verified/${id}`));
    const used = new Set<string>();
    for (const { disks, files } of await this.backups()) {
      for (const { runs } of [...Object.values(disks), ...Object.values(files)]) {
        for (const run of runs) if (typeof run === "string") used.add(chunkKey(run));
      }
    }
    const left = (await this.store.list("chunks/")).filter((key) => !used.has(key));
    await this.#deleteAll(left);
    this.#chunks.forget();
    return left.length;
  }

  async #deleteAll(keys: readonly string[]): Promise<void> {
    await inParallel(keys, async (key) => {
      this.#lease?.requireHeld();
      await this.store.delete(key);
    });
  }

  /** What is not a chunk carries its checksum in front. */
  async #sealJson(key: string, value: object): Promise<Buffer> {
    const content = Buffer.from(JSON.stringify(value));
    const sum = Buffer.from(this.sealer.name(content), "hex");
    return Buffer.concat([sum, await this.sealer.seal(key, content)]);
  }

  async #getJson(key: string): Promise<unknown> {
    const stored = await this.store.get(key);
    try {
      const content = await this.sealer.unseal(key, stored.subarray(32));
      if (this.sealer.name(content) !== stored.subarray(0, 32).toString("hex"))
        throw new Error("another checksum");
      return JSON.parse(content.toString());
    } catch (error) {
      throw new Error(`${key} of ${this.store.where} is damaged: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }
}

function chunkKey(name: string): string {
  return `chunks/${name.slice(0, 2)}/${name}`;
}

async function readHeader(store: Store): Promise<Header | undefined> {
  let text: string;
  try {
    text = (await store.get(headerKey)).toString();
  } catch (error) {
    if (error instanceof ObjectMissing) return undefined;
    throw error;
  }
  const header = JSON.parse(text) as Partial<Header>;
  if (header.format !== "berth backup" || header.version !== 1) {
    throw new UserError(`${store.where} is not a repository of backups that this version of Berth reads.`);
  }
  return header as Header;
}
