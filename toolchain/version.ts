/**
 * The numbers of a version: "v3.259.0" → [3, 259, 0], "go1.26rc1" → [1, 26]. What follows them is left out, so a
 * pre-release counts as its release.
 * @returns undefined where the text begins with no version
 */
export function parseVersion(text: string): number[] | undefined {
  return /^(?:v|go)?(\d+(?:\.\d+)*)/.exec(text.trim())?.[1]?.split(".").map(Number);
}

/** Whether a version is another one or later; false where it is no version. */
export function isAtLeast(version: string, least: string): boolean {
  const have = parseVersion(version);
  const want = parseVersion(least);
  if (have === undefined || want === undefined) {
    return false;
  }
  for (const [place, number] of want.entries()) {
    const difference = (have[place] ?? 0) - number;
    if (difference !== 0) {
      return difference > 0;
    }
  }
  return true;
}
