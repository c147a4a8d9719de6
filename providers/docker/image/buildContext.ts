import { createHash } from "node:crypto";
import { createReadStream, existsSync, readFileSync, type Stats, statSync } from "node:fs";
import { lstat, readdir, readFile, readlink } from "node:fs/promises";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { PassThrough, type Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { pack } from "tar-stream";
import { type IgnoreRules, parseIgnoreRules } from "./ignoreRules.js";

/** What a build needs of the machine the program runs on. */
export interface BuildContext {
  /** The folder whose content the Dockerfile can copy. */
  readonly folder: string;
  /** The Dockerfile, inside the folder or elsewhere. */
  readonly dockerfile: string;
}

interface Entry {
  /** Relative to the folder, with `/`. */
  readonly path: string;
  readonly stats: Stats;
}

/** Finds the folder and the Dockerfile; both may be relative to the working folder. Errors name what is missing. */
export function openBuildContext(context = ".", dockerfile?: string): BuildContext {
  const folder = resolve(context);
  if (/^(https?|git|ssh):\/\/|^git@/.test(context)) {
    throw new Error(`"${context}" is remote; only folders of this machine are built from here.`);
  }
  if (!existsSync(folder)) throw new Error(`the build context "${context}" does not exist (${folder}).`);
  if (!statSync(folder).isDirectory())
    throw new Error(`the build context "${context}" is not a folder (${folder}).`);
  const file = dockerfile === undefined ? join(folder, "Dockerfile") : resolve(dockerfile);
  if (!existsSync(file))
    throw new Error(`the Dockerfile "${dockerfile ?? "Dockerfile"}" does not exist (${file}).`);
  return { folder, dockerfile: file };
}

/**
 * A SHA-256 over everything a build sees: the Dockerfile, and the paths, kinds, modes, link targets and contents that
 * `.dockerignore` lets through. Owners and times are left out: they differ between checkouts of the same content.
 */
export async function contextDigest(context: BuildContext): Promise<string> {
  const hash = createHash("sha256");
  const line = (...parts: (string | number)[]) => hash.update(`${JSON.stringify(parts)}\n`);
  line("Dockerfile", dockerfileName(context), sha256(await readFile(context.dockerfile)));
  for (const { path, stats } of await entriesOf(context)) {
    const mode = stats.mode & 0o7777;
    const file = join(context.folder, path);
    if (stats.isSymbolicLink()) line("link", path, await readlink(file));
    else if (stats.isDirectory()) line("folder", path, mode);
    else line("file", path, mode, await fileSha256(file));
  }
  return hash.digest("hex");
}

/** The name of the Dockerfile in the archive. */
export function dockerfileName({ folder, dockerfile }: BuildContext): string {
  const path = relative(folder, dockerfile);
  const outside = path.startsWith("..") || isAbsolute(path);
  return outside ? `.dockerfile.${sha256(readFileSync(dockerfile)).slice(0, 20)}` : path.split(sep).join("/");
}

/** The archive the engine is sent. */
export function contextArchive(context: BuildContext): Readable {
  const tar = pack();
  const out = new PassThrough();
  const fill = async () => {
    const name = dockerfileName(context);
    const entries = await entriesOf(context);
    for (const { path, stats } of entries) {
      const file = join(context.folder, path);
      const common = { name: path, mode: stats.mode & 0o7777, mtime: stats.mtime, uid: 0, gid: 0 };
      if (stats.isSymbolicLink()) tar.entry({ ...common, type: "symlink", linkname: await readlink(file) });
      else if (stats.isDirectory()) tar.entry({ ...common, type: "directory" });
      else await pipeline(createReadStream(file), tar.entry({ ...common, size: stats.size }));
    }
    if (!entries.some(({ path }) => path === name)) tar.entry({ name }, await readFile(context.dockerfile));
    tar.finalize();
  };
  fill().catch((error: Error) => tar.destroy(error));
  pipeline(tar as unknown as Readable, out).catch((error: Error) => out.destroy(error));
  return out;
}

/** All that is sent, in one order. Sockets and pipes are not. */
async function entriesOf({ folder, dockerfile }: BuildContext): Promise<Entry[]> {
  const rules = ignoreRules(folder, dockerfile);
  const entries: Entry[] = [];
  const visit = async (inner: string): Promise<void> => {
    const names = await readdir(join(folder, inner));
    for (const name of names.sort()) {
      const path = inner === "" ? name : `${inner}/${name}`;
      const ignored = rules.ignores(path);
      const stats = await lstat(join(folder, path));
      const folderLike = stats.isDirectory();
      if (!ignored && (folderLike || stats.isFile() || stats.isSymbolicLink())) entries.push({ path, stats });
      if (folderLike && (!ignored || rules.hasExceptions)) await visit(path);
    }
  };
  await visit("");
  return entries;
}

/** A `.dockerignore` of the Dockerfile's own wins over the context's. */
function ignoreRules(folder: string, dockerfile: string): IgnoreRules {
  const file = [`${dockerfile}.dockerignore`, join(folder, ".dockerignore")].find((path) => existsSync(path));
  return parseIgnoreRules(file === undefined ? "" : readFileSync(file, "utf8"));
}

function sha256(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

async function fileSha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}
