import { type StateResource, seatsInState } from "@berth/components";
import type { HeldPort, Seat } from "@berth/components/placement";
import * as pulumi from "@pulumi/pulumi";
import { portsInState } from "./portsInState.js";

export interface PlacementInForce {
  /** Where each replica runs. */
  readonly seats: Record<string, Seat>;
  /** The host ports of every container, of those that are replaced and not deleted yet too. */
  readonly held: readonly HeldPort[];
}

/** What the stack's own state says, as the last update left it, whatever its end; nothing before the first. */
export async function placementInForce(): Promise<PlacementInForce> {
  const stackName = [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()].join("/");
  // What the engine's own provider answers with; `outputs` are the resources.
  const { outputs = {} } = await pulumi.runtime.invoke("pulumi:pulumi:readStackResourceOutputs", {
    stackName,
  });
  const resources: StateResource[] = Object.values(outputs);
  // It leaves out what is to be deleted, and where nothing is there, nothing was.
  const held = resources.length === 0 ? [] : await portsInState(stackName);
  return { seats: seatsInState(resources), held };
}
