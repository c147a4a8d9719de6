import * as pulumi from "@pulumi/pulumi";

export interface KeptDiskArgs {
  /** libvirt connection URI. Changing it: replace, or taken over where `berth move` has brought it there. */
  uri: pulumi.Input<string>;
  /** libvirt's name of the storage pool. Changing it: replace. */
  pool: pulumi.Input<string>;
  /** Whose and which disk it is, e.g. `web-1-data`: the volume's name begins with it. Changing it: replace. */
  name: pulumi.Input<string>;
  /** Bytes that it is made with; the machine that has it makes it grow. Changing it: nothing happens. */
  size: pulumi.Input<number>;
}

/** A volume for a machine's data, which stays when the machine is replaced, and goes with the stack. Drift: it is gone. */
export class KeptDisk extends pulumi.CustomResource {
  /** Name of the volume. Part of it is the mark of the resource that made it. */
  declare readonly volume: pulumi.Output<string>;

  constructor(name: string, args: KeptDiskArgs, opts?: pulumi.CustomResourceOptions) {
    super("berth:index:KeptDisk", name, { ...args, volume: undefined }, opts);
  }
}
