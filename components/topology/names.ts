import { hash } from "./hash.js";

/** A name that libvirt and the kernel take, no longer than `length`: shortened and told apart by a hash where it must be. */
export function derivedName(wanted: string, length: number): string {
  const clean = wanted.toLowerCase().replace(/[^a-z0-9-]+/g, "-");
  if (clean === wanted && wanted.length <= length) return wanted;
  const tail = hash(wanted).toString(16).padStart(8, "0").slice(0, 6);
  return `${clean.slice(0, length - tail.length - 1).replace(/-+$/, "")}-${tail}`;
}
