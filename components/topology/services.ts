import type { Issues } from "./issues.js";
import type { Item } from "./readSection.js";
import { defined, imageSource } from "./references.js";
import { selectMachines } from "./selectMachines.js";
import type { ContainerImageSpec, ImageSource, MachineSpec, ServiceSpec } from "./topology.js";

export function resolveServices(
  items: readonly Item<"services">[],
  containerImages: readonly ContainerImageSpec[],
  machines: readonly MachineSpec[],
  secrets: readonly string[],
  issues: Issues,
): ServiceSpec[] {
  return items.map(({ name, at, value }): ServiceSpec => {
    const images = containerImages.map((one) => one.name);
    const image = imageSource(issues, [...at, "image"], value.image, images);
    if (value.port === undefined) {
      issues.add([...at, "port"], "missing; give the TCP port that the container listens on.");
    }
    if (value.publish === 22) {
      issues.add([...at, "publish"], "22 is the machine's SSH, by which Berth reaches it; choose another.");
    }
    for (const [variable, secret] of Object.entries(value.secrets ?? {})) {
      const where = [...at, "secrets", variable];
      if (value.env?.[variable] !== undefined) {
        issues.add(where, `"env" sets ${variable} too; remove one of them.`);
      } else if (!secrets.includes(secret)) {
        issues.add(
          where,
          `there is no secret "${secret}"; run: pulumi config set --secret --path 'berth:secrets.${secret}'`,
        );
      }
    }
    return {
      name,
      image: image ?? { kind: "reference", ref: "" },
      replicas: value.replicas ?? 1,
      port: value.port ?? 0,
      health: {
        path: value.health?.path ?? "/",
        status: value.health?.status ?? 200,
        intervalMs: value.health?.interval ?? 2_000,
        timeoutMs: value.health?.timeout ?? 2_000,
        rise: value.health?.rise ?? 2,
        fall: value.health?.fall ?? 3,
      },
      env: value.env ?? {},
      secrets: value.secrets ?? {},
      spread: value.spread ?? "none",
      machines: selectMachines(value.machines, [...at, "machines"], machines, issues),
      restart: value.restart ?? "unless-stopped",
      stopGraceMs: value.stopGrace ?? 10_000,
      ...defined({
        publish: value.publish,
        command: value.command,
        cpus: value.cpus,
        memoryBytes: value.memory,
      }),
    } as ServiceSpec;
  });
}

/** Every machine that may run a service must be able to pull its image. */
export function checkPulls(
  services: readonly ServiceSpec[],
  containerImages: readonly ContainerImageSpec[],
  machines: readonly MachineSpec[],
  registryHypervisors: ReadonlyMap<string, string>,
  issues: Issues,
): void {
  for (const { name, image, machines: eligible } of services) {
    const pushed = containerImages.find((one) => isBuilt(image, one.name));
    if (pushed === undefined) continue;
    const reached = new Set(pushed.registries.map((registry) => registryHypervisors.get(registry)));
    const cut = machines.find(
      (one) => eligible.includes(one.name) && one.hypervisor !== "" && !reached.has(one.hypervisor),
    );
    if (cut !== undefined) {
      issues.add(
        ["services", name, "image"],
        `container image "${pushed.name}" is in no registry on hypervisor "${cut.hypervisor}", where machine "${cut.name}" would pull it; add one to its "registries".`,
      );
    }
  }
}

function isBuilt(image: ImageSource, name: string): boolean {
  return image.kind === "built" && image.containerImage === name;
}
