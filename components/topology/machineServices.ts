import type { Issues, Path } from "./issues.js";
import { checkOwned } from "./machines.js";
import { resolveNeighbours, type Zoned } from "./neighbours.js";
import type { Item } from "./readSection.js";
import { choose, defined } from "./references.js";
import { selectByNameOrLabel } from "./selectMachines.js";
import { checkGroups, checkPins, checkRequests, resolveSpeech } from "./services.js";
import type { BaseImageSpec, HypervisorSpec, MachineServiceSpec, MachineSpec } from "./topology.js";

const gibibyte = 2 ** 30;
const twoMinutesMs = 120_000;
const tenMinutesMs = 600_000;

/** What is of a container and not of a machine, and what to do instead. */
const ofContainers = {
  publish: 'a machine answers on its own address, on "port"; remove it.',
  env: 'is for containers; write what the program needs with "cloudConfig".',
  secrets: "is for containers; have the program fetch its secrets.",
  command: 'is for containers; start the program with "cloudConfig", or from the image.',
  restart: "is for containers; the guest's own service manager starts the program again.",
  connects: 'is for containers; write what the program needs with "cloudConfig".',
  rollout: "is for containers; changed machines stand beside the old ones, all at once.",
  autoscale: 'is for containers; set "replicas".',
  machines: 'is for containers; choose hypervisors with "hypervisors".',
} as const;

/** What is of a machine and not of a container. */
const ofMachines = ["hypervisors", "warm", "disk", "cloudConfig", "start", "readyTimeout"] as const;

/** Of the services, the ones that run as machines of their own. */
export function runsAsMachine({ value }: Item<"services">): boolean {
  return value.runsAs === "machine";
}

/** Settings that mean something only for a service that runs as a machine. */
export function refuseMachineSettings(items: readonly Item<"services">[], issues: Issues): void {
  for (const { at, value } of items) {
    for (const key of ofMachines) {
      if (value[key] !== undefined)
        issues.add([...at, key], 'is for services with "runsAs: machine"; add that, or remove it.');
    }
  }
}

export function resolveMachineServices(
  items: readonly Item<"services">[],
  services: readonly string[],
  images: readonly BaseImageSpec[],
  hypervisors: readonly HypervisorSpec[],
  machines: readonly MachineSpec[],
  issues: Issues,
): MachineServiceSpec[] {
  const zoned: Zoned[] = [...machines, ...hypervisors];
  const specs = items.map(({ name, at, value }): MachineServiceSpec => {
    for (const [key, fix] of Object.entries(ofContainers)) {
      if (value[key as keyof typeof ofContainers] !== undefined) issues.add([...at, key], fix);
    }
    const given = typeof value.image === "object" ? undefined : value.image;
    if (typeof value.image === "object")
      issues.add([...at, "image"], "is a container image; name a guest image from berth:images.");
    const known = images.map((one) => one.name);
    const image =
      typeof value.image === "object" ? undefined : choose(issues, [...at, "image"], given, "images", known);
    if (value.port === undefined)
      issues.add([...at, "port"], "missing; give the TCP port on which the machine answers.");
    if (value.port === 22) issues.add([...at, "port"], "22 is the machine's SSH; choose another.");
    if (value.cpus !== undefined && !Number.isInteger(value.cpus))
      issues.add([...at, "cpus"], "is not a whole number, and a machine has whole virtual CPUs.");
    checkRequests(value, at, issues);
    checkOwned({ cloudConfig: value.cloudConfig }, at, issues);
    const size = {
      cpus: value.cpus ?? 2,
      memoryBytes: value.memory ?? gibibyte,
      diskBytes: value.disk ?? 4 * gibibyte,
    };
    return {
      name,
      image: image ?? "",
      replicas: value.replicas ?? 1,
      warm: value.warm ?? 0,
      port: value.port ?? 0,
      ...resolveSpeech({ name, at, value }, issues),
      ...size,
      requests: {
        cpus: value.requests?.cpus ?? size.cpus,
        memoryBytes: value.requests?.memory ?? size.memoryBytes,
        diskBytes: value.requests?.disk ?? size.diskBytes,
      },
      spread: value.spread ?? "none",
      hypervisors: selectHypervisors(value, at, hypervisors, issues),
      tolerates: value.tolerates ?? [],
      near: resolveNeighbours(value.near, [...at, "near"], services, zoned, issues),
      apart: resolveNeighbours(value.apart, [...at, "apart"], services, zoned, issues),
      priority: value.priority ?? 0,
      stateful: value.stateful ?? false,
      pins: value.pins ?? {},
      cloudConfig: value.cloudConfig ?? {},
      start: value.start ?? "auto",
      readyTimeoutMs: value.readyTimeout ?? tenMinutesMs,
      stopGraceMs: value.stopGrace ?? twoMinutesMs,
      ...defined({ group: value.group }),
    } as MachineServiceSpec;
  });
  checkGroups(specs, issues);
  for (const spec of specs)
    if (spec.hypervisors.length > 0) checkPins(spec, spec.hypervisors, "hypervisor", issues);
  if (specs.length > 0) checkNames(hypervisors, machines, issues);
  checkRoom(hypervisors, machines, issues);
  return specs;
}

/** All that have a capacity, the ones in the list, or the ones with the labels; of these, those whose taints it tolerates. */
function selectHypervisors(
  { hypervisors: selection, tolerates }: Item<"services">["value"],
  at: Path,
  hypervisors: readonly HypervisorSpec[],
  issues: Issues,
): string[] {
  const where = [...at, "hypervisors"];
  const selected =
    selection === undefined
      ? hypervisors.map(({ name }) => name)
      : selectByNameOrLabel(selection, where, hypervisors, "hypervisors", issues);
  const chosen = hypervisors.filter(({ name }) => selected.includes(name));
  const sized = chosen.filter(({ capacity }) => capacity !== undefined);
  const kept = sized.filter(({ taints }) => taints.every((taint) => tolerates?.includes(taint)));
  if (chosen.length > 0 && sized.length === 0) {
    issues.add(
      ["hypervisors", chosen[0]!.name, "capacity"],
      `missing; service "${at.at(-1)}" runs as machines, which are placed by what there is: give cpus, memory and disk.`,
    );
  } else if (sized.length > 0 && kept.length === 0) {
    const taints = [...new Set(sized.flatMap((one) => one.taints))];
    issues.add(
      [...at, "tolerates"],
      `every hypervisor that may run it has a taint that it does not tolerate; add ${taints.join(" or ")}, or another hypervisor.`,
    );
  }
  return kept.map(({ name }) => name);
}

/** In a plan, machines and hypervisors stand side by side. */
function checkNames(
  hypervisors: readonly HypervisorSpec[],
  machines: readonly MachineSpec[],
  issues: Issues,
): void {
  for (const { name } of hypervisors) {
    if (machines.some((machine) => machine.name === name))
      issues.add(
        ["hypervisors", name],
        `a machine has this name too, and a service that runs as a machine could not tell which is meant; rename one of them.`,
      );
  }
}

/** The machines that the configuration puts on a hypervisor must fit there. */
function checkRoom(
  hypervisors: readonly HypervisorSpec[],
  machines: readonly MachineSpec[],
  issues: Issues,
): void {
  for (const { name, capacity } of hypervisors) {
    if (capacity === undefined) continue;
    const here = machines.filter(({ hypervisor }) => hypervisor === name);
    const keys = { cpus: "cpus", memoryBytes: "memory", diskBytes: "disk" } as const;
    for (const [key, field] of Object.entries(keys) as [keyof typeof keys, string][]) {
      const taken = here.reduce((sum, machine) => sum + machine[key], 0);
      if (taken > capacity[key])
        issues.add(
          ["hypervisors", name, "capacity", field],
          `is less than its machines take together: ${here.map((one) => one.name).join(", ")}; raise it, or lower theirs.`,
        );
    }
  }
}
