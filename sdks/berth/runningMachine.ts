import * as pulumi from "@pulumi/pulumi";

export interface RunningMachineArgs {
  /** Its domain's UUID. Changing it: replace. */
  domain: pulumi.Input<string>;
}

/**
 * That a machine is meant to run: there as long as the program wants it on. What lives in the machine names it in
 * `deletedWith`, and so leaves the state without a call when the machine is stopped or destroyed. Touches nothing.
 */
export class RunningMachine extends pulumi.CustomResource {
  constructor(name: string, args: RunningMachineArgs, opts?: pulumi.CustomResourceOptions) {
    super("berth:index:RunningMachine", name, args, opts);
  }
}
