import type { Issues } from "./issues.js";
import type { Item } from "./readSection.js";
import { choose, imageSource } from "./references.js";
import { resolveRoutes } from "./routes.js";
import type {
  ContainerImageSpec,
  HypervisorSpec,
  LoadBalancerSpec,
  RegistrySpec,
  ServiceSpec,
} from "./topology.js";

const everywhere = "0.0.0.0";

export function resolveLoadBalancers(
  items: readonly Item<"loadBalancers">[],
  hypervisors: readonly HypervisorSpec[],
  containerImages: readonly ContainerImageSpec[],
  services: readonly ServiceSpec[],
  registries: readonly RegistrySpec[],
  issues: Issues,
): LoadBalancerSpec[] {
  const places = hypervisors.map((one) => one.name);
  const images = containerImages.map((one) => one.name);
  const specs = items.map((item): LoadBalancerSpec => {
    const { name, at, value } = item;
    const chosen = choose(issues, [...at, "hypervisor"], value.hypervisor, "hypervisors", places);
    const hypervisor = hypervisors.find((one) => one.name === chosen);
    const image =
      value.image === undefined ? undefined : imageSource(issues, [...at, "image"], value.image, images);
    return {
      name,
      hypervisor: chosen ?? "",
      bind: value.bind ?? hypervisor?.network.gateway ?? "",
      port: value.port ?? 80,
      balance: value.balance ?? "roundrobin",
      ...resolveRoutes(item, services, issues),
      ...(image !== undefined && { image }),
      maxConnections: value.maxConnections ?? 4000,
    };
  });
  for (const [index, spec] of specs.entries()) {
    const hypervisor = hypervisors.find((one) => one.name === spec.hypervisor);
    if (hypervisor === undefined) continue;
    const owner = portOwner(spec, hypervisor, specs.slice(0, index), registries);
    if (owner !== undefined) {
      issues.add(
        ["loadBalancers", spec.name, "port"],
        `${spec.port} on ${spec.bind} is already taken by ${owner} on hypervisor "${hypervisor.name}"; choose another.`,
      );
    }
  }
  return specs;
}

/** Who else listens where a load balancer is to. */
function portOwner(
  spec: LoadBalancerSpec,
  { network }: HypervisorSpec,
  others: readonly LoadBalancerSpec[],
  registries: readonly RegistrySpec[],
): string | undefined {
  const listens = (...addresses: string[]) => [...addresses, everywhere].includes(spec.bind);
  const twin = others.find(
    (one) =>
      one.hypervisor === spec.hypervisor &&
      one.port === spec.port &&
      (one.bind === everywhere || listens(one.bind)),
  );
  if (twin !== undefined) return `load balancer "${twin.name}"`;
  const registry = registries.find((one) => one.hypervisor === spec.hypervisor && one.port === spec.port);
  if (registry !== undefined && listens("127.0.0.1", network.gateway)) return `registry "${registry.name}"`;
  if (spec.port === 53 && listens(network.gateway)) return "the network's name server";
  return undefined;
}
