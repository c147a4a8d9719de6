import type { Problem, ServiceRequest } from "./problem.js";

/** A change that makes a place for every replica. */
export interface Relaxation {
  readonly kind: "drop" | "lower" | "add";
  readonly text: string;
  readonly problem: Problem;
}

/** Whether a change is enough. */
export type Enough = (one: Relaxation) => boolean;

/** The problem with one of its services changed. */
export function changed(problem: Problem, service: ServiceRequest, change: Partial<ServiceRequest>): Problem {
  return {
    ...problem,
    services: problem.services.map((one) => (one.name === service.name ? { ...one, ...change } : one)),
  };
}

/** The last of a list that is enough, where all before it are, too; undefined where the first is not. */
export function largest(list: readonly Relaxation[], enough: Enough): Relaxation | undefined {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (enough(list[middle]!)) low = middle + 1;
    else high = middle;
  }
  return list[low - 1];
}

/** 1, 2, … up to the count. */
export function numbers(count: number): number[] {
  return Array.from({ length: Math.max(0, count) }, (_, index) => index + 1);
}
