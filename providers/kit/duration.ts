const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * A duration such as `"250ms"`, `"30s"`, `"10m"` or `"1h30m"`, in milliseconds. Units: ms, s, m, h, d; each with a whole or
 * decimal number.
 * @throws Error that quotes the text and shows what a duration looks like.
 */
export function duration(text: string): number {
  const parts = [...text.trim().matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== text.trim()) {
    throw new Error(
      `${JSON.stringify(text)} is not a duration: write a number with a unit, such as "30s", "10m" or "1h30m"`,
    );
  }
  return parts.reduce((sum, [, number, unit]) => sum + Number(number) * units[unit!]!, 0);
}

/** The reverse, for messages: 90_000 is `1m30s`. Rounded to milliseconds below one second, to seconds above. */
export function formatDuration(milliseconds: number): string {
  if (Math.round(milliseconds) < 1000) return `${Math.round(milliseconds)}ms`;
  let seconds = Math.round(milliseconds / 1000);
  let text = "";
  for (const [unit, size] of [
    ["h", 3600],
    ["m", 60],
    ["s", 1],
  ] as const) {
    const count = Math.floor(seconds / size);
    if (count > 0) text += `${count}${unit}`;
    seconds -= count * size;
  }
  return text;
}
