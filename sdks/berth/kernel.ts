import type * as pulumi from "@pulumi/pulumi";

/** A direct kernel boot: files on the hypervisor. */
export interface KernelArgs {
  kernel: pulumi.Input<string>;
  /** Default: none. */
  initrd?: pulumi.Input<string>;
  cmdline: pulumi.Input<string>;
}
