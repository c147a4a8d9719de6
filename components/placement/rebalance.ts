import { leastLoad } from "./bound.js";
import { inDependencyOrder } from "./construct.js";
import { cheapen, emptyMachines } from "./improve.js";
import { instanceOf } from "./instance.js";
import { compareMeasures, type Measures, measure } from "./measure.js";
import { type MovePlan, orderMoves } from "./orderMoves.js";
import { type Assignment, type Problem, replicaKey } from "./problem.js";
import { relieve } from "./relieve.js";
import { State } from "./state.js";

export interface Rebalance extends MovePlan {
  /** Where everything is when all steps are made. */
  readonly assignment: Assignment;
  readonly before: Measures;
  readonly after: Measures;
}

/**
 * A better placement of what runs today, by what the problem prefers, and the ordered way there. Other than `solve`, which
 * moves nothing for balance's sake, it moves what helps; data and pins stay.
 *
 * @param atOnce moves in a step, at most. Default 1.
 */
export function rebalance(problem: Problem, atOnce = 1): Rebalance {
  const { today = {} } = problem;
  const free: Problem = {
    ...problem,
    services: problem.services.map((service) => withData(service, today)),
    today: {},
  };
  const instance = instanceOf(free);
  const state = new State(instance);
  for (const item of inDependencyOrder(instance.items)) {
    const machine = instance.machineIndex.get(today[item.keys[0]!] ?? "");
    if (machine !== undefined && state.objection(item, machine) === undefined) state.put(item, machine);
  }
  const from = state.assignment();
  if (instance.pack) {
    emptyMachines(state, leastLoad(instance), 400_000);
    cheapen(state);
  } else {
    relieve(state, 1_000_000);
  }
  const plan = orderMoves(free, from, state.assignment(), atOnce);
  const assignment: Record<string, string> = { ...from };
  for (const { key, to } of plan.steps.flat()) assignment[key] = to;
  const [before, after] = [measure(free, from), measure(free, assignment)];
  // A way that ends half-way may lead to something worse than what is.
  if (compareMeasures(after, before) >= 0)
    return { steps: [], stuck: plan.stuck, assignment: from, before, after: before };
  return { ...plan, assignment, before, after };
}

/** Data that is on a machine today is a pin to it. */
function withData(service: Problem["services"][number], today: Assignment): Problem["services"][number] {
  if (!service.volume) return service;
  const here = Array.from({ length: service.replicas }, (_, index) => index + 1).flatMap((replica) => {
    const machine = today[replicaKey(service.name, replica)];
    return machine === undefined ? [] : [[replica, machine] as const];
  });
  return { ...service, pins: { ...Object.fromEntries(here), ...service.pins } };
}
