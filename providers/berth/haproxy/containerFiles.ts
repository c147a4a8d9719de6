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
  const archive = await container.getArchive({ path }).catch((error: { statusCode?: number }) => {
    if (error.statusCode === 404) return undefined;
    throw error;
  });
  if (!archive) return undefined;
  const files = extract();
  (archive as Readable).on("error", (error) => files.destroy(error)).pipe(files);
  for await (const entry of files) {
    if (entry.header.type !== "file") {
      entry.resume();
      continue;
    }
    const text = (await buffer(entry)).toString("utf8");
    return { text, modified: Math.floor((entry.header.mtime?.getTime() ?? 0) / 1000) };
  }
  return undefined;
}

/** Puts a file that anybody may read into a folder of a container that is there. `modified` in seconds. */
export async function putContainerFile(
  container: Container,
  path: string,
  { text, modified }: ContainerFile,
): Promise<void> {
  const archive = pack();
  const header = {
    name: posix.basename(path),
    mode: 0o644,
    uid: 0,
    gid: 0,
    mtime: new Date(modified * 1000),
  };
  archive.entry(header, text);
  archive.finalize();
  await container.putArchive(await buffer(archive), { path: posix.dirname(path) });
}
