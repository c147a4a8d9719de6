import type { StoredFile } from "../backup/repository/manifest.js";
import { fromRuns, toRuns } from "../backup/repository/storedFiles.js";

/** A stretch of a disk. */
export interface Part {
  /** Bytes from the disk's beginning. */
  readonly offset: number;
  readonly stored: StoredFile;
}

/** Chunks that one part has at most: 64 MiB of the usual ones. */
const mostChunks = 256;

/**
 * Where a disk differs from what it was, in chunks; those that follow each other are one part.
 *
 * @throws where its size is another
 */
export function changedParts(before: StoredFile, after: StoredFile, chunkBytes: number): Part[] {
  if (before.bytes !== after.bytes) {
    throw new Error(`the disk has ${after.bytes} bytes now, and had ${before.bytes} when its copy began`);
  }
  const [had, has] = [fromRuns(before.runs), fromRuns(after.runs)];
  const parts: Part[] = [];
  for (let start = 0; start < has.length; start++) {
    if (has[start] === had[start]) continue;
    let end = start + 1;
    while (end < has.length && end - start < mostChunks && has[end] !== had[end]) end++;
    const offset = start * chunkBytes;
    const bytes = Math.min(end * chunkBytes, after.bytes) - offset;
    parts.push({ offset, stored: { bytes, runs: toRuns(has.slice(start, end)) } });
    start = end - 1;
  }
  return parts;
}
