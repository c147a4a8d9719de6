import { expect } from "vitest";
import {
  type Amounts,
  type Assignment,
  type MovePlan,
  measure,
  type Problem,
  solve,
  verify,
} from "../../../../components/placement/index.js";

/** What must hold of every answer of the solver; each is checked from the problem as it is written. */

export function isValid(problem: Problem): void {
  const { assignment, measures } = solve(problem, { search: 500 });
  expect(verify(problem, assignment)).toEqual([]);
  expect(measures).toEqual(measure(problem, assignment));
}

export function staysWhereItIs(problem: Problem): void {
  const { assignment, unplaced } = solve(problem, { search: 500 });
  // What found no place may find one at the second try, by moving others.
  if (unplaced.length > 0) return;
  expect(solve({ ...problem, today: assignment }, { search: 500 }).assignment).toEqual(assignment);
}

export function ignoresOrder(problem: Problem): void {
  const turned = {
    ...problem,
    machines: [...problem.machines].reverse(),
    services: [...problem.services].reverse(),
  };
  expect(solve(turned, { search: 500 }).assignment).toEqual(solve(problem, { search: 500 }).assignment);
}

export function isMonotone(problem: Problem): void {
  if (solve(problem).unplaced.length > 0) return;
  const machines = [...problem.machines, { ...problem.machines[0]!, name: "m-99" }];
  expect(solve({ ...problem, machines }).unplaced).toEqual([]);
}

/** Each step leaves a valid placement, moves no more than allowed, and has room on both sides while it is made. */
export function leadsTo(
  problem: Problem,
  from: Assignment,
  to: Assignment,
  plan: MovePlan,
  atOnce: number,
): void {
  const sizes = new Map<string, Partial<Amounts>>(
    problem.services.flatMap(({ name, replicas, requests }) =>
      Array.from({ length: replicas }, (_, index) => [`${name}-${index + 1}`, requests ?? {}] as const),
    ),
  );
  let now: Assignment = from;
  for (const step of plan.steps) {
    expect(step.length).toBeGreaterThan(0);
    expect(step.length).toBeLessThanOrEqual(atOnce);
    const next = { ...now };
    for (const { key, from: left, to: reached } of step) {
      expect(next[key]).toBe(left);
      next[key] = reached;
    }
    for (const { name, capacity, reserved } of problem.machines) {
      const both = Object.keys(next).filter((key) => now[key] === name || next[key] === name);
      const memory = both.reduce((sum, key) => sum + (sizes.get(key)?.memoryBytes ?? 0), 0);
      const arrives = step.some((move) => move.to === name);
      if (arrives) expect(memory).toBeLessThanOrEqual(capacity.memoryBytes - (reserved?.memoryBytes ?? 0));
    }
    expect(verify({ ...problem, today: {} }, next)).toEqual([]);
    now = next;
  }
  for (const [key, machine] of Object.entries(now)) {
    if (!plan.stuck.includes(key)) expect(machine).toBe(to[key] ?? from[key]);
  }
}
