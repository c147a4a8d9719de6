import { type CheckFailure, differences, formatPath, hasUnknown, type Path } from "../kit/index.js";
import { type Found, listChanges } from "./listChanges.js";

/** How one member of the SDK's arguments is written in the Engine API, and read back. */
export interface Field<V> {
  /** The member's name in the Engine API. */
  readonly api: string;
  /** Throws, without naming the member, where the value breaks a rule. */
  to(value: V): unknown;
  /** Undefined for Docker's default: a value that says it and none at all are the same. */
  from(value: any): V | undefined;
  /** The order of the list says nothing. */
  readonly unordered?: boolean;
  /** The members of the value, or of each element of a list. */
  readonly inner?: Shape<any>;
}

/** All members of a type of the SDK's. A new SDK version's new member is a compile error where a shape is written. */
export type Shape<T extends object> = { readonly [K in keyof T]-?: Field<Exclude<T[K], undefined>> };

type Plain = Record<string, any>;

/** The value in the words of the Engine API; what is not given is left out. */
export function encode<T extends object>(shape: Shape<T>, value: T): Plain {
  const members = fieldsOf(shape).map(([name, field]) => {
    const given = (value as Plain)[name];
    return [field.api, given === undefined ? undefined : field.to(given)] as const;
  });
  return Object.fromEntries(members.filter(([, it]) => it !== undefined));
}

/** The reverse; defaults are left out. */
export function decode<T extends object>(shape: Shape<T>, value: Plain): T {
  const members = fieldsOf(shape).map(([name, { api, from }]) => {
    const found = value[api];
    return [name, found === undefined || found === null ? undefined : from(found)] as const;
  });
  return Object.fromEntries(members.filter(([, it]) => it !== undefined)) as T;
}

/** Every mistake that the fields find, each with its path. What is not known yet is not looked at. */
export function mistakes<T extends object>(shape: Shape<T>, value: T, path: Path = []): CheckFailure[] {
  return fieldsOf(shape).flatMap(([name, { inner, to }]) => {
    const given = (value as Plain)[name];
    if (given === undefined) return [];
    const here = [...path, name];
    if (inner && Array.isArray(given)) {
      return given.flatMap((element, i) =>
        typeof element === "object" ? mistakes(inner, element, [...here, i]) : [],
      );
    }
    if (inner && typeof given === "object" && !Array.isArray(given)) return mistakes(inner, given, here);
    if (hasUnknown(given)) return [];
    try {
      to(given);
      return [];
    } catch (error) {
      return [{ property: formatPath(here), reason: (error as Error).message }];
    }
  });
}

/** Where two values differ in meaning: defaults, ways of writing and, where it says nothing, order do not count. */
export function shapeChanges<T extends object>(
  shape: Shape<T>,
  before: T | undefined,
  after: T | undefined,
  path: Path = [],
): Found[] {
  return fieldsOf(shape).flatMap(([name, field]) => {
    const here = [...path, name];
    const [old, now] = [(before as Plain | undefined)?.[name], (after as Plain | undefined)?.[name]];
    const nested = field.inner && !field.unordered && !Array.isArray(old ?? now);
    if (nested && isRecord(old ?? {}) && isRecord(now ?? {})) {
      const found = shapeChanges(field.inner, old, now, here);
      if (found.length === 0 || (old !== undefined && now !== undefined)) return found;
      return [{ path: here, kind: old === undefined ? ("add" as const) : ("delete" as const) }];
    }
    if (hasUnknown(now) || hasUnknown(old)) return differences(old, now, here);
    const [was, is] = [canonical(field, old), canonical(field, now)];
    if (field.unordered) return listChanges(here, (was as unknown[]) ?? [], (is as unknown[]) ?? []);
    return differences(was, is, here);
  });
}

function canonical(field: Field<any>, value: unknown): unknown {
  if (value === undefined) return undefined;
  try {
    return field.from(field.to(value));
  } catch {
    return value; // A mistake is left for the check to name.
  }
}

function fieldsOf(shape: Shape<any>): [string, Field<any>][] {
  return Object.entries(shape) as [string, Field<any>][];
}

function isRecord(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
