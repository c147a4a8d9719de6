/** What the new servers have done since a stage began. */
export interface Traffic {
  readonly requests: number;
  readonly failed: number;
  /** In the mean. */
  readonly responseMs: number;
}

export interface Limits {
  readonly errorPercent?: number | undefined;
  readonly responseMs?: number | undefined;
  readonly minRequests: number;
}

/** Which limit is passed, in words; `undefined` where none is, or too few requests came to tell. */
export function judge({ requests, failed, responseMs }: Traffic, limits: Limits): string | undefined {
  if (requests < Math.max(1, limits.minRequests)) return undefined;
  const { errorPercent, responseMs: longest } = limits;
  const percent = (100 * failed) / requests;
  if (errorPercent !== undefined && percent > errorPercent) {
    return `${failed} of ${requests} answers of the new replicas were errors (${rounded(percent)} %), and at most ${errorPercent} % may be`;
  }
  if (longest !== undefined && responseMs > longest) {
    return `the new replicas' answers took ${rounded(responseMs)} ms in the mean of ${requests}, and may take ${rounded(longest)} ms`;
  }
  return undefined;
}

function rounded(value: number): string {
  return String(Number(value.toFixed(1)));
}
