import type { unknown } from "./types.js";

/** A value as it travels between the engine and a plugin: JSON, plus secrets and unknowns at any depth. */
export type Property =
  | null
  | boolean
  | number
  | string
  | typeof unknown
  | Secret
  | readonly Property[]
  | PropertyMap;

export interface PropertyMap {
  readonly [name: string]: Property;
}

/** A value that must be encrypted in the state and never be shown. */
export class Secret {
  constructor(readonly value: Property) {}
}

export function isPropertyMap(value: Property | undefined): value is PropertyMap {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Secret);
}

/** The value without the wrapper, where it has one. */
export function unwrap(value: Property): Property {
  return value instanceof Secret ? unwrap(value.value) : value;
}

export function containsSecret(value: Property | undefined): boolean {
  if (value instanceof Secret) return true;
  if (Array.isArray(value)) return value.some(containsSecret);
  return isPropertyMap(value) && Object.values(value).some(containsSecret);
}
