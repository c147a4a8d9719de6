import type { Guest } from "./assignGuests.js";
import type { Decision } from "./decide.js";

/** Where every replica runs, and why. Pure data, known before anything is touched. */
export interface Placement extends Decision {
  /** By service in natural order of names, then by index. */
  readonly replicas: readonly PlacedReplica[];
}

export interface PlacedReplica {
  readonly service: string;
  /** From 1 on. */
  readonly index: number;
  /** It is ready, and no load balancer sends it requests. */
  readonly warm: boolean;
  /** `<service>-<index>`: the name of the container and of HAProxy's server. */
  readonly key: string;
  /** Of a service that runs as machines: the hypervisor. */
  readonly machine: string;
  /** The virtual machine that it is; none: it is a container. */
  readonly guest?: Guest;
  /** The machine's IPv4 address. */
  readonly address: string;
  /** TCP port on the machine; the present one, where it stays. */
  readonly port: number;
  /** TCP port on the machine for a container that replaces the present one: nothing else there has or takes it. */
  readonly nextPort: number;
  /** Why there, for people. */
  readonly reason: string;
}
