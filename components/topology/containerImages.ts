import type { Issues } from "./issues.js";
import type { Item } from "./readSection.js";
import { choose } from "./references.js";
import type { ContainerImageSpec, HypervisorSpec, RegistrySpec } from "./topology.js";

export function resolveContainerImages(
  items: readonly Item<"containerImages">[],
  hypervisors: readonly HypervisorSpec[],
  registries: readonly RegistrySpec[],
  issues: Issues,
): ContainerImageSpec[] {
  const places = hypervisors.map((one) => one.name);
  const known = registries.map((one) => one.name);
  return items.map(({ name, at, value }): ContainerImageSpec => {
    if (value.context === undefined) {
      issues.add([...at, "context"], "missing; give the folder that holds the Dockerfile.");
    }
    for (const [index, registry] of (value.registries ?? []).entries()) {
      choose(issues, [...at, "registries", index], registry, "registries", known);
    }
    // With several hypervisors, building on the first one is as good as on any other.
    const hypervisor =
      value.hypervisor === undefined
        ? places[0]
        : choose(issues, [...at, "hypervisor"], value.hypervisor, "hypervisors", places);
    return {
      name,
      hypervisor: hypervisor ?? "",
      context: value.context ?? "",
      dockerfile: value.dockerfile ?? "Dockerfile",
      args: value.args ?? {},
      ...(value.target !== undefined && { target: value.target }),
      registries: value.registries ?? known,
    };
  });
}
