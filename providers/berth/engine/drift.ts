import type { Change } from "../../kit/index.js";
import { parseDaemonJson, sameSettings } from "./daemonJson.js";
import type { MachineFacts } from "./machineFacts.js";
import { engineWeight, mayUseSocket, samePem } from "./plan.js";
import type { EngineInputs, EngineState } from "./types.js";

/** What of the state a refresh may find to be false, for the next update to repair. */
export const flags = ["running", "enabled", "access", "yields", "handsOver"] as const;

/** The old inputs, with what is different on the machine put in their place. */
export function driftedInputs(inputs: EngineInputs, facts: MachineFacts): EngineInputs {
  const live = parseDaemonJson(facts.daemon);
  const daemon = sameSettings(live, inputs.daemon) ? inputs.daemon : (live ?? { "not JSON": facts.daemon });
  const installed = facts.certificates.filter(
    ({ registry, ours }) => ours || registry in inputs.certificates,
  );
  const certificates = Object.fromEntries(
    installed.map(({ registry, pem }) => {
      const wanted = inputs.certificates[registry];
      return [registry, wanted !== undefined && samePem(wanted, pem) ? wanted : pem];
    }),
  );
  return { ...inputs, daemon, certificates };
}

/** The state's flags as they are on the machine. */
export function liveFlags(facts: MachineFacts): Pick<EngineState, (typeof flags)[number]> {
  return {
    running: facts.hasDocker && facts.unitActive === "active",
    enabled: facts.hasDocker && facts.unitFile === "enabled",
    access: mayUseSocket(facts),
    yields: Object.values(facts.weights).every((weight) => weight === `${engineWeight}`),
    handsOver: facts.handsOver !== false,
  };
}

/** What a refresh found to be off, as changes to be made. */
export function flagChanges(state: EngineState): Change[] {
  return flags
    .filter((flag) => state[flag] === false)
    .map((flag) => ({ path: flag, kind: "update", inputDiff: false }));
}
