import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Call } from "../../kit/index.js";

/** Folder for what was fetched and converted, in the checkout's own. */
export function imageCache(): string {
  return join(process.env["BERTH_HOME"] || ".berth", "fetched");
}

/**
 * Fetches an image over HTTPS, once for its digest: what is there already is whole, as it has its name only then.
 *
 * @returns the file
 * @throws where it can't be had, or has another digest; nothing is kept then
 */
export async function fetchImage(
  url: string,
  sha256: string,
  call: Pick<Call<unknown>, "signal" | "status">,
): Promise<string> {
  const file = join(imageCache(), sha256);
  if ((await stat(file).catch(() => undefined)) !== undefined) return file;
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}.new`;
  const response = await fetch(url, { signal: call.signal }).catch((error: Error) => {
    call.signal.throwIfAborted();
    const { cause } = error as { cause?: Error };
    throw new Error(`image ${url} can't be fetched: ${cause?.message ?? error.message}`, { cause: error });
  });
  if (!response.ok || response.body === null) {
    throw new Error(
      `image ${url} can't be fetched: the server answers ${response.status} ${response.statusText}`,
    );
  }
  if (!response.url.startsWith("https:")) {
    throw new Error(
      `image ${url} can't be fetched: the server sends on to ${response.url}, which is not HTTPS`,
    );
  }
  const total = Number(response.headers.get("content-length") ?? 0);
  const hash = createHash("sha256");
  let bytes = 0;
  const body = Readable.fromWeb(response.body as never);
  body.on("data", (chunk: Buffer) => {
    hash.update(chunk);
    bytes += chunk.length;
    const of = total === 0 ? "" : ` of ${mebibytes(total)}`;
    call.status(`fetching ${url}: ${mebibytes(bytes)}${of} MiB`);
  });
  try {
    await pipeline(body, createWriteStream(draft, { mode: 0o600 }), { signal: call.signal });
    const found = hash.digest("hex");
    if (found !== sha256) {
      throw new Error(
        `image ${url} has the wrong content (${bytes} bytes).\n  expected sha256 ${sha256}\n  found    sha256 ${found}\n` +
          'Look whether the publisher has a new version, and set "sha256" to the digest of the image that is meant.',
      );
    }
    await rename(draft, file);
  } finally {
    await rm(draft, { force: true });
  }
  return file;
}

function mebibytes(bytes: number): number {
  return Math.floor(bytes / 2 ** 20);
}
