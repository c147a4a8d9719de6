import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";

/**
 * A key for what is built from a folder: 16 hexadecimal digits from the names and contents of its files, at any
 * depth.
 * @param keep which files count, by their path within the folder; default all
 */
export async function hashFolder(
  folder: string,
  keep: (path: string) => boolean = () => true,
): Promise<string> {
  const hash = createHash("sha256");
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
  for (const file of files.filter(keep).sort()) {
    const content = await readFile(join(folder, file));
    hash.update(`${file}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex").slice(0, 16);
}
