import type { Issues, Path } from "./issues.js";
import { defined } from "./references.js";
import type { Written } from "./schema.js";
import type { RolloutSpec } from "./topology.js";

type WrittenRollout = NonNullable<Written<"services">["rollout"]>;

/** Which settings belong to which strategy. */
const owners: Readonly<
  Record<Exclude<keyof WrittenRollout, "strategy">, readonly RolloutSpec["strategy"][]>
> = {
  maxSurge: ["rolling"],
  maxUnavailable: ["rolling"],
  weights: ["canary"],
  hold: ["blueGreen", "canary"],
  check: ["blueGreen", "canary"],
};

/** How a service's replicas change; `undefined` where nothing is said: all at once, beside the old ones. */
export function resolveRollout(
  written: WrittenRollout | undefined,
  at: Path,
  issues: Issues,
): RolloutSpec | undefined {
  if (written === undefined) return undefined;
  const { strategy = "rolling" } = written;
  for (const [key, strategies] of Object.entries(owners)) {
    if (written[key as keyof WrittenRollout] === undefined || strategies.includes(strategy)) continue;
    const words = strategies.map((one) => `"${one}"`).join(" and ");
    issues.add(
      [...at, key],
      `is for strategy ${words}, and this one is "${strategy}"; remove it, or change the strategy.`,
    );
  }
  if (strategy === "rolling") {
    const { maxSurge = "100%", maxUnavailable = 0 } = written;
    if (Number.parseFloat(String(maxSurge)) === 0 && Number.parseFloat(String(maxUnavailable)) === 0) {
      issues.add(
        at,
        `with "maxSurge" 0 and "maxUnavailable" 0 no replica could ever be replaced; raise one of them.`,
      );
    }
    return { strategy, maxSurge, maxUnavailable };
  }
  const { path, status, timeout, errorPercent, responseTime, minRequests } = written.check ?? {};
  const check = {
    status: status ?? 200,
    timeoutMs: timeout ?? 2_000,
    minRequests: minRequests ?? 20,
    ...defined({ path, errorPercent, responseMs: responseTime }),
  };
  const holdMs = written.hold ?? 30_000;
  if (strategy === "blueGreen") return { strategy, holdMs, check };
  const weights = written.weights ?? [5, 25, 50];
  for (const [index, weight] of weights.entries()) {
    if (index > 0 && weight <= weights[index - 1]!) {
      issues.add(
        [...at, "weights", String(index)],
        `${weight} is not above ${weights[index - 1]}, the one before; let them rise.`,
      );
    }
  }
  return { strategy, weights, holdMs, check };
}
