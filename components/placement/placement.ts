/** Where every replica runs, and why. Pure data, known before anything is touched. */
export interface Placement {
  /** By service in natural order of names, then by index. */
  readonly replicas: readonly PlacedReplica[];
  /** In natural order of names. */
  readonly machines: readonly MachineLoad[];
}

export interface PlacedReplica {
  readonly service: string;
  /** From 1 on. */
  readonly index: number;
  /** `<service>-<index>`: the name of the container and of HAProxy's server. */
  readonly key: string;
  readonly machine: string;
  /** The machine's IPv4 address. */
  readonly address: string;
  /** TCP port on the machine. */
  readonly port: number;
  /** Why there, for people. */
  readonly reason: string;
}

export interface MachineLoad {
  readonly machine: string;
  readonly replicas: readonly string[];
  /** What containers may use: the machine's memory less what is reserved for its system. */
  readonly memoryBytes: Usage;
  readonly cpus: Usage;
}

export interface Usage {
  readonly total: number;
  /** Sum of the limits of the replicas that have one. */
  readonly used: number;
}
