/** HAProxy's largest weight. */
const most = 256;

/**
 * Weights by which new servers together get `share` percent of the requests and the old ones the rest, within a group in proportion
 * to the weights that it has. Off by less than half a percent of the whole; where a share is too small for all new servers, some of
 * them get nothing.
 *
 * @param share above 0; at 100 the old ones get nothing, and the new ones have the weights that they are given
 */
export function shareWeights(
  share: number,
  old: readonly number[],
  fresh: readonly number[],
): { readonly old: number[]; readonly fresh: number[] } {
  if (share >= 100) return { old: old.map(() => 0), fresh: [...fresh] };
  const parts = [...fractions(old, 100 - share), ...fractions(fresh, share)];
  const scale = most / Math.max(...parts);
  const scaled = parts.map((part) => part * scale);
  return {
    old: wholeNumbers(scaled.slice(0, old.length)),
    fresh: wholeNumbers(scaled.slice(old.length)),
  };
}

function fractions(weights: readonly number[], total: number): number[] {
  const sum = weights.reduce((all, one) => all + one, 0);
  return weights.map((one) => (sum === 0 ? total / weights.length : (one * total) / sum));
}

/** Whole numbers with the same sum, but for its fraction, and at least 1 of it. */
function wholeNumbers(values: readonly number[]): number[] {
  const floors = values.map(Math.floor);
  const total = Math.max(1, Math.round(values.reduce((all, one) => all + one, 0)));
  let rest = total - floors.reduce((all, one) => all + one, 0);
  const byFraction = values
    .map((value, index) => ({ index, fraction: value - Math.floor(value) }))
    .sort((one, other) => other.fraction - one.fraction || one.index - other.index);
  for (const { index } of byFraction) {
    if (rest <= 0) break;
    if (floors[index]! >= most) continue;
    floors[index]!++;
    rest--;
  }
  return floors;
}
