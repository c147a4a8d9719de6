import type { Issues, Path } from "./issues.js";
import { defined } from "./references.js";
import type { Written } from "./schema.js";
import type { AutoscaleSpec } from "./topology.js";

/** Between which numbers, and by which loads, a service's replicas are to be scaled; `undefined` where nothing is said. */
export function resolveAutoscale(
  written: Written<"services">["autoscale"],
  at: Path,
  issues: Issues,
): AutoscaleSpec | undefined {
  if (written === undefined) return undefined;
  const { min = 1, max, sessions, queue, requests, responseTime } = written;
  if (max === undefined) issues.add([...at, "max"], "missing; give the most replicas that there may be.");
  else if (max < min) issues.add([...at, "max"], `${max} is below "min", ${min}; raise it.`);
  if ([sessions, queue, requests, responseTime].every((one) => one === undefined)) {
    issues.add(at, 'has nothing to scale by; give "sessions", "queue", "requests" or "responseTime".');
  }
  return {
    min,
    max: max ?? min,
    tolerancePercent: written.tolerance ?? 10,
    scaleInAfterMs: written.scaleInAfter ?? 300_000,
    ...defined({ sessions, queue, requests, responseMs: responseTime }),
  };
}
