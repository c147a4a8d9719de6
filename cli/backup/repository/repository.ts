import { UserError } from "../../say.js";
import type { Backup, Verification } from "./manifest.js";
import { type KeyBox, Sealer } from "./sealer.js";
import { ObjectMissing, type Store } from "./store.js";

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
  /** Names that are known to be stored. */
  readonly #stored = new Map<string, Promise<number>>();

  private constructor(
    readonly store: Store,
    readonly chunkBytes: number,
    readonly encrypted: boolean,
    readonly sealer: Sealer,
  ) {}

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
      await store.put(headerKey, Buffer.from(`${JSON.stringify(made, null, 2)}\n`));
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

  /** Keeps a chunk, where it is not kept already. @returns its name, and the bytes that the store grew by */
  async putChunk(content: Buffer): Promise<{ readonly name: string; readonly added: number }> {
    const name = this.sealer.name(content);
    const known = this.#stored.get(name);
    if (known !== undefined) {
      await known;
      return { name, added: 0 };
    }
    const work = this.#putNew(name, content);
    this.#stored.set(name, work);
    try {
      return { name, added: await work };
    } catch (error) {
      this.#stored.delete(name);
      throw error;
    }
  }

  async #putNew(name: string, content: Buffer): Promise<number> {
    const key = chunkKey(name);
    if (await this.store.has(key)) return 0;
    const sealed = await this.sealer.seal(name, content);
    await this.store.put(key, sealed);
    return sealed.length;
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

  async putBackup(backup: Backup): Promise<void> {
    await this.#putJson(`backups/${backup.id}`, backup);
  }

  /** @throws UserError where there is none */
  async getBackup(id: string): Promise<Backup> {
    const key = `backups/${id}`;
    if (!/^[\w.-]+$/.test(id) || !(await this.store.has(key))) {
      throw new UserError(`${this.store.where} has no backup "${id}"; "berth backup list" shows them.`);
    }
    return (await this.#getJson(key)) as Backup;
  }

  /** All backups, oldest first. */
  async backups(): Promise<Backup[]> {
    const keys = await this.store.list("backups/");
    const all = await Promise.all(keys.map(async (key) => (await this.#getJson(key)) as Backup));
    return all.sort((one, other) => one.taken.localeCompare(other.taken) || one.id.localeCompare(other.id));
  }

  async putVerification(verification: Verification): Promise<void> {
    await this.#putJson(`verified/${verification.id}`, verification);
  }

  /** By the backup's id. */
  async verifications(): Promise<ReadonlyMap<string, Verification>> {
    const keys = await this.store.list("verified/");
    const all = await Promise.all(keys.map(async (key) => (await this.#getJson(key)) as Verification));
    return new Map(all.map((one) => [one.id, one]));
  }

  /** Removes backups, and then every chunk that no other backup has. @returns how many chunks went */
  async remove(ids: readonly string[]): Promise<number> {
    for (const id of ids) {
      await this.store.delete(`backups/${id}`);
      await this.store.delete(`verified/${id}`);
    }
    const used = new Set<string>();
    for (const { disks, files } of await this.backups()) {
      for (const { runs } of [...Object.values(disks), ...Object.values(files)]) {
        for (const run of runs) if (typeof run === "string") used.add(chunkKey(run));
      }
    }
    const left = (await this.store.list("chunks/")).filter((key) => !used.has(key));
    for (const key of left) await this.store.delete(key);
    this.#stored.clear();
    return left.length;
  }

  /** What is not a chunk carries its checksum in front. */
  async #putJson(key: string, value: object): Promise<void> {
    const content = Buffer.from(JSON.stringify(value));
    const sum = Buffer.from(this.sealer.name(content), "hex");
    await this.store.put(key, Buffer.concat([sum, await this.sealer.seal(key, content)]));
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
