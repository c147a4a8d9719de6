import { type Consistency, MachineSnapshot, type MachineSnapshotArgs } from "@berth/sdk";
import * as pulumi from "@pulumi/pulumi";
import { type Transform, transformed } from "./transform.js";
import type { VirtualMachine } from "./virtualMachine.js";

export interface SnapshotArgs {
  /** The machines, on any hypervisors, all caught at one point in time. Changing them: another snapshot is taken, at another time. */
  machines: readonly VirtualMachine[];
  /** What the machines call it. Default: the component's name. Changing it: as `machines`. */
  snapshotName?: string;
  /** Words for people. Default: none. Changing it: nothing happens to what was taken. */
  description?: string;
  /** With what is in memory: a machine that is taken back goes on where it was, without a boot. Default false. Changing it: as `machines`. */
  memory?: boolean;
  /**
   * A word of your own, such as a date. Giving one, or another one, takes the machines back, in place: what they have written
   * since the snapshot is lost. Add the word to `reverted` of the machines' {@link ContainerRuntime}s, whose containers are
   * then made anew. Default: none.
   */
  revert?: string;
  transform?: { snapshot?: Transform<MachineSnapshotArgs> };
}

/**
 * A snapshot of machines at one point in time, in their own disks. What is to change after it is taken names it in `dependsOn`.
 * Destroying it deletes the snapshot and leaves the machines as they are.
 */
export class Snapshot extends pulumi.ComponentResource {
  /** When it was taken, ISO 8601. */
  readonly taken: pulumi.Output<string>;
  /** What it can be relied on for, by the machine's name; see {@link MachineSnapshot}. */
  readonly consistency: pulumi.Output<Record<string, Consistency>>;
  readonly nodes: { readonly snapshot: MachineSnapshot };

  constructor(name: string, args: SnapshotArgs, opts?: pulumi.ComponentResourceOptions) {
    super("berth:index:Snapshot", name, {}, opts);
    const { machines, snapshotName = name, description = "", memory = false, revert } = args;
    if (machines.length === 0) {
      throw new pulumi.ResourceError(
        `snapshot "${name}": it is of no machine; name at least one.`,
        this,
        true,
      );
    }
    const [only, ...others] = machines;
    const snapshot = new MachineSnapshot(
      ...transformed(
        args.transform?.snapshot,
        name,
        {
          name: snapshotName,
          description,
          memory,
          machines: machines.map((machine) => ({
            uri: machine.hypervisor.uri,
            domain: machine.domainId,
            name: machine.name,
          })),
          ...(revert !== undefined && { revert }),
        } as MachineSnapshotArgs,
        {
          parent: this,
          dependsOn: [...machines],
          // Of several machines, some may stay.
          ...(others.length === 0 && { deletedWith: only!.nodes.domain }),
        },
      ),
    );
    this.taken = snapshot.taken;
    this.consistency = snapshot.consistency;
    this.nodes = { snapshot };
    this.registerOutputs({ taken: this.taken, consistency: this.consistency });
  }
}
