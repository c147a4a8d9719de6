import type { HypervisorSpec, MachineSpec, Topology } from "@berth/components/topology";
import type { DomainInputs } from "../../providers/berth/domain/types.js";
import { UserError } from "../say.js";
import type { KnownStack } from "./stackState.js";

/** From where to where a machine moves. */
export interface MovePlan {
  readonly spec: MachineSpec;
  /** The domain's UUID, there as here. */
  readonly domain: string;
  /** What it was made with. */
  readonly inputs: DomainInputs;
  /** Where it is by the state, whatever the stack's file says. */
  readonly from: HypervisorSpec;
  readonly to: HypervisorSpec;
}

/** The same from where as to where: it is there already. @throws UserError for names that are none, and a machine that can't move */
export function planMove(
  topology: Topology,
  { machines }: KnownStack,
  name: string,
  hypervisor: string,
): MovePlan {
  const { stack, hypervisors } = topology;
  const names = (all: readonly { readonly name: string }[]) =>
    all.map((one) => one.name).join(", ") || "none";
  const spec = topology.machines.find((one) => one.name === name);
  if (spec === undefined) {
    throw new UserError(`stack "${stack}" has no machine "${name}"; it has: ${names(topology.machines)}.`);
  }
  const to = hypervisors.find((one) => one.name === hypervisor);
  if (to === undefined) {
    throw new UserError(`stack "${stack}" has no hypervisor "${hypervisor}"; it has: ${names(hypervisors)}.`);
  }
  const known = machines.get(name);
  if (known === undefined) {
    throw new UserError(`machine "${name}" was not made yet: set its "hypervisor", and update the stack.`);
  }
  const { id: domain, inputs } = known;
  const from = hypervisors.find(({ uri, pool }) => uri === inputs.uri && pool.name === inputs.root.pool);
  if (from === undefined) {
    throw new UserError(
      `machine "${name}" is at ${inputs.uri}, and no hypervisor of the stack is that one. Put it back into the stack's file.`,
    );
  }
  if (from === to) return { spec, domain, inputs, from, to };
  if (from.uri === to.uri) {
    throw new UserError(
      `hypervisors "${from.name}" and "${to.name}" are the same libvirt, ${to.uri}, which can't have a machine twice. Choose one with another "uri".`,
    );
  }
  refuseUnfit(name, spec, inputs);
  return { spec, domain, inputs, from, to };
}

function refuseUnfit(name: string, { newSeed }: MachineSpec, { power }: DomainInputs): void {
  if (power === "paused") {
    throw new UserError(
      `machine "${name}" is paused, and what is in its memory would be lost. Set its "power" to "running" or "stopped", update, and move it then.`,
    );
  }
  if (newSeed === "replace") {
    throw new UserError(
      `machine "${name}" has "newSeed": "replace", and its first-boot seed on another hypervisor is another one, which would replace it. Set it to "ignore", update, and move it then.`,
    );
  }
}
