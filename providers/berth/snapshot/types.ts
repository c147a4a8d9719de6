/** A machine, and where it is. */
export interface MachineRef {
  /** libvirt connection URI. */
  readonly uri: string;
  /** The domain's UUID. */
  readonly domain: string;
  /** What people call it. */
  readonly name: string;
}

/**
 * What a snapshot of a machine can be relied on for. `memory`: it goes on where it was; `frozen`: its file systems were at
 * rest, as the guest agent saw to; `off`: the machine did not run; `crash`: as after a power cut, which journals recover from.
 */
export type Consistency = "memory" | "frozen" | "off" | "crash";

/** A snapshot that a machine has. */
export interface FoundSnapshot {
  readonly name: string;
  readonly description: string;
  /** ISO 8601. */
  readonly taken: string;
  /** Unknown where somebody else took it. */
  readonly consistency?: Consistency;
  readonly memory: boolean;
}

export interface SnapshotInputs {
  /** The same in each machine. */
  readonly name: string;
  readonly description: string;
  readonly memory: boolean;
  readonly machines: readonly MachineRef[];
  /** A word; a new one takes the machines back. */
  readonly revert?: string;
}

export interface SnapshotState {
  readonly name: string;
  /** Where it is, for its removal. */
  readonly machines: readonly MachineRef[];
  /** ISO 8601. */
  readonly taken: string;
  /** By the machine's name. */
  readonly consistency: Readonly<Record<string, Consistency>>;
  /** The word by which the machines were last taken back to it; empty: they were not. */
  readonly takenBack: string;
}
