import { createHash, generateKeyPairSync, randomUUID } from "node:crypto";

/** Where a Docker Engine keeps what it is known by. */
export type DockerIdFile = "/etc/docker/key.json" | "/var/lib/docker/engine-id";

export interface DockerIdentity {
  /** As `docker info` shows it. */
  readonly id: string;
  readonly file: DockerIdFile;
  readonly content: string;
}

/**
 * A new identity for an engine that keeps it in this file. Until Docker 22 it was a P-256 key, whose fingerprint is the id (github.com/docker/libtrust);
 * since 23 it is a UUID.
 */
export function newDockerIdentity(file: DockerIdFile): DockerIdentity {
  if (file === "/var/lib/docker/engine-id") {
    const id = randomUUID();
    return { id, file, content: id };
  }
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const digest = createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest();
  // 240 bits, so that base 32 needs no padding.
  const id = base32(digest.subarray(0, 30)).match(/.{4}/g)!.join(":");
  const { crv, d, x, y } = privateKey.export({ format: "jwk" });
  return { id, file, content: JSON.stringify({ crv, d, kid: id, kty: "EC", x, y }) };
}

function base32(bytes: Buffer): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  let bits = "";
  for (const byte of bytes) bits += byte.toString(2).padStart(8, "0");
  return (bits.match(/.{5}/g) ?? []).map((five) => alphabet[Number.parseInt(five, 2)]!).join("");
}
