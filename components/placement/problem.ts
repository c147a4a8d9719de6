/** What there is to place and where: the solver's whole input. Pure data; names are unique within their list. */
export interface Problem {
  readonly machines: readonly Machine[];
  readonly services: readonly ServiceRequest[];
  /** The placement in force: replica key → machine. A machine that is no longer there counts as nowhere. Default: none. */
  readonly today?: Readonly<Record<string, string>>;
  /**
   * `balance` keeps the fullest machine as empty as possible, `pack` uses as few machines as possible.
   * Default: `balance`. Changing it moves nothing by itself: fewest moves come first.
   */
  readonly prefer?: "balance" | "pack";
}

/** Amounts of what a machine has and a replica takes. */
export interface Amounts {
  /** Processors, in steps of 0.001. */
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly diskBytes: number;
}

/** `container`: in a machine's container engine. `machine`: as a virtual machine of its own, on a hypervisor. */
export type Form = "container" | "machine";

export interface Machine {
  readonly name: string;
  readonly capacity: Amounts;
  /** What the system keeps for itself. Default: nothing. */
  readonly reserved?: Partial<Amounts>;
  /** Ports that are taken already. Default: none. */
  readonly ports?: readonly number[];
  /** What fails together: a hypervisor, a rack. Default: a zone of its own. */
  readonly zone?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Only services that tolerate every one of them may run here. Default: none. */
  readonly taints?: readonly string[];
  /** Price of using it at all, in any one unit. Default 0. */
  readonly cost?: number;
  /** What it runs. Default `container`. */
  readonly runs?: Form;
  /** It is being emptied for maintenance; for the reasons, as it is in no service's `machines` then. Default false. */
  readonly drain?: boolean;
  /** The hypervisor that it runs on, and dies with. Default: none that is known. */
  readonly host?: string;
}

export interface ServiceRequest {
  readonly name: string;
  /** In all, warm ones too. */
  readonly replicas: number;
  /** The last ones of these, which are ready and get no requests. Default 0. */
  readonly warm?: number;
  /** What a replica is sure to get, and takes of its machine. Default: nothing. */
  readonly requests?: Partial<Amounts>;
  /** The most that a replica may use; it must fit into the machine by itself. Default: the requests. */
  readonly limits?: Partial<Amounts>;
  /** Ports of the machine that a replica takes. Default: none. */
  readonly ports?: readonly number[];
  /** Machines that may run it. Default: all. */
  readonly machines?: readonly string[];
  readonly tolerates?: readonly string[];
  readonly rules?: readonly Rule[];
  /** `machine`, `zone`: no two replicas in one. Default `none`. */
  readonly spread?: "machine" | "zone" | "none";
  /** Where not all can be placed, the higher goes first. Default 0. */
  readonly priority?: number;
  /** Services of one group have equally many replicas, and the n-th of each are on one machine. Default: none. */
  readonly group?: string;
  /** It keeps data on its machine, so its replicas stay where they are today while that machine is there. Default false. */
  readonly volume?: boolean;
  /** Replica number (from 1) → machine, by hand. Default: none. */
  readonly pins?: Readonly<Record<number, string>>;
  /** Default `container`. */
  readonly form?: Form;
}

/** Affinity (`near`) and anti-affinity (`apart`). */
export interface Rule {
  readonly want: "near" | "apart";
  /** A service's replicas, or the machines with a label, or of a zone. */
  readonly of:
    | { readonly service: string }
    | { readonly label: string; readonly value: string }
    | { readonly zone: string };
  /** How near or far, for services: on one machine, or in one zone. Default `machine`. */
  readonly within?: "machine" | "zone";
  /** How much it is preferred, above 0. Default: it is required. */
  readonly weight?: number;
}

/** Replica key → machine; what is not placed has no entry. */
export type Assignment = Readonly<Record<string, string>>;

/** `<service>-<n>`, n from 1: the name of the container, too. */
export function replicaKey(service: string, replica: number): string {
  return `${service}-${replica}`;
}
