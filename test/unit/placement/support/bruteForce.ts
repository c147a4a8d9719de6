import {
  type Assignment,
  compareMeasures,
  type Measures,
  measure,
  type Problem,
  verify,
} from "../../../../components/placement/index.js";

/** The best of all placements, each of them tried and checked by the verifier; nothing is left out but what it refuses. */
export function bruteForce(problem: Problem): Measures {
  const keys = problem.services.flatMap(({ name, replicas }) =>
    Array.from({ length: replicas }, (_, index) => `${name}-${index + 1}`),
  );
  // Rules about others' presence may be met later on; all the others are checked on the way, to be done in time.
  const early: Problem = {
    ...problem,
    services: problem.services.map(({ group: _, ...service }) => ({
      ...service,
      rules: (service.rules ?? []).filter(({ want, of }) => want !== "near" || !("service" in of)),
    })),
  };
  let best: Measures | undefined;
  const descend = (index: number, assignment: Record<string, string>) => {
    const key = keys[index];
    if (key === undefined) {
      if (verify(problem, assignment).length > 0) return;
      const measures = measure(problem, assignment as Assignment);
      if (best === undefined || compareMeasures(measures, best) < 0) best = measures;
      return;
    }
    for (const { name } of problem.machines) {
      const next = { ...assignment, [key]: name };
      if (verify(early, next).length === 0) descend(index + 1, next);
    }
    descend(index + 1, assignment);
  };
  descend(0, {});
  return best!;
}
