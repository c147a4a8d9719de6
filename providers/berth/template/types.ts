import type { KernelInputs } from "../domain/types.js";

export interface TemplateInputs {
  readonly uri: string;
  /** libvirt's name of the domain while it is made. */
  readonly name: string;
  readonly type: "kvm" | "qemu";
  readonly machine: string;
  readonly cpus: number;
  readonly memoryMiB: number;
  /** Room for more of both while it runs. */
  readonly maxCpus?: number;
  readonly maxMemoryMiB?: number;
  /** What tells the image's content from any other, e.g. the digests of its files. */
  readonly image: string;
  /** Path of the image's volume on the hypervisor. */
  readonly base: string;
  /** Bytes of the disk, as the guest sees it. */
  readonly size: number;
  readonly boot?: KernelInputs;
  /** Path of the seed's volume. */
  readonly seed: string;
  /** SHA-256 of what the seed says. */
  readonly seedDigest: string;
  /** libvirt's name of the pool in which the template's disk lies, for machines to be linked clones of it. */
  readonly pool: string;
  /** Folder on the hypervisor that keeps saved machines, for all stacks. */
  readonly cache: string;
  /** How much that folder may hold, in bytes; what was used longest ago goes first. */
  readonly cacheSize: number;
  readonly consoleLog: string;
}

export interface TemplateState {
  /** Where it is, for its removal. */
  readonly uri: string;
  readonly pool: string;
  readonly fingerprint: string;
  /** The saved machine's folder. */
  readonly path: string;
  /** Path of the disk, in the pool, that forks are linked clones of. */
  readonly disk: string;
  readonly dockerVersion: string;
}
