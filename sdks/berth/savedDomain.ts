import * as pulumi from "@pulumi/pulumi";
import type { KernelArgs } from "./kernel.js";

export interface SavedDomainArgs {
  /** libvirt connection URI; of this machine, for saved memory is a file there. Changing it: replace. */
  uri: pulumi.Input<string>;
  /** libvirt's name of the domain while it is made, and the beginning of its disk's name. Changing it: replace. */
  name: pulumi.Input<string>;
  /** Changing this or any of the following makes another one; machines that were forked stay as they are. */
  type: pulumi.Input<"kvm" | "qemu">;
  /** QEMU's machine type, e.g. `q35`. */
  machine: pulumi.Input<string>;
  cpus: pulumi.Input<number>;
  memoryMiB: pulumi.Input<number>;
  /** Up to which a fork's processors can be raised while it runs. Default: `cpus`. */
  maxCpus?: pulumi.Input<number>;
  /** Up to which a fork's memory can be raised while it runs. Default: `memoryMiB`. */
  maxMemoryMiB?: pulumi.Input<number>;
  /** What tells the image's content from any other: its files' digests. */
  image: pulumi.Input<string>;
  /** Path of the image's volume on the hypervisor. */
  base: pulumi.Input<string>;
  /** Bytes of its disk. */
  size: pulumi.Input<number>;
  /** Direct kernel boot. Default: the disk boots by its own boot loader. */
  boot?: pulumi.Input<KernelArgs>;
  /** Path of its seed's volume. */
  seed: pulumi.Input<string>;
  /** SHA-256 of what the seed says. */
  seedDigest: pulumi.Input<string>;
  /** libvirt's name of the pool for its disk. Changing it: replace. */
  pool: pulumi.Input<string>;
  /** Folder on the hypervisor that keeps saved machines, for all stacks. */
  cache: pulumi.Input<string>;
  /** Bytes that the folder may hold; what was used longest ago goes first. */
  cacheSize: pulumi.Input<number>;
  /** File on the hypervisor for its serial console, while it is made. */
  consoleLog: pulumi.Input<string>;
}

/** A machine in which Docker answers, saved with its memory, for others to start from within seconds. Drift: damaged, or another hypervisor's. */
export class SavedDomain extends pulumi.CustomResource {
  /** Names all that it depends on. */
  declare readonly fingerprint: pulumi.Output<string>;
  /** Its folder on the hypervisor. */
  declare readonly path: pulumi.Output<string>;
  /** Path of the disk that forks are linked clones of. */
  declare readonly disk: pulumi.Output<string>;
  declare readonly dockerVersion: pulumi.Output<string>;

  constructor(name: string, args: SavedDomainArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      "berth:index:SavedDomain",
      name,
      { ...args, fingerprint: undefined, path: undefined, disk: undefined, dockerVersion: undefined },
      opts,
    );
  }
}
