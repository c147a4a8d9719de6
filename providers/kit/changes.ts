import type { Path } from "./path.js";
import { signatureKey } from "./signatures.js";
import { unknown } from "./types.js";

/** A place where two values differ. */
export interface Difference {
  readonly path: Path;
  readonly kind: "add" | "update" | "delete";
}

/**
 * Where two plain values differ, as deep as can be said: members of objects by name, elements of lists by place. null and
 * undefined are the same. An unknown new value differs from every old one.
 */
export function differences(before: unknown, after: unknown, path: Path = []): Difference[] {
  const [old, now] = [before ?? undefined, after ?? undefined];
  if (old === undefined && now === undefined) return [];
  if (old === undefined) return [{ path, kind: "add" }];
  if (now === undefined) return [{ path, kind: "delete" }];
  if (now === unknown || old === unknown) return [{ path, kind: "update" }];
  if (Array.isArray(old) && Array.isArray(now)) {
    const length = Math.max(old.length, now.length);
    return Array.from({ length }, (_, i) => differences(old[i], now[i], [...path, i])).flat();
  }
  if (isRecord(old) && isRecord(now)) {
    if (isSameContent(old, now)) return [];
    const names = [...new Set([...Object.keys(old), ...Object.keys(now)])];
    return names.flatMap((name) => differences(member(old, name), member(now, name), [...path, name]));
  }
  return old === now || Object.is(old, now) ? [] : [{ path, kind: "update" }];
}

/** Assets and archives are the same where their hash is: the engine leaves their contents out of old values. */
function isSameContent(old: Record<string, unknown>, now: Record<string, unknown>): boolean {
  return old[signatureKey] !== undefined && old["hash"] !== undefined && old["hash"] === now["hash"];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function member(object: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}
