import type { RolloutSpec } from "./topology/index.js";

/** How a service's replicas go from one generation to the next. */
export type RolloutStrategy = RollingStrategy | BlueGreenStrategy | CanaryStrategy;

/** A few replicas at a time. */
export interface RollingStrategy {
  readonly strategy: "rolling";
  /** Most replicas that run beyond the service's number, or a percentage of it, rounded up. Default `100%`: all new ones start beside the old ones. */
  readonly maxSurge?: number | string;
  /** Most replicas that are missing from the service's number, or a percentage of it, rounded down. Default 0. */
  readonly maxUnavailable?: number | string;
}

/** All new replicas start beside the old ones, then get all requests at once; for a while it can still go back at once. */
export interface BlueGreenStrategy {
  readonly strategy: "blueGreen";
  /** How long the new ones are watched before the old ones go, e.g. `1m`. Default `30s`. */
  readonly hold?: string;
  readonly check?: RolloutCheck;
}

/** All new replicas start beside the old ones, and get more and more of the requests. */
export interface CanaryStrategy {
  readonly strategy: "canary";
  /** Percent of the requests in each stage before they get all, rising. Default 5, 25, 50. */
  readonly weights?: readonly number[];
  /** How long each stage lasts, e.g. `1m`. Default `30s`. */
  readonly hold?: string;
  readonly check?: RolloutCheck;
}

/** What the new replicas are judged by while they are watched, beside HAProxy's own health checks. One that fails goes back by itself. */
export interface RolloutCheck {
  /** Path that is asked of each new replica once a second; three failures in a row fail it. Default: none. */
  readonly path?: string;
  /** Status that it must have. Default 200. */
  readonly status?: number;
  /** Limit of one probe, e.g. `2s`, the default. */
  readonly timeout?: string;
  /** Most answers with a status of 500 or more, in percent, by HAProxy's own figures. Default: no limit. */
  readonly errorPercent?: number;
  /** Most that the mean answer may take until its headers are there, by HAProxy's own figures, e.g. `300ms`. Default: no limit. */
  readonly responseTime?: string;
  /** Requests below which the figures decide nothing. Default 20. */
  readonly minRequests?: number;
}

/** The strategy that a topology asks for. */
export function strategyOf(spec: RolloutSpec): RolloutStrategy {
  if (spec.strategy === "rolling") return spec;
  const { holdMs, check, ...rest } = spec;
  const { timeoutMs, responseMs, ...limits } = check;
  return {
    ...rest,
    hold: `${holdMs}ms`,
    check: {
      ...limits,
      timeout: `${timeoutMs}ms`,
      ...(responseMs !== undefined && { responseTime: `${responseMs}ms` }),
    },
  };
}

/** A replica's turn. */
export interface Turn {
  /** The replica that has to be through before. */
  readonly after?: string;
  /** The old one goes before the new one is made. */
  readonly leavesFirst: boolean;
}

/**
 * The turns of replicas in a rolling update, so that never more than `maxSurge` run beyond their number and never more than
 * `maxUnavailable` are missing; `undefined` where all may go at once. The replicas form as many rows as may change at a time.
 */
export function turns(
  replicas: readonly string[],
  { maxSurge = "100%", maxUnavailable = 0 }: RollingStrategy,
): ReadonlyMap<string, Turn> | undefined {
  const count = replicas.length;
  const unavailable = mostAway(maxUnavailable, count);
  // Both nothing would mean that nothing may ever change.
  const surge = Math.max(amount(maxSurge, count, Math.ceil), unavailable === 0 ? 1 : 0);
  if (surge >= count) return undefined;
  const rows = surge + unavailable;
  return new Map(
    replicas.map((replica, index) => {
      const after = replicas[index - rows];
      return [replica, { leavesFirst: index % rows < unavailable, ...(after !== undefined && { after }) }];
    }),
  );
}

/** How many of `count` replicas may be missing at once: a number, or a percentage of them rounded down. */
export function mostAway(maxUnavailable: number | string, count: number): number {
  return Math.min(count, amount(maxUnavailable, count, Math.floor));
}

function amount(value: number | string, of: number, round: (value: number) => number): number {
  return typeof value === "number" ? value : round((Number.parseFloat(value) / 100) * of);
}
