import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

const reportEveryMs = 1000;

/** SHA-256 of a file in hexadecimal, read as a stream. `onProgress` gets the bytes read so far, at most once a second. */
export async function fileDigest(
  file: string,
  signal: AbortSignal,
  onProgress: (bytes: number) => void,
): Promise<string> {
  const hash = createHash("sha256");
  let bytes = 0;
  let reported = Date.now();
  for await (const chunk of createReadStream(file, { signal, highWaterMark: 1 << 20 })) {
    hash.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
    if (Date.now() - reported >= reportEveryMs) {
      reported = Date.now();
      onProgress(bytes);
    }
  }
  return hash.digest("hex");
}
