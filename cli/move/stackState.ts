import { withDefaults } from "../../providers/berth/domain/checkDomain.js";
import type { DomainInputs } from "../../providers/berth/domain/types.js";
import type { Project } from "../project.js";
import { pulumiOutput } from "../pulumi.js";
import type { Ready } from "../setup.js";

/** A machine as the last update left it. */
export interface KnownMachine {
  /** The domain's UUID. */
  readonly id: string;
  /** What it was made with; secrets in it are encrypted. */
  readonly inputs: DomainInputs;
}

/** What a stack's state says of its machines and hypervisors, each by name. */
export interface KnownStack {
  readonly machines: ReadonlyMap<string, KnownMachine>;
  readonly accelerators: ReadonlyMap<string, DomainInputs["type"]>;
}

interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly delete?: boolean;
  readonly inputs?: object;
  readonly outputs?: object;
}

export async function readState(
  project: Project,
  ready: Pick<Ready, "bin">,
  stack: string,
): Promise<KnownStack> {
  const text = await pulumiOutput(project, ready, ["stack", "export", "--stack", stack]);
  const { deployment } = JSON.parse(text) as { deployment: { resources?: readonly StateResource[] } };
  return knownStack(deployment.resources ?? []);
}

/** What is replaced already, and yet to be deleted, is not known any more. */
export function knownStack(resources: readonly StateResource[]): KnownStack {
  const machines = new Map<string, KnownMachine>();
  const accelerators = new Map<string, DomainInputs["type"]>();
  for (const { urn, type, id, inputs, outputs, delete: isGone } of resources) {
    if (isGone || id === undefined) continue;
    const name = urn.slice(urn.lastIndexOf("::") + 2);
    if (type === "berth:index:Domain")
      machines.set(name, { id, inputs: withDefaults(inputs as DomainInputs) });
    if (type === "berth:index:Accelerator") {
      accelerators.set(name, (outputs as { type: DomainInputs["type"] }).type);
    }
  }
  return { machines, accelerators };
}
