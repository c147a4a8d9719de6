import { addMachine } from "./addMachine.js";
import { dropConstraint } from "./dropConstraint.js";
import { lowerDemand } from "./lowerDemand.js";
import { type Problem, replicaKey, type ServiceRequest } from "./problem.js";
import { type Enough, numbers, type Relaxation } from "./relaxation.js";
import { solve } from "./solve.js";

/** Steps of the search for each change that is tried. */
const search = 4_000;
/** Services that are looked at, those without a place first. */
const mostServices = 8;
/** Changes that are tried for each part of the answer, times the places that each means to look at. */
const work = 40_000_000;
const fewestTrials = 6;
const mostTrials = 120;

/**
 * The smallest changes that are enough: a constraint less (these are the binding ones; two where one is not enough), fewer replicas
 * or a smaller request, and one machine more, or as few as do. Empty where everything has its place, or none was found.
 */
export function whatWouldHelp(problem: Problem): Relaxation[] {
  const { unplaced } = solve(problem, { search });
  if (unplaced.length === 0) return [];
  const isOut = ({ name, replicas }: ServiceRequest) =>
    numbers(replicas).some((replica) => unplaced.includes(replicaKey(name, replica)));
  const services = [...problem.services].sort((one, other) => Number(isOut(other)) - Number(isOut(one)));
  const looked = services.slice(0, mostServices);
  const lowerable = looked.filter(isOut);
  return [
    ...dropConstraint(problem, looked, limited(problem)),
    ...lowerDemand(problem, lowerable, unplaced, limited(problem)),
    ...addMachine(problem, unplaced, limited(problem)),
  ];
}

/** Large problems take seconds for each trial: the count of trials shrinks with the size, and not with the machine's speed. */
function limited({ services, machines }: Problem): Enough {
  const replicas = services.reduce((sum, one) => sum + one.replicas, 0);
  let left = Math.max(
    fewestTrials,
    Math.min(mostTrials, Math.floor(work / (replicas * machines.length + 1))),
  );
  return ({ problem }) => left-- > 0 && solve(problem, { search }).unplaced.length === 0;
}
