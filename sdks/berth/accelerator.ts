import * as pulumi from "@pulumi/pulumi";

/** `auto`: KVM where a guest really starts on it, else QEMU's own emulation. */
export type AcceleratorChoice = "auto" | "kvm" | "qemu";

export interface AcceleratorArgs {
  /** libvirt connection URI. Changing it: replace (probed again). */
  uri: pulumi.Input<string>;
  /** Default `auto`. `kvm` and `qemu` are taken as they are, without a probe. Changing it: replace. */
  accelerator?: pulumi.Input<AcceleratorChoice>;
  /** Path, on the hypervisor, of a Linux kernel that the probe starts. Needed by `auto`. Changing it: in place, no new probe. */
  kernel?: pulumi.Input<string>;
}

/** What a hypervisor's guests run on, found out by starting one: the existence of /dev/kvm proves nothing. */
export class Accelerator extends pulumi.CustomResource {
  /** libvirt's domain type: `kvm` or `qemu`. */
  declare readonly type: pulumi.Output<"kvm" | "qemu">;
  /** Why, in a sentence. */
  declare readonly reason: pulumi.Output<string>;

  constructor(name: string, args: AcceleratorArgs, opts?: pulumi.CustomResourceOptions) {
    super("berth:index:Accelerator", name, { ...args, type: undefined, reason: undefined }, opts);
  }
}
