import { createHash, generateKeyPairSync, randomBytes } from "node:crypto";

const keyType = "ssh-ed25519";
/** OpenSSH pads the private part of an unencrypted key to this many bytes. */
const blockSize = 8;

export interface Ed25519Pair {
  /** 32 bytes. */
  readonly publicBytes: Buffer;
  /** 32 bytes. */
  readonly seed: Buffer;
}

export function generateEd25519(): Ed25519Pair {
  const { privateKey } = generateKeyPairSync("ed25519");
  const { x, d } = privateKey.export({ format: "jwk" });
  if (!x || !d) throw new Error("Node's crypto gave an ed25519 key without its parts.");
  return { publicBytes: Buffer.from(x, "base64url"), seed: Buffer.from(d, "base64url") };
}

/** `ssh-ed25519 AAAA… comment`, in one line without an end. */
export function publicKeyLine(publicBytes: Buffer, comment: string): string {
  const line = `${keyType} ${publicBlob(publicBytes).toString("base64")}`;
  return comment ? `${line} ${comment}` : line;
}

/** The same key with another comment. */
export function withComment(line: string, comment: string): string {
  const [type = "", base64 = ""] = line.split(" ");
  return comment ? `${type} ${base64} ${comment}` : `${type} ${base64}`;
}

/** `SHA256:…` as `ssh-keygen -l` prints it. */
export function keyFingerprint(publicBytes: Buffer): string {
  const digest = createHash("sha256").update(publicBlob(publicBytes)).digest("base64");
  return `SHA256:${digest.replace(/=+$/, "")}`;
}

/**
 * The private key unencrypted in OpenSSH's own format (openssh-portable, PROTOCOL.key). ssh2's generator is not used: it
 * strips zero bytes at the head of a public key, so that one key in 256 is malformed.
 */
export function privateKeyText(pair: Ed25519Pair, comment: string): string {
  const check = randomBytes(4);
  const secret = Buffer.concat([
    check,
    check,
    field(keyType),
    field(pair.publicBytes),
    field(Buffer.concat([pair.seed, pair.publicBytes])),
    field(comment),
  ]);
  const padding = Buffer.from(
    Array.from({ length: (blockSize - (secret.length % blockSize)) % blockSize }, (_, index) => index + 1),
  );
  const one = Buffer.from([0, 0, 0, 1]);
  const whole = Buffer.concat([
    Buffer.from("openssh-key-v1\0", "latin1"),
    field("none"),
    field("none"),
    field(""),
    one,
    field(publicBlob(pair.publicBytes)),
    field(Buffer.concat([secret, padding])),
  ]);
  const lines = whole.toString("base64").match(/.{1,70}/g) ?? [];
  return ["-----BEGIN OPENSSH PRIVATE KEY-----", ...lines, "-----END OPENSSH PRIVATE KEY-----", ""].join(
    "\n",
  );
}

function publicBlob(publicBytes: Buffer): Buffer {
  return Buffer.concat([field(keyType), field(publicBytes)]);
}

function field(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content as string);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
