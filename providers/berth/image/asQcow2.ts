import { execFile } from "node:child_process";
import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { imageCache } from "./fetchImage.js";

const magic = Buffer.from("QFI\xfb", "latin1");
const convertLimitMs = 30 * 60_000;

/**
 * A disk image as qcow2, which machines are linked clones of: itself, or, where it is raw, made from it once for its digest.
 *
 * @throws where it is neither
 */
export async function asQcow2(file: string, sha256: string, signal: AbortSignal): Promise<string> {
  if (await beginsWithMagic(file)) return file;
  const converted = join(imageCache(), `${sha256}.qcow2`);
  if ((await stat(converted).catch(() => undefined)) !== undefined) return converted;
  await mkdir(imageCache(), { recursive: true, mode: 0o700 });
  const draft = `${converted}.${process.pid}.new`;
  try {
    // Its format is said, never guessed: a raw disk is what its guests made it.
    await promisify(execFile)("qemu-img", ["convert", "-f", "raw", "-O", "qcow2", file, draft], {
      signal,
      timeout: convertLimitMs,
    });
    await rename(draft, converted);
  } finally {
    await rm(draft, { force: true });
  }
  return converted;
}

async function beginsWithMagic(file: string): Promise<boolean> {
  const handle = await open(file, "r");
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(magic.length), 0, magic.length, 0);
    return bytesRead === magic.length && buffer.equals(magic);
  } finally {
    await handle.close();
  }
}
