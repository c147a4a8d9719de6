import type { Seat } from "./placement/index.js";
import { containerLimits } from "./revision.js";

/** A resource in a stack's state. */
export interface StateResource {
  readonly type: string;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

/**
 * Where each replica runs: by the marks that Berth gives its containers, one without them being none of a service; and by the
 * records of machines that are replicas.
 */
export function seatsInState(resources: readonly StateResource[]): Record<string, Seat> {
  const seats: Record<string, Seat> = {};
  for (const { type, outputs = {} } of resources) {
    if (type === "berth:index:MachineReplica") {
      const { replica, hypervisor, guest, address, port } = outputs as unknown as MachineReplica;
      seats[replica] = { machine: hypervisor, guest, address, port };
    }
    if (type !== "docker:index/container:Container") continue;
    const { labels = [], ports, image } = outputs as Container;
    // A list that somebody made a secret is an object in the state as it is exported.
    const marks = new Map(Array.isArray(labels) ? labels.map(({ label, value }) => [label, value]) : []);
    const replica = marks.get("berth.replica");
    const revision = marks.get("berth.revision");
    const machine = marks.get("berth.machine");
    const port = ports?.[0]?.external;
    const limits = containerLimits.filter((name) => outputs[name]);
    if (replica === undefined || machine === undefined || port === undefined) continue;
    seats[replica] = {
      machine,
      port,
      ...(revision !== undefined && { revision }),
      ...(image !== undefined && { image }),
      ...(limits.length > 0 && { limits }),
    };
  }
  return seats;
}

interface MachineReplica {
  readonly replica: string;
  readonly hypervisor: string;
  readonly guest: string;
  readonly address: string;
  readonly port: number;
}

interface Container {
  readonly labels?: readonly { readonly label: string; readonly value: string }[];
  readonly ports?: readonly { readonly external?: number }[];
  readonly image?: string;
}
