import { type Issues, type Path, show } from "./issues.js";
import { type Section, singular } from "./schema.js";
import type { ImageSource } from "./topology.js";

/**
 * The item that a field means: the one it names, or, where it is left out, the only one there is.
 * Undefined, and an issue, where that is none or not clear.
 */
export function choose(
  issues: Issues,
  at: Path,
  given: string | undefined,
  section: Section,
  known: readonly string[],
): string | undefined {
  const kind = singular[section];
  if (given !== undefined) {
    if (known.includes(given)) return given;
    issues.unknown(at, kind, given, known, section);
  } else if (known.length === 0) {
    issues.add(at, `there is no ${kind}; add one under berth:${section}.`);
  } else if (known.length > 1) {
    issues.add(at, `there are several under berth:${section}; choose one of ${known.map(show).join(", ")}.`);
  }
  return given === undefined && known.length === 1 ? known[0] : undefined;
}

/** The image that a field means; see {@link choose}. */
export function imageSource(
  issues: Issues,
  at: Path,
  given: string | { ref: string } | undefined,
  containerImages: readonly string[],
): ImageSource | undefined {
  if (typeof given === "object") {
    if (!/^[^\s@]+@sha256:[0-9a-f]{64}$/.test(given.ref)) {
      issues.add(
        [...at, "ref"],
        `${show(given.ref)} has no digest; write name@sha256: and 64 hexadecimal digits, so that the same content runs everywhere.`,
      );
    }
    return { kind: "reference", ref: given.ref };
  }
  if (given !== undefined && /[/:@]/.test(given)) {
    issues.add(
      at,
      `${show(given)} is not a name from berth:containerImages; write {ref: "name@sha256:…"} for an image that exists.`,
    );
    return undefined;
  }
  const containerImage = choose(issues, at, given, "containerImages", containerImages);
  return containerImage === undefined ? undefined : { kind: "built", containerImage };
}

/** Leaves out the keys whose value is undefined, as exact optional properties want it. */
export function defined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
