import { formatDuration } from "../../kit/index.js";
import type { Effect } from "./changeEffect.js";
import type { ResidentInputs } from "./types.js";

/** What a change of a machine stops. */
export interface Outage {
  readonly machine: string;
  readonly effect: Pick<Effect, "kind" | "because">;
  readonly residents: readonly ResidentInputs[];
  /** How long a restart takes at most. */
  readonly limitMs: number;
}

/** What the preview says of it; `undefined` where nothing stops. */
export function describeOutage({ machine, effect, residents, limitMs }: Outage): string | undefined {
  if (effect.kind !== "restart" && effect.kind !== "replace") return undefined;
  const what = `${machine} ${effect.kind === "restart" ? "restarts" : "is replaced"} (${effect.because.join(", ")})`;
  if (residents.length === 0) return `${what}; no replica of a service runs in it`;
  const stopping = residents.map(({ replica, servers }) =>
    servers.length === 0 ? replica : `${replica} (${servers.map((one) => `server ${one}`).join(", ")})`,
  );
  const away = [...byService(residents)].map(
    ([service, those]) => `${those.length} of ${those[0]!.replicas} of service "${service}"`,
  );
  const until =
    effect.kind === "restart"
      ? `for ${formatDuration(limitMs)} at most, one machine after another`
      : "until it is made anew and runs them again";
  return `${what}: ${stopping.join(", ")} stop ${until}; away then: ${away.join(", ")}`;
}

/**
 * Why the changes of machines can't be, where services limit how many of their replicas may be away. Restarts come one after
 * another; what is replaced is away together.
 *
 * @param others what the same plan does to other machines
 */
export function refusal(outage: Outage, others: readonly Outage[]): string | undefined {
  const { machine, effect } = outage;
  if (effect.kind !== "restart" && effect.kind !== "replace") return undefined;
  const together = effect.kind === "restart" ? [] : others.filter((one) => one.effect.kind === "replace");
  for (const [service, here] of byService(outage.residents)) {
    const { maxUnavailable } = here[0]!;
    const there = together.flatMap(({ residents }) => residents.filter((one) => one.service === service));
    if (maxUnavailable === undefined || here.length + there.length <= maxUnavailable) continue;
    const names = [...here, ...there].map(({ replica }) => replica);
    return (
      `machine "${machine}" ${effect.kind === "restart" ? "would restart" : "would be replaced"} (${effect.because.join(", ")}), ` +
      `which stops ${names.join(", ")}, and service "${service}" says "maxUnavailable": ${maxUnavailable}. ` +
      `Have them run elsewhere first ("berth drain ${machine}"), or allow more.`
    );
  }
  return undefined;
}

function byService(residents: readonly ResidentInputs[]): Map<string, ResidentInputs[]> {
  const found = new Map<string, ResidentInputs[]>();
  for (const one of residents) found.set(one.service, [...(found.get(one.service) ?? []), one]);
  return found;
}
