import type { MachineSpec, Topology } from "@berth/components/topology";
import type { MachineRef } from "../providers/berth/snapshot/types.js";
import { Libvirt } from "../providers/virsh/libvirt.js";
import { readTopology } from "./placementInput.js";
import type { Project } from "./project.js";
import { UserError } from "./say.js";
import type { Ready } from "./setup.js";
import type { StackOptions } from "./up.js";

const lookLimitMs = 30_000;

/** A machine of a stack, as described and as libvirt knows it. */
export interface StackMachine {
  readonly spec: MachineSpec;
  readonly uri: string;
  /** The domain's UUID; none: it is described and was not made yet, or has gone. */
  readonly domain?: string;
}

/** A stack's machines by what its file says, each looked up on its hypervisor. */
export async function stackMachines(
  project: Project,
  { host }: Ready,
  options: StackOptions,
): Promise<{ readonly topology: Topology; readonly machines: readonly StackMachine[] }> {
  const topology = readTopology(project, options, host);
  const machines: StackMachine[] = [];
  for (const { name, uri } of topology.hypervisors) {
    const here = topology.machines.filter(({ hypervisor }) => hypervisor === name);
    if (here.length === 0) continue;
    await Libvirt.with(uri, AbortSignal.timeout(lookLimitMs), async (libvirt) => {
      for (const spec of here) {
        const domain = await libvirt.find(["domuuid", spec.domain]);
        machines.push({ spec, uri, ...(domain !== undefined && { domain }) });
      }
    });
  }
  const order = topology.machines.map(({ name }) => name);
  machines.sort((one, other) => order.indexOf(one.spec.name) - order.indexOf(other.spec.name));
  return { topology, machines };
}

/** The machines that are named, or all of them. @throws UserError for a name that is none, or a machine that is not there */
export function chosenMachines(
  machines: readonly StackMachine[],
  names: readonly string[],
  stack: string,
): (StackMachine & { readonly domain: string })[] {
  for (const name of names) {
    if (!machines.some(({ spec }) => spec.name === name)) {
      const known = machines.map(({ spec }) => spec.name).join(", ") || "none";
      throw new UserError(`stack "${stack}" has no machine "${name}"; it has: ${known}.`);
    }
  }
  const chosen = names.length === 0 ? machines : machines.filter(({ spec }) => names.includes(spec.name));
  const gone = chosen.filter(({ domain }) => domain === undefined).map(({ spec }) => spec.name);
  if (gone.length > 0) {
    throw new UserError(
      `not there: ${gone.join(", ")}. "pulumi up --refresh" makes what the stack describes.`,
    );
  }
  if (chosen.length === 0) throw new UserError(`stack "${stack}" has no machines.`);
  return chosen as (StackMachine & { domain: string })[];
}

export function machineRef({ spec, uri, domain }: StackMachine & { readonly domain: string }): MachineRef {
  return { uri, domain, name: spec.name };
}
