import * as pulumi from "@pulumi/pulumi";

/** What a snapshot of a machine can be relied on for; see {@link MachineSnapshot.consistency}. */
export type Consistency = "memory" | "frozen" | "off" | "crash";

export interface MachineSnapshotArgs {
  /** The same in each machine: a letter, then letters, digits and `._-`. Changing it: replace, which is another point in time. */
  name: pulumi.Input<string>;
  /** Words for people. Default: none. Changing it: nothing happens to what was taken. */
  description?: pulumi.Input<string>;
  /** With what is in memory: a machine that is taken back goes on where it was, without a boot. Default false. Changing it: replace. */
  memory?: pulumi.Input<boolean>;
  /** The machines, on any hypervisors; all at one point in time. Changing them: replace. */
  machines: pulumi.Input<
    pulumi.Input<{
      /** libvirt connection URI. */
      uri: pulumi.Input<string>;
      /** The domain's UUID. */
      domain: pulumi.Input<string>;
      /** What people call it. */
      name: pulumi.Input<string>;
    }>[]
  >;
  /**
   * A word of the user's own, such as a date. Giving one, or another one, takes the machines back to the snapshot: what they
   * have written since is lost. Default: none. Taking it away: nothing happens.
   */
  revert?: pulumi.Input<string>;
}

/**
 * A snapshot of machines at one point in time, kept in their own disks (qcow2). Running ones stand still for it: frozen by their
 * guest agents, paused where no agent answers or their memory is taken too. Drift: a machine that has it no more; it is taken anew.
 */
export class MachineSnapshot extends pulumi.CustomResource {
  /** When it was taken, ISO 8601. */
  declare readonly taken: pulumi.Output<string>;
  /**
   * What it can be relied on for, by the machine's name. `memory`: it goes on where it was; `frozen`: its file systems were at
   * rest; `off`: it did not run; `crash`: as after a power cut.
   */
  declare readonly consistency: pulumi.Output<Record<string, Consistency>>;
  /** The word in `revert` by which the machines were last taken back to it; empty: they were not. */
  declare readonly takenBack: pulumi.Output<string>;

  constructor(name: string, args: MachineSnapshotArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      "berth:index:MachineSnapshot",
      name,
      { ...args, taken: undefined, consistency: undefined, takenBack: undefined },
      opts,
    );
  }
}
