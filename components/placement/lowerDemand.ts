import { formatSize } from "../topology/index.js";
import { type Amounts, type Problem, replicaKey, type ServiceRequest } from "./problem.js";
import { changed, type Enough, largest, numbers, type Relaxation } from "./relaxation.js";

const resources = ["memoryBytes", "cpus", "diskBytes"] as const;
const named = { memoryBytes: "of memory", cpus: "CPUs", diskBytes: "of disk" } as const;

/**
 * Of each service without a place for some replica: the most replicas that have one, and the largest request for all of them, in
 * steps of a 16th. Where no service alone is enough: all of them with the replicas that have a place.
 */
export function lowerDemand(
  problem: Problem,
  services: readonly ServiceRequest[],
  unplaced: readonly string[],
  enough: Enough,
): Relaxation[] {
  const single = services.flatMap((service) => lowered(problem, service, enough));
  if (single.length > 0) return single;
  const together = withoutUnplaced(problem, unplaced);
  return together !== undefined && enough(together) ? [together] : [];
}

function lowered(problem: Problem, service: ServiceRequest, enough: Enough): Relaxation[] {
  const { name, replicas, requests = {} } = service;
  const fewer = (count: number): Relaxation => ({
    kind: "lower",
    text: `${count} ${count === 1 ? "replica" : "replicas"} of service "${name}" instead of ${replicas}`,
    problem: withReplicas(problem, service, count),
  });
  const smaller = (key: keyof Amounts, sixteenths: number): Relaxation => {
    const amount = ((requests[key] ?? 0) * sixteenths) / 16;
    const exact = key === "cpus" ? Math.floor(amount * 1000) / 1000 : Math.floor(amount / 2 ** 20) * 2 ** 20;
    const shown = key === "cpus" ? String(exact) : formatSize(exact);
    return {
      kind: "lower",
      text: `${shown} ${named[key]} for a replica of service "${name}"`,
      problem: changed(problem, service, { requests: { ...requests, [key]: exact } }),
    };
  };
  return [
    largest(numbers(replicas - 1).map(fewer), enough),
    ...resources
      .filter((key) => (requests[key] ?? 0) > 0)
      .map((key) =>
        largest(
          numbers(15).map((part) => smaller(key, part)),
          enough,
        ),
      ),
  ].filter((one) => one !== undefined);
}

/** A group's services have equally many replicas. */
function withReplicas(problem: Problem, { name, group }: ServiceRequest, count: number): Problem {
  const services = problem.services.map((one) =>
    one.name === name || (group !== undefined && one.group === group) ? { ...one, replicas: count } : one,
  );
  return { ...problem, services };
}

/** Every service with as many replicas as have a place; undefined where one would have none. */
function withoutUnplaced(problem: Problem, unplaced: readonly string[]): Relaxation | undefined {
  let relaxed = problem;
  const words: string[] = [];
  for (const service of problem.services) {
    const out = numbers(service.replicas).filter((one) => unplaced.includes(replicaKey(service.name, one)));
    if (out.length === 0) continue;
    const left = service.replicas - out.length;
    if (left === 0) return undefined;
    relaxed = withReplicas(relaxed, service, left);
    words.push(`${left} of service "${service.name}" instead of ${service.replicas}`);
  }
  return { kind: "lower", text: `fewer replicas: ${words.join(" and ")}`, problem: relaxed };
}
