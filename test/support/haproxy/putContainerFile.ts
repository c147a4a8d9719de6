import { posix } from "node:path";
import { buffer } from "node:stream/consumers";
import type { Container } from "dockerode";
import { pack } from "tar-stream";
import type { ContainerFile } from "../../../providers/berth/haproxy/containerFiles.js";

/** Puts a file that anybody may read into a folder of a container that is there, as `docker cp` does. */
export async function putContainerFile(
  container: Container,
  path: string,
  { text, modified }: ContainerFile,
): Promise<void> {
  const archive = pack();
  const mtime = new Date(modified * 1000);
  archive.entry({ name: posix.basename(path), mode: 0o644, uid: 0, gid: 0, mtime }, text);
  archive.finalize();
  await container.putArchive(await buffer(archive), { path: posix.dirname(path) });
}
