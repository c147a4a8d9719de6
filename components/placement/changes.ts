import { naturalOrder } from "../topology/index.js";
import { instanceOf } from "./instance.js";
import { type Assignment, type Problem, replicaKey, type ServiceRequest } from "./problem.js";
import { reasons } from "./reasons.js";

/** A replica that is placed anew, moves, goes, or finds no place. */
export interface Change {
  readonly key: string;
  /** Its machine today; none: it is nowhere. */
  readonly from?: string;
  /** None: it goes, or has no place. */
  readonly to?: string;
  readonly reason: string;
}

/**
 * What a placement changes, by replica, in natural order of keys, each change with its reason.
 *
 * @param moves what is to move whatever else is done, as of a rebalancing's step; see `place`. Default: none.
 */
export function changesOf(problem: Problem, assignment: Assignment, moves: Assignment = {}): Change[] {
  const { today = {} } = problem;
  const why = reasons(instanceOf(problem), assignment, moves);
  const keysOf = ({ name, replicas }: ServiceRequest) =>
    Array.from({ length: replicas }, (_, index) => replicaKey(name, index + 1));
  const known = problem.services.flatMap(keysOf);
  const warm = new Set(problem.services.flatMap((one) => (one.warm ? keysOf(one).slice(-one.warm) : [])));
  const keys = [...new Set([...known, ...Object.keys(today)])].sort(naturalOrder);
  return keys.flatMap((key): Change[] => {
    const [from, to] = [today[key], assignment[key]];
    if (from !== undefined && from === to) return [];
    const because =
      why.get(key) ?? (known.includes(key) ? "no machine has a place for it" : "no longer asked for");
    const reason = warm.has(key) ? `warm; ${because}` : because;
    return [{ key, ...(from !== undefined && { from }), ...(to !== undefined && { to }), reason }];
  });
}
