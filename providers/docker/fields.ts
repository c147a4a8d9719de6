import { fromNanoseconds, orNothing, toNanoseconds } from "./container/units.js";
import type { Label } from "./plain.js";
import { labelList } from "./plain.js";
import { decode, encode, type Field, type Shape } from "./shape.js";

/** The kinds of members there are; `standard` is what Docker takes where none is given. */

export function text(api: string, standard = ""): Field<string> {
  return { api, to: (value) => value, from: (value) => (value === standard ? undefined : orNothing(value)) };
}

export function number(api: string, standard = 0): Field<number> {
  return { api, to: wholeNumber, from: (value) => (value === standard ? undefined : value) };
}

/** Off by default. */
export function flag(api: string): Field<boolean> {
  return { api, to: (value) => value, from: orNothing };
}

/** On, off, or left to the engine. */
export function choice(api: string): Field<boolean> {
  return { api, to: (value) => value, from: (value) => value };
}

export function oneOf(api: string, words: readonly string[], standard?: string): Field<string> {
  return {
    api,
    to(value) {
      if (words.includes(value)) return value;
      throw new Error(`"${value}" is none of ${words.join(", ")}`);
    },
    from: (value) => (value === standard || value === "" ? undefined : value),
  };
}

/** `1m30s` here, nanoseconds there. */
export function time(api: string, standard = "0s"): Field<string> {
  return {
    api,
    to: toNanoseconds,
    from: (value) => (value === toNanoseconds(standard) ? undefined : fromNanoseconds(value)),
  };
}

/** A list whose order matters. */
export function list(api: string): Field<string[]> {
  return { api, to: (value) => value, from: orNothing };
}

export function set(api: string): Field<string[]> {
  return { ...list(api), unordered: true };
}

export function map(api: string): Field<Record<string, string>> {
  return { api, to: (value) => value, from: orNothing };
}

/** The SDK's list of labels, Docker's map. */
export function labels(api: string): Field<Label[]> {
  return {
    api,
    to: (value) => Object.fromEntries(value.map(({ label, value }) => [label, value])),
    from: (value) => orNothing(labelList(value)),
    unordered: true,
  };
}

/** A map here, `KEY=value` there. */
export function pairs(api: string): Field<Record<string, string>> {
  return {
    api,
    to: (value) => Object.entries(value).map(([key, it]) => `${key}=${it}`),
    from: (value: readonly string[]) => orNothing(Object.fromEntries(value.map(splitPair))),
  };
}

export function splitPair(pair: string): [string, string] {
  const at = pair.indexOf("=");
  return at < 0 ? [pair, ""] : [pair.slice(0, at), pair.slice(at + 1)];
}

export function object<T extends object>(api: string, inner: Shape<T>): Field<T> {
  return {
    api,
    inner,
    to: (value) => encode(inner, value),
    from: (value) => orNothing(decode(inner, value)),
  };
}

/** A list of objects, in no order. */
export function objects<T extends object>(api: string, inner: Shape<T>): Field<T[]> {
  return {
    api,
    inner,
    unordered: true,
    to: (value) => value.map((element) => encode(inner, element)),
    from: (value: Record<string, any>[]) => orNothing(value.map((element) => decode(inner, element))),
  };
}

function wholeNumber(value: number): number {
  if (!Number.isInteger(value) || value < 0) throw new Error(`${value} is not a whole number from 0 on`);
  return value;
}
