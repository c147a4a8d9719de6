import { unknown } from "./types.js";

/** Is this value known only after other resources exist? True at the top only; see {@link hasUnknown} for inside. */
export function isUnknown(value: unknown): value is typeof unknown {
  return value === unknown;
}

/** Is this value, or anything inside it, known only after other resources exist? */
export function hasUnknown(value: unknown): boolean {
  if (value === unknown) return true;
  if (Array.isArray(value)) return value.some(hasUnknown);
  if (typeof value === "object" && value !== null) return Object.values(value).some(hasUnknown);
  return false;
}
