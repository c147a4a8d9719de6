import { z } from "zod";
import { type Issues, type Path, show } from "./issues.js";
import { naturalOrder } from "./naturalOrder.js";
import { nearest } from "./nearest.js";
import { type Section, schemas, singular, type Written } from "./schema.js";

/** An item under its name, and where it stands. */
export interface Item<S extends Section> {
  readonly name: string;
  readonly at: Path;
  readonly value: Written<S>;
  /** Keys whose values were wrong and reported, and so are missing from `value`. Default: none. */
  readonly dropped?: readonly string[];
}

/**
 * Reads the items of one configuration key, in natural order of names. A field that is wrong is reported and then
 * taken as left out, so that the rest of the item and what refers to it are checked all the same.
 */
export function readSection<S extends Section>(
  config: Readonly<Record<string, unknown>>,
  section: S,
  issues: Issues,
): Item<S>[] {
  const content = config[section] ?? {};
  if (!isMap(content)) {
    issues.add([section], `${show(content)} is not a map; write names, each with its settings or {}.`);
    return [];
  }
  return Object.keys(content)
    .sort(naturalOrder)
    .map((name) => {
      const at = [section, name];
      if (!isLabel(name)) issues.add(at, nameRule(section));
      return { name, at, ...readItem(section, content[name] ?? {}, at, issues) };
    });
}

/** A DNS label: it becomes a host name, a container's name or a part of one. */
function isLabel(name: string): boolean {
  return /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name);
}

function nameRule(section: Section): string {
  return `the ${singular[section]}'s name is not a DNS label; use 1 to 63 lower-case letters, digits and inner hyphens.`;
}

function readItem<S extends Section>(
  section: S,
  content: unknown,
  at: Path,
  issues: Issues,
): Pick<Item<S>, "value" | "dropped"> {
  const schema: z.ZodObject = schemas[section];
  const read = schema.safeParse(content);
  if (read.success) return { value: read.data as Written<S> };
  for (const issue of read.error.issues) report(schema, issue, at, issues);
  const wrong = new Set(
    read.error.issues.flatMap((issue) => (issue.path.length > 0 ? [issue.path[0]] : unknownKeys(issue))),
  );
  const right = isMap(content) ? Object.entries(content).filter(([key]) => !wrong.has(key)) : [];
  return { value: schema.parse(Object.fromEntries(right)) as Written<S>, dropped: [...wrong].map(String) };
}

function report(schema: z.ZodObject, issue: z.core.$ZodIssue, at: Path, issues: Issues): void {
  const where = [...at, ...(issue.path as (string | number)[])];
  if (issue.code === "unrecognized_keys") {
    const known = keysAt(schema, issue.path);
    for (const key of issue.keys) issues.add([...where, key], unknownKey(key, known));
  } else if (issue.code === "invalid_key") {
    issues.add(where, issue.issues[0]!.message);
  } else {
    issues.add(where, issue.message);
  }
}

/** What to say of a key that means nothing here. */
export function unknownKey(key: string, known: readonly string[]): string {
  const close = nearest(key, known);
  return `unknown key; ${close === undefined ? `use one of ${known.join(", ")}.` : `did you mean "${close}"?`}`;
}

function unknownKeys(issue: z.core.$ZodIssue): string[] {
  return issue.code === "unrecognized_keys" ? issue.keys : [];
}

function keysAt(schema: z.ZodObject, path: readonly PropertyKey[]): string[] {
  let found: unknown = schema;
  for (const part of path) {
    found = unwrapped(found);
    if (found instanceof z.ZodArray) found = found.element;
    else if (found instanceof z.ZodRecord) found = found.valueType;
    else if (found instanceof z.ZodObject) found = found.shape[String(part)];
  }
  found = unwrapped(found);
  return found instanceof z.ZodObject ? Object.keys(found.shape) : [];
}

function unwrapped(schema: unknown): unknown {
  return schema instanceof z.ZodOptional ? schema.unwrap() : schema;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
