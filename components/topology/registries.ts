import type { Issues } from "./issues.js";
import type { Item } from "./readSection.js";
import { choose, imageSource } from "./references.js";
import type { ContainerImageSpec, HypervisorSpec, RegistrySpec } from "./topology.js";

/** The registries; where none is given and container images are to be pushed, one on each hypervisor. */
export function resolveRegistries(
  items: readonly Item<"registries">[],
  containerImages: readonly Item<"containerImages">[],
  loadBalancers: readonly Item<"loadBalancers">[],
  hypervisors: readonly HypervisorSpec[],
  issues: Issues,
): RegistrySpec[] {
  const pushed =
    containerImages.some(({ value }) => value.registries?.length !== 0) ||
    // Their machines pull Berth's own image.
    loadBalancers.some(({ value }) => value.machines !== undefined);
  const all = items.length === 0 && pushed ? defaults(hypervisors) : items;
  const specs = all.map(({ name, at, value }): RegistrySpec => {
    const image =
      value.image === undefined
        ? undefined
        : imageSource(
            issues,
            [...at, "image"],
            value.image,
            containerImages.map((one) => one.name),
          );
    const known = hypervisors.map((one) => one.name);
    return {
      name,
      hypervisor: choose(issues, [...at, "hypervisor"], value.hypervisor, "hypervisors", known) ?? "",
      port: value.port ?? 5000,
      ...(image !== undefined && { image }),
    };
  });
  for (const [index, spec] of specs.entries()) {
    const twin = specs
      .slice(0, index)
      .find((one) => one.hypervisor === spec.hypervisor && one.port === spec.port);
    if (twin !== undefined) {
      issues.add(
        ["registries", spec.name, "port"],
        `${spec.port} is already the port of registry "${twin.name}" on hypervisor "${spec.hypervisor}"; choose another.`,
      );
    }
  }
  return specs;
}

/** A registry whose own image would first have to be pulled from it can never start. */
export function checkOwnImages(
  registries: readonly RegistrySpec[],
  containerImages: readonly ContainerImageSpec[],
  issues: Issues,
): void {
  for (const { name, image } of registries) {
    const built = containerImages.find((one) => image?.kind === "built" && one.name === image.containerImage);
    if (built !== undefined && built.registries.length > 0) {
      issues.add(
        ["registries", name, "image"],
        `container image "${built.name}" is pushed to a registry before it can be used; give it "registries: []".`,
      );
    }
  }
}

function defaults(hypervisors: readonly HypervisorSpec[]): Item<"registries">[] {
  return hypervisors.map((hypervisor) => {
    const name = hypervisors.length === 1 ? "main" : hypervisor.name;
    return { name, at: ["registries", name], value: { hypervisor: hypervisor.name } };
  });
}
