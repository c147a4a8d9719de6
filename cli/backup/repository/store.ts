/** Where a backup repository keeps its objects: names with slashes, whole contents. */
export interface Store {
  /** Where it is, for people. */
  readonly where: string;
  /** @throws where there is none */
  get(key: string): Promise<Buffer>;
  has(key: string): Promise<boolean>;
  /** Puts an object in place whole, or not at all, and so that it survives a power cut. */
  put(key: string, content: Buffer): Promise<void>;
  delete(key: string): Promise<void>;
  /** Names that begin with `prefix`, which ends with a slash, in order. */
  list(prefix: string): Promise<string[]>;
  /** Does work that nobody else does at the same time in this repository. @throws where somebody else is at it, with who it may be */
  exclusively<T>(what: string, work: () => Promise<T>): Promise<T>;
}

/** What is to be read is not there. */
export class ObjectMissing extends Error {
  override name = "ObjectMissing";
}
