import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** A short key of these texts and of all files in these folders, with their names. */
export async function contentKey(texts: readonly string[], folders: readonly string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const text of texts) {
    hash.update(`${text.length}\n${text}`);
  }
  for (const folder of folders) {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((e) => e.isFile()).map((e) => join(e.parentPath, e.name));
    for (const file of files.sort()) {
      const content = await readFile(file);
      hash.update(`${file.slice(folder.length)}\n${content.length}\n`).update(content);
    }
  }
  return hash.digest("hex").slice(0, 12);
}
