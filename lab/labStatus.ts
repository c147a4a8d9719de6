import { daemonStates } from "./daemons.js";
import type { Lab } from "./lab.js";
import { labId, labPaths } from "./labPaths.js";
import { labInit } from "./labProcesses.js";

export interface LabStatus {
  lab: Lab;
  /** "running": all daemons answer; "degraded": some don't, startLab repairs that; "stopped": none runs. */
  state: "running" | "degraded" | "stopped";
  /** For each daemon, whether it runs and answers; empty where the lab is stopped. */
  daemons: Record<string, boolean>;
}

/** How a checkout's lab is. Changes nothing. */
export async function labStatus({ berthHome, id }: { berthHome: string; id?: string }): Promise<LabStatus> {
  const lab = labPaths(id ?? labId(berthHome));
  const init = labInit(lab);
  if (!init) {
    return { lab, state: "stopped", daemons: {} };
  }
  const daemons = await daemonStates(lab, init);
  return { lab, state: Object.values(daemons).every(Boolean) ? "running" : "degraded", daemons };
}
