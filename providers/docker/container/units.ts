const mebibyte = 1024 * 1024;
/** The SDK's megabytes are binary ones, as in Docker. -1 (no limit) stays. */
export const fromMebibytes = (value: number): number => (value < 0 ? value : value * mebibyte);
export const toMebibytes = (value: number | undefined): number | undefined =>
  value ? (value < 0 ? value : value / mebibyte) : undefined;

const nanoseconds: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

/** `1m30s`, `500ms`, as Go writes durations, in nanoseconds. Errors name the text. */
export function toNanoseconds(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)];
  if (text === "0") return 0;
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== text) {
    throw new Error(`"${text}" is not a duration. Expected a number with a unit, such as "30s" or "1m30s".`);
  }
  return parts.reduce(
    (sum, [, number, unit]) => sum + Number(number) * (nanoseconds[unit as string] as number),
    0,
  );
}

/** The shortest way to write it in one unit. */
export function fromNanoseconds(value: number | undefined): string | undefined {
  if (!value) return undefined;
  const unit =
    ["h", "m", "s", "ms", "us"].find((name) => value % (nanoseconds[name] as number) === 0) ?? "ns";
  return `${value / (nanoseconds[unit] as number)}${unit}`;
}

/** Undefined for what says nothing: an empty list or object, an empty text, zero, false. */
export function orNothing<T>(value: T | null | undefined): T | undefined {
  if (value === null || value === undefined || value === "" || value === 0 || value === false)
    return undefined;
  if (Array.isArray(value) && value.length === 0) return undefined;
  if (typeof value === "object" && Object.keys(value as object).length === 0) return undefined;
  return value;
}

/** The value, or undefined where it is the default. Compared as JSON. */
export function unless<T>(value: T | null | undefined, standard: unknown): T | undefined {
  const given = orNothing(value);
  return JSON.stringify(given) === JSON.stringify(standard ?? undefined) ? undefined : given;
}
