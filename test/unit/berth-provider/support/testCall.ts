import type { Call } from "../../../../providers/kit/index.js";

export interface TestCall extends Call<unknown> {
  /** What was told, in order: `status …` and `info …`, `warning …`. */
  readonly told: string[];
}

/** A handler's call outside of a server. */
export function testCall(signal = new AbortController().signal): TestCall {
  const told: string[] = [];
  return {
    config: undefined,
    urn: "urn:pulumi:dev::program::berth:index:Thing::thing",
    preview: false,
    signal,
    timeoutMs: 60_000,
    told,
    log: (severity, message) => told.push(`${severity} ${message}`),
    status: (message) => told.push(`status ${message}`),
  };
}
