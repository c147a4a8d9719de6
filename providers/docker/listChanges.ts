import type { Path } from "../kit/index.js";

/** A place in a value, and what became of it. */
export interface Found {
  readonly path: Path;
  readonly kind: "add" | "update" | "delete";
}

/** Elements that have gone or come, whatever their places; both in one place is an update. */
export function listChanges(path: Path, before: readonly unknown[], after: readonly unknown[]): Found[] {
  const missing = (from: readonly unknown[], inOther: readonly unknown[]) => {
    const others = inOther.map((element) => JSON.stringify(sorted(element)));
    return from.flatMap((element, i) => {
      const at = others.indexOf(JSON.stringify(sorted(element)));
      if (at < 0) return [i];
      others.splice(at, 1);
      return [];
    });
  };
  const gone = new Set(missing(before, after));
  const come = new Set(missing(after, before));
  const places = [...new Set([...gone, ...come])].sort((a, b) => a - b);
  return places.map((i) => ({
    path: [...path, i],
    kind: gone.has(i) ? (come.has(i) ? "update" : "delete") : "add",
  }));
}

/** The same value with its members in one order and unset ones left out, so that it can be compared as text. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined && member !== null);
  return Object.fromEntries(
    members.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, member]) => [key, sorted(member)]),
  );
}
