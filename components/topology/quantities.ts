const sizeUnits = [
  ["B", 1],
  ["KiB", 2 ** 10],
  ["MiB", 2 ** 20],
  ["GiB", 2 ** 30],
  ["TiB", 2 ** 40],
] as const;

const durationUnits = [
  ["ms", 1],
  ["s", 1_000],
  ["m", 60_000],
  ["h", 3_600_000],
] as const;

type Units = readonly (readonly [unit: string, factor: number])[];

/** `"512MiB"` in bytes; undefined where it is not a size. */
export function parseSize(text: string): number | undefined {
  return parse(text, sizeUnits);
}

/** `"30s"` in milliseconds; undefined where it is not a duration. */
export function parseDuration(text: string): number | undefined {
  return parse(text, durationUnits);
}

/** Bytes in the largest unit that divides them, so that {@link parseSize} reads them back. */
export function formatSize(bytes: number): string {
  return format(bytes, sizeUnits);
}

/** Milliseconds in the largest unit that divides them. */
export function formatDuration(milliseconds: number): string {
  return format(milliseconds, durationUnits);
}

function parse(text: string, units: Units): number | undefined {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)\s*([A-Za-z]+)$/.exec(text.trim()) ?? [];
  const factor = units.find(([name]) => name === unit)?.[1];
  if (digits === undefined || factor === undefined) return undefined;
  const value = Number(digits) * factor;
  return Number.isSafeInteger(value) ? value : undefined;
}

function format(value: number, units: Units): string {
  for (const [unit, factor] of [...units].reverse()) {
    if (value >= factor && value % factor === 0) return `${value / factor}${unit}`;
  }
  return `${value}${units[0]![0]}`;
}
