import { resolveAutoscale } from "./autoscale.js";
import type { Issues, Path } from "./issues.js";
import { resolveNeighbours } from "./neighbours.js";
import type { Item } from "./readSection.js";
import { defined, imageSource } from "./references.js";
import { resolveRollout } from "./rollout.js";
import { selectMachines } from "./selectMachines.js";
import type {
  ContainerImageSpec,
  ImageSource,
  MachineServiceSpec,
  MachineSpec,
  PlacedSpec,
  ServiceSpec,
} from "./topology.js";

/** @param names of all services, of those that run as machines too */
export function resolveServices(
  items: readonly Item<"services">[],
  names: readonly string[],
  containerImages: readonly ContainerImageSpec[],
  machines: readonly MachineSpec[],
  secrets: readonly string[],
  issues: Issues,
): ServiceSpec[] {
  const specs = items.map(({ name, at, value }): ServiceSpec => {
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
    const limits = { cpus: value.cpus, memory: value.memory };
    checkRequests(value, at, issues);
    return {
      name,
      image: image ?? { kind: "reference", ref: "" },
      replicas: value.replicas ?? 1,
      port: value.port ?? 0,
      ...resolveSpeech({ name, at, value }, issues),
      env: value.env ?? {},
      secrets: value.secrets ?? {},
      connects: {},
      spread: value.spread ?? "none",
      machines: selectMachines(value.machines, value.tolerates, [...at, "machines"], machines, issues),
      requests: defined({
        cpus: value.requests?.cpus ?? limits.cpus,
        memoryBytes: value.requests?.memory ?? limits.memory,
        diskBytes: value.requests?.disk,
      }),
      tolerates: value.tolerates ?? [],
      near: resolveNeighbours(value.near, [...at, "near"], names, machines, issues),
      apart: resolveNeighbours(value.apart, [...at, "apart"], names, machines, issues),
      priority: value.priority ?? 0,
      stateful: value.stateful ?? false,
      pins: value.pins ?? {},
      restart: value.restart ?? "unless-stopped",
      stopGraceMs: value.stopGrace ?? 10_000,
      ...defined({
        publish: value.publish,
        command: value.command,
        cpus: value.cpus,
        memoryBytes: value.memory,
        group: value.group,
        autoscale: resolveAutoscale(value.autoscale, [...at, "autoscale"], issues),
        rollout: resolveRollout(value.rollout, [...at, "rollout"], issues),
      }),
    } as ServiceSpec;
  });
  checkGroups(specs, issues);
  for (const spec of specs) checkPins(spec, spec.machines, "machine", issues);
  return specs;
}

/** What a service speaks, and what tells that a replica of it is healthy. */
export function resolveSpeech(
  { name, at, value }: Item<"services">,
  issues: Issues,
): Pick<ServiceSpec, "protocol" | "health"> {
  const protocol = value.protocol ?? "http";
  const agent = value.health?.agent;
  if (agent !== undefined && agent.port === undefined) {
    issues.add([...at, "health", "agent", "port"], "missing; give the TCP port that the agent listens on.");
  }
  return {
    protocol,
    health: {
      type: value.health?.type ?? protocol,
      method: value.health?.method ?? "GET",
      path: value.health?.path ?? "/",
      host: value.health?.host ?? name,
      status: value.health?.status ?? 200,
      intervalMs: value.health?.interval ?? 2_000,
      timeoutMs: value.health?.timeout ?? 2_000,
      rise: value.health?.rise ?? 2,
      fall: value.health?.fall ?? 3,
      ...(agent?.port !== undefined && {
        agent: { port: agent.port, intervalMs: agent.interval ?? 2_000 },
      }),
    },
  };
}

export function checkRequests(
  { cpus, memory, requests }: Item<"services">["value"],
  at: Path,
  issues: Issues,
): void {
  const pairs = [
    ["cpus", requests?.cpus, cpus],
    ["memory", requests?.memory, memory],
  ] as const;
  for (const [key, wanted, most] of pairs) {
    if (wanted !== undefined && most !== undefined && wanted > most) {
      issues.add(
        [...at, "requests", key],
        `is above "${key}", the most that a replica may use; lower it, or raise that.`,
      );
    }
  }
}

type Counted = Pick<PlacedSpec, "name" | "group" | "replicas"> & Partial<Pick<MachineServiceSpec, "warm">>;

/** Warm ones too: they are placed as the others are. */
function inAll({ replicas, warm = 0 }: Pick<Counted, "replicas" | "warm">): number {
  return replicas + warm;
}

export function checkGroups(services: readonly Counted[], issues: Issues): void {
  for (const [index, one] of services.entries()) {
    const other = services.slice(0, index).find(({ group }) => group !== undefined && group === one.group);
    if (other !== undefined && inAll(other) !== inAll(one)) {
      issues.add(
        ["services", one.name, "group"],
        `service "${other.name}" of group "${one.group}" has ${inAll(other)} replicas, and this one has ${inAll(one)}; give both the same.`,
      );
    }
  }
}

export function checkPins(
  { name, pins, ...counts }: Counted & Pick<PlacedSpec, "pins">,
  eligible: readonly string[],
  kind: "machine" | "hypervisor",
  issues: Issues,
): void {
  for (const [number, place] of Object.entries(pins)) {
    const at = ["services", name, "pins", number];
    if (Number(number) > inAll(counts)) {
      issues.add(
        at,
        `there is no replica ${number}; raise "replicas" from ${counts.replicas}, or remove the pin.`,
      );
    } else if (!eligible.includes(place)) {
      issues.add(at, `${kind} "${place}" is none that may run it; use one of ${eligible.join(", ")}.`);
    }
  }
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
