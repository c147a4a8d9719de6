import { createHash } from "node:crypto";
import { constants, createReadStream } from "node:fs";
import { copyFile, rm, stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";

/** A file's size and content. */
export async function digest(path: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash);
  return { bytes: (await stat(path)).size, sha256: hash.digest("hex") };
}

/** Copies a file over another; where the file system can share its blocks, no data is written. */
export async function copyWhole(from: string, to: string): Promise<void> {
  await rm(to, { force: true });
  await copyFile(from, to, constants.COPYFILE_FICLONE);
}
