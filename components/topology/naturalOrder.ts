/** Compares names with their numbers as numbers, `web-2` before `web-10`; the same on every machine, whatever its locale. */
export function naturalOrder(one: string, other: string): number {
  const left = one.split(/(\d+)/);
  const right = other.split(/(\d+)/);
  for (let index = 0; index < Math.min(left.length, right.length); index++) {
    const [a, b] = [left[index]!, right[index]!];
    // Odd parts are the runs of digits.
    const difference = index % 2 === 1 ? Number(a) - Number(b) || compare(a, b) : compare(a, b);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
