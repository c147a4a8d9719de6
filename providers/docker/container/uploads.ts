import { readFileSync } from "node:fs";
import { pack } from "tar-stream";
import type { ContainerInputs } from "./types.js";

type Upload = NonNullable<ContainerInputs["uploads"]>[number];

/** A tar file with the uploads, to be unpacked at the container's root. Errors name a local file that can't be read. */
export function uploadArchive(uploads: readonly Upload[]): NodeJS.ReadableStream {
  const tar = pack();
  for (const upload of uploads) {
    const mode = upload.permissions
      ? Number.parseInt(upload.permissions, 8)
      : upload.executable
        ? 0o744
        : 0o644;
    const uid = accountId(upload.owner, "/etc/passwd", "owner");
    const gid = accountId(upload.group, "/etc/group", "group");
    tar.entry(
      { name: upload.file.replace(/^\/+/, ""), mode, uid, gid, mtime: new Date(0) },
      contentOf(upload),
    );
  }
  tar.finalize();
  return tar as unknown as NodeJS.ReadableStream;
}

function contentOf({ content, contentBase64, source }: Upload): Buffer {
  if (contentBase64 !== undefined) return Buffer.from(contentBase64, "base64");
  return source === undefined ? Buffer.from(content ?? "") : readFileSync(source);
}

/** Names are looked up on this machine, as the SDK documents it. */
function accountId(name: string | undefined, file: string, what: string): number {
  if (name === undefined || name === "") return 0;
  if (/^\d+$/.test(name)) return Number(name);
  const line = readFileSync(file, "utf8")
    .split("\n")
    .find((entry) => entry.startsWith(`${name}:`));
  if (!line) throw new Error(`uploads: ${what} "${name}" is not in this machine's ${file}; give its number.`);
  return Number(line.split(":")[2]);
}
