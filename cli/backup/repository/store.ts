/** Where a backup repository keeps its objects: names with slashes, whole contents. Each is there whole, or not at all. */
export interface Store {
  /** Where it is, for people. */
  readonly where: string;
  /** @throws ObjectMissing where there is none */
  get(key: string): Promise<Buffer>;
  /** Puts an object in the place of what has its name. Afterwards it survives a power cut, and is in lists. */
  put(key: string, content: Buffer): Promise<void>;
  /** Puts an object where none has its name, whoever else does the same at the same time. @returns whether it did */
  putNew(key: string, content: Buffer): Promise<boolean>;
  /** When an object was put, by the store's own clock, to the second; nothing where there is none. */
  timeOf(key: string): Promise<Date | undefined>;
  /** Also where there is none. */
  delete(key: string): Promise<void>;
  /** Names that begin with `prefix`, which ends with a slash, in order. */
  list(prefix: string): Promise<string[]>;
}

/** What is to be read is not there. */
export class ObjectMissing extends Error {
  override name = "ObjectMissing";
}
