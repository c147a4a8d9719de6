import { createHash } from "node:crypto";
import type { ServerHostKeyAlgorithm } from "ssh2";
import { SshError } from "./types.js";

/** A public host key: its type and its wire form. */
export interface HostKey {
  readonly type: string;
  readonly blob: Buffer;
}

/** Reads `ssh-ed25519 AAAA… comment`. Errors name the text that is no key. */
export function parseHostKey(text: string): HostKey {
  const [type = "", base64 = ""] = text.trim().split(/\s+/);
  const blob = Buffer.from(base64, "base64");
  if (blob.length < 8 || keyType(blob) !== type) {
    throw new SshError(
      `"${text.slice(0, 60)}" is not a public host key. Expected: "ssh-ed25519 AAAA…".`,
      "host-key",
    );
  }
  return { type, blob };
}

/** The key's SHA-256 fingerprint as OpenSSH writes it: `SHA256:…`. */
export function fingerprint(blob: Buffer): string {
  return `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;
}

/** The type at the head of a key in wire form (RFC 4253, 6.6). */
export function keyType(blob: Buffer): string {
  const length = blob.length >= 4 ? blob.readUInt32BE(0) : 0;
  return blob.subarray(4, 4 + length).toString("latin1");
}

/**
 * The host key algorithms to offer: only those of the pinned keys. Otherwise a server with several keys might present
 * one that is not pinned although it also has the one that is.
 */
export function hostKeyAlgorithms(keys: readonly HostKey[]): ServerHostKeyAlgorithm[] {
  const all = keys.flatMap((key) =>
    key.type === "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256"] : [key.type],
  ) as ServerHostKeyAlgorithm[];
  return [...new Set(all)];
}
