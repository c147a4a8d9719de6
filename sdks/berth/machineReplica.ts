import * as pulumi from "@pulumi/pulumi";

export interface MachineReplicaArgs {
  /** Key of the replica, e.g. `db-1`. Changing it: in place. */
  replica: pulumi.Input<string>;
  /** Name of the hypervisor in the plan. Changing it: in place. */
  hypervisor: pulumi.Input<string>;
  /** Name of the virtual machine. Changing it: in place. */
  guest: pulumi.Input<string>;
  /** UUID of its domain; another one is another machine. Changing it: in place, and it is waited for again. */
  domain: pulumi.Input<string>;
  /** IPv4 address and TCP port on which it answers. Changing one: in place, and it is waited for again. */
  address: pulumi.Input<string>;
  port: pulumi.Input<number>;
  /** What tells that it is there. Changing it: in place, and it is waited for again. */
  health: pulumi.Input<{
    /** `http`: the status of an answer; `tcp`: a connection; `none`: it is there when its machine runs. */
    type: pulumi.Input<"http" | "tcp" | "none">;
    method: pulumi.Input<string>;
    /** Header `Host` of the request. */
    host: pulumi.Input<string>;
    path: pulumi.Input<string>;
    /** One status, or several and ranges of them, such as `200-299,304`. */
    status: pulumi.Input<string>;
    /** How long one answer may take, e.g. `2s`. */
    timeout: pulumi.Input<string>;
  }>;
  /** How long it may take until it answers, e.g. `10m`. Changing it: nothing happens. */
  readyTimeout: pulumi.Input<string>;
  /** File on the hypervisor with what the guest wrote on its console, for the error where it does not answer. Default: none. */
  consoleLog?: pulumi.Input<string>;
}

/** That a virtual machine answers as a replica of a service: made when it does, so that what sends it requests comes after. */
export class MachineReplica extends pulumi.CustomResource {
  constructor(name: string, args: MachineReplicaArgs, opts?: pulumi.CustomResourceOptions) {
    super("berth:index:MachineReplica", name, args, opts);
  }
}
