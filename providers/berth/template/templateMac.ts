import { randomBytes, randomInt } from "node:crypto";

/** QEMU's own prefix. */
const prefix = "52:54:00";

/**
 * An address for a template's network interface. It has a letter: so it can be told, wherever it lies in the template's memory,
 * whether it is written in upper or in lower case.
 */
export function templateMac(): string {
  const bytes = [...randomBytes(2), randomInt(0xa0, 0x100)];
  return [prefix, ...bytes.map((byte) => byte.toString(16).padStart(2, "0"))].join(":");
}
