import type { Consistency } from "../../../providers/berth/snapshot/types.js";

/** A run of a stored file: chunks by name, or zeros. */
export type Run = string | { readonly zeros: number };

/** A file or disk in a repository, in chunks of the repository's size; the last may be shorter. */
export interface StoredFile {
  readonly bytes: number;
  readonly runs: readonly Run[];
}

/** What was seen in the machine when it was backed up, to be found in what is restored. */
export interface GuestFacts {
  readonly machineId: string;
  readonly hostname: string;
  /** Names of Docker's containers; none: no Docker answered. */
  readonly containers?: readonly string[];
}

/** A machine's backup. */
export interface Backup {
  readonly version: 1;
  /** e.g. `web-1-20261125T221530Z`. */
  readonly id: string;
  /** The same for machines that were caught at one point in time. */
  readonly set: string;
  readonly stack: string;
  readonly machine: string;
  /** ISO 8601. */
  readonly taken: string;
  readonly consistency: Exclude<Consistency, "memory">;
  /** libvirt connection URI of where it was. */
  readonly hypervisor: string;
  /** libvirt's persistent description of it. */
  readonly domain: string;
  /** By target: `vda`. */
  readonly disks: Readonly<Record<string, StoredFile>>;
  /** By path on the hypervisor: its kernel, initial RAM disk and seed. */
  readonly files: Readonly<Record<string, StoredFile>>;
  readonly facts?: GuestFacts;
  /** Bytes that the repository grew by. */
  readonly added: number;
}

/** That a backup was restored into a throw-away machine, which ran. */
export interface Verification {
  readonly id: string;
  /** ISO 8601. */
  readonly when: string;
  /** What was found to be right, in words. */
  readonly checks: readonly string[];
}
