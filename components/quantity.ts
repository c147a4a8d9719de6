import { parseDuration, parseSize } from "./topology/index.js";

/** A size such as `512MiB` in bytes. */
export function bytes(size: string): number {
  const value = parseSize(size);
  if (value === undefined) {
    throw new Error(
      `${JSON.stringify(size)} is not a size; write a number and B, KiB, MiB, GiB or TiB, such as "512MiB"`,
    );
  }
  return value;
}

/** The same in MiB, rounded up: what libvirt and Docker are told. */
export function mebibytes(size: string): number {
  return Math.ceil(bytes(size) / 2 ** 20);
}

/** A duration such as `30s` in milliseconds. */
export function milliseconds(duration: string): number {
  const value = parseDuration(duration);
  if (value === undefined) {
    throw new Error(
      `${JSON.stringify(duration)} is not a duration; write a number and ms, s, m or h, such as "30s"`,
    );
  }
  return value;
}
