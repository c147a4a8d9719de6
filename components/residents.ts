import { serverName, targetsOf } from "./haproxy/index.js";
import type { Seat } from "./placement/index.js";
import { mostAway } from "./rolloutStrategy.js";
import type { Topology } from "./topology/index.js";

/** A replica that runs in a machine today: what stops when the machine does. */
export interface Resident {
  /** e.g. `web-1`. */
  readonly replica: string;
  readonly service: string;
  /** How many replicas the service has. */
  readonly replicas: number;
  /** Where it answers. */
  readonly address: string;
  readonly port: number;
  /** The load balancers' servers that it is, each as `BALANCER/SERVER`. */
  readonly servers: readonly string[];
  /** How long it has to answer until a load balancer sends it requests again, in milliseconds. */
  readonly settleMs: number;
  /** Most replicas of the service that may be away at once, where its rollout is `rolling`. Default: any. */
  readonly maxUnavailable?: number;
}

/** What of a topology runs in a machine today, in the order of its names. Replicas of services that go are not among it. */
export function residentsOf(
  machine: string,
  topology: Topology,
  today: Readonly<Record<string, Seat>>,
): Resident[] {
  const spec = topology.machines.find(({ name }) => name === machine);
  return Object.entries(today)
    .filter(([, seat]) => seat.machine === machine)
    .sort(([one], [two]) => (one < two ? -1 : 1))
    .flatMap(([replica, { port }]) => {
      const service = topology.services.find(({ name }) => name === replica.replace(/-\d+$/, ""));
      if (service === undefined || spec === undefined) return [];
      const balancers = topology.loadBalancers.filter((one) =>
        targetsOf(one, topology).some((target) => target.service === service),
      );
      const { intervalMs, rise } = service.health;
      return [
        {
          replica,
          service: service.name,
          replicas: service.replicas,
          address: spec.address,
          port,
          servers: balancers.map(({ name }) => `${name}/${serverName(replica, port)}`),
          settleMs: intervalMs * (rise + 1),
          ...(service.rollout?.strategy === "rolling" && {
            maxUnavailable: mostAway(service.rollout.maxUnavailable, service.replicas),
          }),
        },
      ];
    });
}
