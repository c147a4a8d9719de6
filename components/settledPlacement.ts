import * as pulumi from "@pulumi/pulumi";
import type { Placement } from "./placement/index.js";
import type { Service } from "./service.js";

/** A placement with the ports that its services have settled on: the present one of a replica that stays, else its next one. */
export function settledPlacement(
  placement: Placement,
  services: readonly Service[],
): pulumi.Output<Placement> {
  const ports = new Map(
    services.flatMap(({ endpoints }) => endpoints.map(({ replica, port }) => [replica, port])),
  );
  return pulumi
    .all(placement.replicas.map((one) => ports.get(one.key) ?? pulumi.output(one.port)))
    .apply((known) => ({
      ...placement,
      replicas: placement.replicas.map((one, index) => ({ ...one, port: known[index]! })),
    }));
}
