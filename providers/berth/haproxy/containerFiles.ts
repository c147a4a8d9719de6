import { posix } from "node:path";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import type { Container } from "dockerode";
import { extract, pack } from "tar-stream";

export interface ContainerFile {
  readonly text: string;
  /** Modification time in seconds of the engine's clock. */
  readonly modified: number;
}

/** A file in a container, running or not; `undefined` where there is none. */
export async function readContainerFile(
  container: Container,
  path: string,
): Promise<ContainerFile | undefined> {
  const [file] = (await readContainerFolder(container, path)).values();
  return file;
}

/** The files right in a folder of a container, or the one file that the path names, by name; empty where there is none. */
export async function readContainerFolder(
  container: Container,
  path: string,
): Promise<Map<string, ContainerFile>> {
  const found = new Map<string, ContainerFile>();
  const archive = await container.getArchive({ path }).catch((error: { statusCode?: number }) => {
    if (error.statusCode === 404) return undefined;
    throw error;
  });
  if (!archive) return found;
  const files = extract();
  (archive as Readable).on("error", (error) => files.destroy(error)).pipe(files);
  for await (const entry of files) {
    if (entry.header.type !== "file") {
      entry.resume();
      continue;
    }
    const text = (await buffer(entry)).toString("utf8");
    const modified = Math.floor((entry.header.mtime?.getTime() ?? 0) / 1000);
    found.set(posix.basename(entry.header.name), { text, modified });
  }
  return found;
}

/** Puts files that only root may read into a folder for root only, which is made where it is not there; others in it stay. */
export async function putSecretFolder(
  container: Container,
  path: string,
  files: ReadonlyMap<string, ContainerFile>,
): Promise<void> {
  const archive = pack();
  const folder = posix.basename(path);
  archive.entry({ name: folder, type: "directory", mode: 0o700, uid: 0, gid: 0 });
  for (const [name, { text, modified }] of files) {
    archive.entry({ name: `${folder}/${name}`, mode: 0o600, ...dated(modified) }, text);
  }
  archive.finalize();
  await container.putArchive(await buffer(archive), { path: posix.dirname(path) });
}

function dated(modified: number) {
  return { uid: 0, gid: 0, mtime: new Date(modified * 1000) };
}
