import { mkdir, readdir, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import lockfile from "proper-lockfile";
import { digest } from "./files.js";
import { type TemplateManifest, templateFiles } from "./manifest.js";

/** Another one makes the same template: longer than that takes, and it is not waited for any more. */
const lockRetries = { retries: 600, minTimeout: 1000, maxTimeout: 1000 };

/** No fork takes that long to load. */
const staleForkMs = 60 * 60_000;

/** A whole template whose files are what its manifest says. */
export interface Template {
  readonly path: string;
  readonly manifest: TemplateManifest;
}

/** What this process has read through and found whole: its files' sizes and times are part of the key. */
const verified = new Map<string, Promise<string | undefined>>();

/** A template by its folder; where there is none or a damaged one, what the trouble is. */
export async function openTemplate(path: string): Promise<Template | { readonly trouble: string }> {
  let manifest: TemplateManifest;
  try {
    manifest = JSON.parse(await readFile(join(path, templateFiles.manifest), "utf8"));
  } catch {
    return { trouble: "it is not there" };
  }
  const trouble =
    (await compare(join(path, templateFiles.memory), manifest.memory)) ??
    (await compare(join(path, templateFiles.disk), manifest.disk));
  return trouble === undefined ? { path, manifest } : { trouble };
}

async function compare(
  path: string,
  expected: { readonly bytes: number; readonly sha256: string },
): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return "a file of it is missing";
  if (found.size !== expected.bytes) return "a file of it was cut short or grew";
  const key = [path, expected.sha256, found.ino, found.size, found.mtimeMs, found.ctimeMs].join("\n");
  const known =
    verified.get(key) ??
    digest(path).then(({ sha256 }) =>
      sha256 === expected.sha256 ? undefined : "a file of it is damaged: its checksum is another",
    );
  verified.set(key, known);
  return known;
}

/**
 * The template of this fingerprint, made where the cache has none that is whole. One process makes it; others wait.
 *
 * @param make puts `memory`, `disk.qcow2` and `template.json` into the folder that it is given
 */
export async function ensureTemplate(
  cache: string,
  fingerprint: string,
  make: (folder: string) => Promise<void>,
  onDamage: (trouble: string) => void,
): Promise<Template> {
  await mkdir(cache, { recursive: true, mode: 0o700 });
  const path = join(cache, fingerprint);
  const release = await lockfile.lock(path, {
    realpath: false,
    stale: 30_000,
    update: 5000,
    retries: lockRetries,
  });
  try {
    const found = await openTemplate(path);
    if ("manifest" in found) {
      await touch(path);
      await removeStaleForks(path);
      return found;
    }
    if ((await stat(path).catch(() => undefined)) !== undefined) onDamage(found.trouble);
    await rm(path, { recursive: true, force: true });
    const folder = join(cache, `.making-${fingerprint}`);
    await rm(folder, { recursive: true, force: true });
    try {
      await make(folder);
      await rename(folder, path);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    const made = await openTemplate(path);
    if ("manifest" in made) return made;
    throw new Error(`the template that was just made can't be used: ${made.trouble}`);
  } finally {
    await release();
  }
}

/** Removes what was used longest ago until the rest fits. What is used now stays, even where it alone is too large. */
export async function pruneTemplates(cache: string, limitBytes: number, inUse: string): Promise<string[]> {
  const entries = (await readdir(cache, { withFileTypes: true })).filter((one) =>
    /^[0-9a-f]{20}$/.test(one.name),
  );
  const templates = await Promise.all(
    entries.map(async ({ name }) => {
      const path = join(cache, name);
      const files = await readdir(path);
      const sizes = await Promise.all(files.map(async (file) => (await stat(join(path, file))).size));
      return {
        name,
        path,
        bytes: sizes.reduce((sum, one) => sum + one, 0),
        used: (await stat(path)).mtimeMs,
      };
    }),
  );
  templates.sort(
    (one, other) => Number(other.name === inUse) - Number(one.name === inUse) || other.used - one.used,
  );
  const removed: string[] = [];
  let total = 0;
  for (const { name, path, bytes } of templates) {
    total += bytes;
    if (total <= limitBytes || name === inUse) continue;
    await rm(path, { recursive: true, force: true });
    removed.push(name);
  }
  return removed;
}

/** What forks that were killed have left, and that nobody tried again. */
async function removeStaleForks(path: string): Promise<void> {
  for (const name of await readdir(path)) {
    if (!name.startsWith("fork-")) continue;
    const file = join(path, name);
    const found = await stat(file).catch(() => undefined);
    if (found !== undefined && Date.now() - found.mtimeMs > staleForkMs) await rm(file, { force: true });
  }
}

async function touch(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now);
}
