/**
 * What a line of the HAProxy master's log says about a reload. The master writes these since HAProxy 2.6; a reload that
 * fails leaves it in wait mode, with the old worker serving on.
 */
export function reloadOutcome(line: string): "success" | "failure" | undefined {
  if (/\bLoading success\b/.test(line)) return "success";
  if (/\bLoading failure\b|\bwait mode\b|Failed to load worker/i.test(line)) return "failure";
  return undefined;
}
