import { execFile } from "node:child_process";
import { open } from "node:fs/promises";
import { promisify } from "node:util";
import { inParallel } from "./inParallel.js";
import type { Run, StoredFile } from "./manifest.js";
import type { Repository } from "./repository.js";

const mapLimitMs = 10 * 60_000;

/** Keeps a file's content in a repository; holes and zeros take nothing. @returns where it is, and the bytes that were added */
export async function storeFile(
  repository: Repository,
  path: string,
  signal: AbortSignal,
  onProgress: (bytes: number, of: number) => void = () => {},
): Promise<{ readonly stored: StoredFile; readonly added: number }> {
  const { chunkBytes } = repository;
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const count = Math.ceil(size / chunkBytes);
    const holes = await emptyChunks(path, chunkBytes, count, signal);
    const names = new Array<string | undefined>(count);
    let added = 0;
    let done = 0;
    await inParallel([...holes.keys()], async (index) => {
      signal.throwIfAborted();
      if (!holes[index]) {
        const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, size - index * chunkBytes));
        await file.read(buffer, 0, buffer.length, index * chunkBytes);
        if (!isZero(buffer)) {
          const kept = await repository.putChunk(buffer);
          names[index] = kept.name;
          added += kept.added;
        }
      }
      onProgress(++done * chunkBytes, size);
    });
    return { stored: { bytes: size, runs: toRuns(names) }, added };
  } finally {
    await file.close();
  }
}

/** Writes a stored file out, with holes where it has zeros; every chunk is checked. */
export async function loadFile(
  repository: Repository,
  { bytes, runs }: StoredFile,
  path: string,
  signal: AbortSignal,
): Promise<void> {
  const { chunkBytes } = repository;
  const names = fromRuns(runs);
  if (Math.ceil(bytes / chunkBytes) !== names.length) {
    throw new Error(
      `a file of ${bytes} bytes is kept in ${names.length} chunks of ${chunkBytes}: the backup's description is damaged`,
    );
  }
  const places = names.flatMap((name, index) =>
    name === undefined ? [] : [{ name, at: index * chunkBytes }],
  );
  const file = await open(path, "w", 0o600);
  try {
    await file.truncate(bytes);
    await inParallel(places, async (place) => {
      signal.throwIfAborted();
      await file.write(await repository.getChunk(place.name), 0, undefined, place.at);
    });
  } finally {
    await file.close();
  }
}

/** Which chunks the file system knows to be holes; reading those would take as long as reading data. */
async function emptyChunks(
  path: string,
  chunkBytes: number,
  count: number,
  signal: AbortSignal,
): Promise<boolean[]> {
  const args = ["map", "--output=json", "-f", "raw", path];
  const options = { signal, timeout: mapLimitMs, maxBuffer: 2 ** 30 };
  const { stdout } = await promisify(execFile)("qemu-img", args, options);
  const empty = new Array<boolean>(count).fill(true);
  for (const { start, length, zero } of JSON.parse(stdout) as {
    start: number;
    length: number;
    zero: boolean;
  }[]) {
    if (zero || length === 0) continue;
    empty.fill(false, Math.floor(start / chunkBytes), Math.ceil((start + length) / chunkBytes));
  }
  return empty;
}

function isZero(buffer: Buffer): boolean {
  return buffer[0] === 0 && buffer.compare(buffer, 1, buffer.length, 0, buffer.length - 1) === 0;
}

/** Chunks by place, `undefined` for zeros, as runs. */
export function toRuns(names: readonly (string | undefined)[]): Run[] {
  const runs: Run[] = [];
  let zeros = 0;
  for (const name of names) {
    if (name === undefined) {
      zeros += 1;
      continue;
    }
    if (zeros > 0) runs.push({ zeros });
    zeros = 0;
    runs.push(name);
  }
  return zeros > 0 ? [...runs, { zeros }] : runs;
}

/** Chunks by place, `undefined` for zeros. */
export function fromRuns(runs: readonly Run[]): (string | undefined)[] {
  return runs.flatMap((run) =>
    typeof run === "string" ? [run] : new Array<undefined>(run.zeros).fill(undefined),
  );
}
