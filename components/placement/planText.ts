import { capacityOf } from "./capacity.js";
import { capacityText } from "./capacityText.js";
import { type Change, changesOf } from "./changes.js";
import { groupBy } from "./groupBy.js";
import { measure } from "./measure.js";
import type { Assignment, Machine, Problem } from "./problem.js";
import type { Solution } from "./solve.js";
import { survive, verdictText } from "./survive.js";
import { table } from "./table.js";

export interface PlanTextOptions {
  /** What is to move whatever else is done, as of a rebalancing's step. Default: nothing. */
  readonly moves?: Assignment;
  /** Changes that are listed, at most; of more, the rest is counted. Default: all. */
  readonly changes?: number;
  /** Machines whose room is listed, at most: the fullest. Default: all. */
  readonly machines?: number;
}

/**
 * A placement for people: what it changes and why, what room there is for each machine, zone and in all, before and
 * after, how good it is, what it costs, and what the loss of a machine would mean.
 *
 * @param problem with the placement that is in force as `today`.
 */
export function planText(problem: Problem, solution: Solution, options: PlanTextOptions = {}): string[] {
  const { assignment } = solution;
  const { today = {} } = problem;
  const changes = changesOf(problem, assignment, options.moves);
  const before = capacityOf(problem, today).all;
  const after = capacityOf(problem, assignment);
  const losses = groupBy(survive(problem, assignment), (verdict) => verdictText(verdict));
  return [
    headline(problem, changes),
    ...indented(changeLines(changes, options.changes ?? Infinity)),
    "",
    "Room",
    ...indented(
      capacityText(
        after,
        changes.length > 0 && before.replicas.length > 0 ? before : undefined,
        options.machines,
      ),
    ),
    "",
    "How good it is",
    ...indented(quality(problem, solution)),
    "",
    problem.machines.some(isHost) ? "If a machine or a hypervisor dies" : "If a machine dies",
    ...indented([...losses].map(([text, list]) => `${named(list.map(({ machine }) => machine))}: ${text}`)),
  ];
}

function headline({ machines, services }: Problem, changes: readonly Change[]): string {
  const replicas = services.reduce((sum, one) => sum + one.replicas, 0);
  const hosts = machines.filter(isHost).length;
  const places = [
    ...(machines.length > hosts ? [count(machines.length - hosts, "machine")] : []),
    ...(hosts > 0 ? [count(hosts, "hypervisor")] : []),
  ];
  const whole = `${count(replicas, "replica")} of ${count(services.length, "service")} on ${places.join(" and ") || "nothing"}`;
  const numbers = [
    ["new", changes.filter(({ from, to }) => from === undefined && to !== undefined)],
    ["moving", changes.filter(({ from, to }) => from !== undefined && to !== undefined)],
    ["going", changes.filter(({ from, to }) => from !== undefined && to === undefined)],
    ["without a place", changes.filter(({ from, to }) => from === undefined && to === undefined)],
  ] as const;
  const told = numbers
    .filter(([, { length }]) => length > 0)
    .map(([what, { length }]) => `${length} ${what}`);
  return `${whole}: ${told.length === 0 ? "nothing moves" : told.join(", ")}`;
}

function isHost({ runs }: Machine): boolean {
  return runs === "machine";
}

function changeLines(changes: readonly Change[], most: number): string[] {
  const rows = changes
    .slice(0, most)
    .map(({ key, from, to, reason }) => [
      key,
      from ?? "new",
      `→ ${to ?? (from === undefined ? "no place" : "gone")}`,
      reason,
    ]);
  const more = changes.length - rows.length;
  return [...table(rows, 0), ...(more > 0 ? [`and ${more} more; "berth plan" shows all of them`] : [])];
}

function quality(problem: Problem, { measures, bound, gap, proven }: Solution): string[] {
  const { today = {}, machines, prefer } = problem;
  const load =
    prefer === "pack"
      ? `${count(measures.load, "machine")} in use, and it can't be fewer than ${bound.load}`
      : `the fullest machine is ${percent(measures.load)} full, and it can't be less than ${percent(bound.load)}`;
  const distance = proven
    ? "proven the best there is"
    : gap < 0.00005
      ? "as good as can be"
      : `${percent(gap)} above that bound`;
  const costs = [measure(problem, today).cost, measures.cost].map((cost) => Number(cost.toFixed(2)));
  return [
    `${load}: ${distance}`,
    ...(measures.moves > 0 ? [movesText(measures.moves, proven ? measures.moves : bound.moves)] : []),
    ...(machines.some(({ cost = 0 }) => cost > 0)
      ? [`the machines in use cost ${costs[0]} before and ${costs[1]} after`]
      : []),
    ...(measures.exposed > 0
      ? [
          `${count(measures.exposed, "service")} of several replicas ${measures.exposed === 1 ? "has" : "have"} all of them on one machine`,
        ]
      : []),
    ...(measures.regrets > 0 ? [`preferred rules that are not met weigh ${measures.regrets}`] : []),
  ];
}

function movesText(moves: number, least: number): string {
  const fewest = moves === least ? "the fewest there can be" : `and at least ${least} must`;
  return `${moves} of what runs ${moves === 1 ? "moves" : "move"}, ${fewest}; each new replica is there before the old one goes`;
}

const mostNamed = 6;

function named(machines: readonly string[]): string {
  if (machines.length === 1) return machines[0]!;
  if (machines.length > mostNamed)
    return `${machines.slice(0, mostNamed - 1).join(", ")} or one of ${machines.length - mostNamed + 1} more`;
  return `${machines.slice(0, -1).join(", ")} or ${machines.at(-1)}`;
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`;
}
