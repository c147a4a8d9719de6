import { naturalOrder } from "./naturalOrder.js";
import type { ServiceSpec, Topology } from "./topology.js";

/** What a load balancer has to know of a service, whether its replicas are containers or machines. */
export type BalancedService = Pick<ServiceSpec, "name" | "replicas" | "port" | "protocol" | "health">;

/** All services, in natural order of names. */
export function balancedServices({
  services,
  machineServices,
}: Pick<Topology, "services" | "machineServices">): BalancedService[] {
  return [...services, ...machineServices].sort((one, other) => naturalOrder(one.name, other.name));
}
