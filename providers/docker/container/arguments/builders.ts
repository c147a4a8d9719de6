import type { Argument, CreateBody, HostConfig } from "../types.js";
import { orNothing } from "../units.js";

/** An argument that is one member of HostConfig, as it is. Changing it replaces. */
export function hostField<V>(field: keyof HostConfig & string, more: Partial<Argument<V>> = {}): Argument<V> {
  return {
    api: `HostConfig.${field}`,
    effect: "replace",
    write: (value, body) => {
      (body.HostConfig as Record<string, unknown>)[field] = value;
    },
    read: (live) => orNothing((live.HostConfig as Record<string, unknown>)[field]) as V | undefined,
    ...more,
  };
}

/** An argument that is one member of the body itself, as it is. Changing it replaces. */
export function bodyField<V>(field: keyof CreateBody & string, more: Partial<Argument<V>> = {}): Argument<V> {
  return {
    api: field,
    effect: "replace",
    write: (value, body) => {
      (body as unknown as Record<string, unknown>)[field] = value;
    },
    read: (live) => orNothing((live.Config as unknown as Record<string, unknown>)[field]) as V | undefined,
    ...more,
  };
}

/** For an argument whose default is false. */
export const offByDefault = { canonical: (value: boolean | undefined) => value ?? false };
/** For an argument whose default is true. */
export const onByDefault = { canonical: (value: boolean | undefined) => value ?? true };
/** For a list that says as much empty as unset. */
export const list = { canonical: (value: any) => value ?? [] };
export const set = { ...list, unordered: true };
export const map = { canonical: (value: any) => value ?? {} };
