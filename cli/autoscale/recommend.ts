import type { AutoscaleSpec } from "@berth/components/topology";

/** What a service's replicas do together, over a sample. */
export interface Figures {
  /** Requests or connections at once. */
  readonly sessions: number;
  /** Those that wait for a replica. */
  readonly queue: number;
  /** A second. */
  readonly requests: number;
  /** In the mean, until an answer's headers are there. */
  readonly responseMs: number;
}

export interface Recommendation {
  readonly replicas: number;
  /** Why, in words. */
  readonly reason: string;
}

/** An earlier run's recommendation. */
export interface Remembered {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly replicas: number;
}

/** More than this at once would be a guess. */
const mostGrowth = 2;

/** How many replicas the figures ask for: as many as the limit that is passed most needs, and as they are within the tolerance. */
export function recommend(spec: AutoscaleSpec, replicas: number, figures: Figures): Recommendation {
  const within = (wanted: number) => Math.min(spec.max, Math.max(spec.min, wanted));
  const loads = limitsOf(spec).map(({ name, limit, each, unit }) => {
    const value = each ? figures[name] / replicas : figures[name];
    return {
      ratio: value / limit,
      words: `${words[name]} ${each ? "a replica " : ""}${rounded(value)}${unit} of ${rounded(limit)}${unit}`,
    };
  });
  const heaviest = loads.reduce((one, other) => (other.ratio > one.ratio ? other : one));
  const steady = Math.abs(heaviest.ratio - 1) <= spec.tolerancePercent / 100;
  const wanted = steady ? replicas : Math.ceil(replicas * Math.min(mostGrowth, heaviest.ratio) - 1e-9);
  return { replicas: within(wanted), reason: heaviest.words };
}

/**
 * What is to be done by it: more at once, fewer only when no recommendation of the last `scaleInAfter` asked for more, and there were
 * some for all of that time.
 */
export function decide(
  spec: AutoscaleSpec,
  replicas: number,
  { replicas: wanted }: Recommendation,
  history: readonly Remembered[],
  now: number,
): number {
  if (wanted >= replicas) return wanted;
  // Bounds are no matter of load.
  if (replicas > spec.max) return spec.max;
  const since = now - spec.scaleInAfterMs;
  if (history.every(({ at }) => at > since)) return replicas;
  const recent = history.filter(({ at }) => at > since).map((one) => one.replicas);
  return Math.min(replicas, Math.max(wanted, ...recent));
}

const words: Readonly<Record<keyof Figures, string>> = {
  sessions: "sessions",
  queue: "waiting",
  requests: "requests a second",
  responseMs: "mean answer",
};

function limitsOf(spec: AutoscaleSpec) {
  const all = [
    { name: "sessions", limit: spec.sessions, each: true, unit: "" },
    { name: "queue", limit: spec.queue, each: true, unit: "" },
    { name: "requests", limit: spec.requests, each: true, unit: "" },
    { name: "responseMs", limit: spec.responseMs, each: false, unit: " ms" },
  ] as const;
  return all.flatMap(({ limit, ...rest }) => (limit === undefined ? [] : [{ ...rest, limit }]));
}

function rounded(value: number): string {
  return String(Number(value.toFixed(1)));
}
