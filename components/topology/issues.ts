import { nearest } from "./nearest.js";
import type { TopologyIssue } from "./topologyError.js";

/** Keys and indexes from a configuration key (`services`) down. */
export type Path = readonly (string | number)[];

/** Collects mistakes; of several about one value or what is within it, the first one counts. */
export class Issues {
  readonly #list: (TopologyIssue & { readonly at: Path })[] = [];

  get list(): readonly TopologyIssue[] {
    return this.#list.map(({ path, message }) => ({ path, message }));
  }

  add(at: Path, message: string): void {
    if (!this.#list.some((issue) => within(at, issue.at) || within(issue.at, at))) {
      this.#list.push({ at, path: pathText(at), message });
    }
  }

  /** Says that a reference leads nowhere, and where it may lead. */
  unknown(at: Path, kind: string, name: string, known: readonly string[], section: string): void {
    const close = nearest(name, known);
    const fix =
      close !== undefined
        ? `did you mean ${show(close)}?`
        : known.length > 0
          ? `use ${known.length > 1 ? "one of " : ""}${known.map(show).join(", ")}, or add it under berth:${section}.`
          : `add it under berth:${section}.`;
    this.add(at, `there is no ${kind} ${show(name)}; ${fix}`);
  }
}

/** A value as it stands in the configuration, in one line of bounded length. */
export function show(value: unknown): string {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

function pathText(path: Path): string {
  return path.reduce<string>((text, part, index) => {
    if (typeof part === "number") return `${text}[${part}]`;
    if (!/^[\w-]+$/.test(part)) return `${text}[${JSON.stringify(part)}]`;
    return index === 0 ? `${text}${part}` : `${text}.${part}`;
  }, "berth:");
}

function within(inner: Path, outer: Path): boolean {
  return outer.length <= inner.length && outer.every((part, index) => part === inner[index]);
}
