/** The middle of them, or between the two in the middle; of none, 0. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((one, other) => one - other);
  const [lower, upper] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return ((lower ?? 0) + (upper ?? 0)) / 2;
}
