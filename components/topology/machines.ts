import { derivedAddress, derivedMac } from "./addresses.js";
import { formatIpv4, type Ipv4Network, parseCidr, parseIpv4 } from "./ipv4.js";
import type { Issues, Path } from "./issues.js";
import { derivedName } from "./names.js";
import { ownerWords } from "./networkAddress.js";
import type { Item } from "./readSection.js";
import { choose } from "./references.js";
import type { BaseImageSpec, HypervisorSpec, MachineSpec } from "./topology.js";

const mebibyte = 2 ** 20;
const gibibyte = 2 ** 30;
const twoMinutesMs = 120_000;
const tenMinutesMs = 600_000;

/** Cloud-config that Berth reaches and identifies a machine by, and that therefore is not the user's. */
const berthsOwn = ["ssh_keys", "ssh_deletekeys", "hostname", "preserve_hostname"];

export function resolveMachines(
  items: readonly Item<"machines">[],
  stack: string,
  hypervisors: readonly HypervisorSpec[],
  images: readonly BaseImageSpec[],
  issues: Issues,
): MachineSpec[] {
  const names = (list: readonly { name: string }[]) => list.map(({ name }) => name);
  const specs = items.map(({ name, at, value }): MachineSpec => {
    const chosen = choose(issues, [...at, "hypervisor"], value.hypervisor, "hypervisors", names(hypervisors));
    const hypervisor = hypervisors.find((one) => one.name === chosen);
    const image = choose(issues, [...at, "image"], value.image, "images", names(images));
    checkOwned(value, at, issues);
    checkReserved(value, at, issues);
    checkRoom(value, at, issues);
    return {
      name,
      domain: derivedName(`${stack}-${name}`, 63),
      hypervisor: chosen ?? "",
      image: image ?? "",
      cpus: value.cpus ?? 2,
      memoryBytes: value.memory ?? gibibyte,
      maxCpus: value.maxCpus ?? value.cpus ?? 2,
      maxMemoryBytes: value.maxMemory ?? value.memory ?? gibibyte,
      diskBytes: value.disk ?? 4 * gibibyte,
      disks: resolveDisks(value, at, issues),
      discard: value.discard ?? [],
      interfaces: resolveInterfaces(value, at, stack, name, issues),
      bootOrder: value.bootOrder ?? ["disk"],
      ...(value.description !== undefined && { description: value.description }),
      address:
        value.address ?? (hypervisor ? derivedAddress(parseCidr(hypervisor.network.range)!, name) : ""),
      macAddress: derivedMac(stack, name),
      docker: {
        package: value.docker?.package ?? "docker.io",
        daemon: value.docker?.daemon ?? {},
        readyTimeoutMs: value.docker?.readyTimeout ?? tenMinutesMs,
      },
      labels: value.labels ?? {},
      zone: value.zone ?? hypervisor?.zone ?? "",
      taints: value.taints ?? [],
      reserved: {
        cpus: value.reserved?.cpus ?? 0,
        memoryBytes: value.reserved?.memory ?? 256 * mebibyte,
        diskBytes: value.reserved?.disk ?? 2 * gibibyte,
      },
      cost: value.cost ?? 0,
      drain: value.drain ?? false,
      cloudConfig: value.cloudConfig ?? {},
      newSeed: value.newSeed ?? "ignore",
      start: value.start ?? "auto",
      power: value.power ?? "running",
      stopGraceMs: value.stopGrace ?? twoMinutesMs,
      readyTimeoutMs: value.readyTimeout ?? tenMinutesMs,
    };
  });
  for (const hypervisor of hypervisors) checkNetwork(hypervisor, items, specs, issues);
  return specs;
}

/** Of a machine's settings, and of those of a service that runs as machines, what Berth sets itself. */
export function checkOwned(
  value: Pick<Item<"machines">["value"], "cloudConfig" | "docker">,
  at: Path,
  issues: Issues,
): void {
  for (const key of berthsOwn) {
    if (value.cloudConfig?.[key] !== undefined) {
      issues.add(
        [...at, "cloudConfig", key],
        "Berth sets this itself, to know the machine again; remove it.",
      );
    }
  }
  if (value.docker?.daemon?.["hosts"] !== undefined) {
    issues.add(
      [...at, "docker", "daemon", "hosts"],
      "Docker listens on its Unix socket only, and is reached over SSH; remove it.",
    );
  }
}

type Written = Item<"machines">["value"];

function checkRoom(
  { cpus = 2, memory = gibibyte, maxCpus, maxMemory }: Written,
  at: Path,
  issues: Issues,
): void {
  if (maxCpus !== undefined && maxCpus < cpus)
    issues.add([...at, "maxCpus"], `is less than its ${cpus} processors; raise it, or leave it out.`);
  if (maxMemory !== undefined && maxMemory < memory)
    issues.add([...at, "maxMemory"], "is less than its memory; raise it, or leave it out.");
}

function resolveDisks({ disks = {} }: Written, at: Path, issues: Issues): MachineSpec["disks"] {
  return Object.fromEntries(
    Object.entries(disks).map(([name, { size, mount, keep = false }]) => {
      if (size === undefined)
        issues.add([...at, "disks", name, "size"], 'is missing; write one such as "10GiB".');
      return [name, { sizeBytes: size ?? 0, keep, ...(mount !== undefined && { mount }) }];
    }),
  );
}

function resolveInterfaces(
  { interfaces = {} }: Written,
  at: Path,
  stack: string,
  machine: string,
  issues: Issues,
): MachineSpec["interfaces"] {
  return Object.fromEntries(
    Object.entries(interfaces).map(([name, { network, address }]) => {
      if (network === undefined) {
        issues.add([...at, "interfaces", name, "network"], "is missing; write libvirt's name of a network.");
      }
      const macAddress = derivedMac(stack, `${machine}/${name}`);
      return [name, { network: network ?? "", macAddress, ...(address !== undefined && { address }) }];
    }),
  );
}

/** What is left for containers must not be below nothing. */
function checkReserved(value: Item<"machines">["value"], at: Item<"machines">["at"], issues: Issues): void {
  const { reserved = {}, cpus = 2, memory = gibibyte, disk = 4 * gibibyte } = value;
  const over = [
    ["cpus", reserved.cpus, cpus],
    ["memory", reserved.memory, memory],
    ["disk", reserved.disk, disk],
  ] as const;
  for (const [key, kept = 0, whole] of over) {
    if (kept > whole)
      issues.add([...at, "reserved", key], `is more than the machine has; lower it, or raise "${key}".`);
  }
}

/** Addresses and MAC addresses within one network. The ones asked for are settled before the default ones. */
function checkNetwork(
  { name, network }: HypervisorSpec,
  items: readonly Item<"machines">[],
  specs: readonly MachineSpec[],
  issues: Issues,
): void {
  const { base, size } = parseCidr(network.cidr)!;
  const members = items
    .map((item, index) => ({ ...item, spec: specs[index]! }))
    .filter(({ spec }) => spec.hypervisor === name);
  const owners = new Map<string, string>();
  const macs = new Map<string, string>();
  const fixed = members.filter(({ value }) => value.address !== undefined);
  for (const { at, value, spec } of [...fixed, ...members.filter((one) => !fixed.includes(one))]) {
    const where = [...at, "address"];
    const address = parseIpv4(spec.address)!;
    const owner = owners.get(spec.address);
    if (address <= base || address >= base + size - 1) {
      const last = formatIpv4(base + size - 2);
      issues.add(
        where,
        `${spec.address} is not an address of a machine in ${network.cidr}; choose one from ${formatIpv4(base + 2)} to ${last}.`,
      );
    } else if ([network.address, network.gateway].includes(spec.address)) {
      issues.add(where, `${spec.address} is ${ownerWords(network, spec.address)}; choose another.`);
    } else if (owner !== undefined) {
      const which = value.address === undefined ? `the default, ${spec.address}, is` : `${spec.address} is`;
      const others = [network.address, network.gateway, ...owners.keys()];
      const taken = new Set([...others, ...specs.map((one) => one.address)]);
      const fix = `set one that is free, such as "${firstFree(parseCidr(network.range)!, taken)}".`;
      issues.add(where, `${which} already the address of machine "${owner}"; ${fix}`);
    } else {
      owners.set(spec.address, spec.name);
    }
    const twin = macs.get(spec.macAddress);
    if (twin !== undefined) {
      issues.add(at, `its name gives the same MAC address as machine "${twin}"; choose another name.`);
    }
    macs.set(spec.macAddress, spec.name);
  }
}

function firstFree({ base, size }: Ipv4Network, taken: ReadonlySet<string>): string {
  let address = base + 2;
  while (address < base + size - 2 && taken.has(formatIpv4(address))) address++;
  return formatIpv4(address);
}
