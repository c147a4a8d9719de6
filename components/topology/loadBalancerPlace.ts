import { parseCidr, parseIpv4 } from "./ipv4.js";
import { type Issues, show } from "./issues.js";
import type { LoadBalancerSpec, VirtualAddressSpec } from "./loadBalancerSpec.js";
import type { LoadBalancerSurroundings } from "./loadBalancers.js";
import { naturalOrder } from "./naturalOrder.js";
import { ownerWords } from "./networkAddress.js";
import type { Item } from "./readSection.js";
import { choose } from "./references.js";
import type { HypervisorSpec, MachineSpec } from "./topology.js";

/** VRRP counts in hundredths of a second, in 12 bits. */
const longestIntervalMs = 40_950;
const shortestIntervalMs = 100;

export interface LoadBalancerPlace
  extends Pick<LoadBalancerSpec, "hypervisor" | "machines" | "virtualAddress"> {
  /** Where it listens unless a frontend says otherwise. */
  readonly bind: string;
}

/** Where a load balancer runs: on its hypervisor, on a machine, or on several with one address. */
export function resolvePlace(
  item: Item<"loadBalancers">,
  surroundings: LoadBalancerSurroundings,
  issues: Issues,
): LoadBalancerPlace {
  const { at, value } = item;
  const { hypervisors } = surroundings;
  const names = hypervisors.map((one) => one.name);
  if (value.machines === undefined) {
    if (value.virtualAddress !== undefined) {
      issues.add([...at, "virtualAddress"], 'is for several machines; name them in "machines".');
    }
    const hypervisor = choose(issues, [...at, "hypervisor"], value.hypervisor, "hypervisors", names) ?? "";
    const bind = hypervisors.find((one) => one.name === hypervisor)?.network.address ?? "";
    return { hypervisor, machines: [], bind };
  }
  if (value.hypervisor !== undefined) {
    issues.add([...at, "hypervisor"], 'is that of its machines; remove it, or "machines".');
  }
  const machines = machinesOf(value.machines, item, surroundings.machines, issues);
  const hypervisor = machines[0]?.hypervisor ?? "";
  if (machines.length > 0 && value.image === undefined) checkRegistry(item, hypervisor, surroundings, issues);
  const network = hypervisors.find((one) => one.name === hypervisor)?.network;
  const virtualAddress = network && virtualAddressOf(item, machines, network, surroundings.machines, issues);
  return {
    hypervisor,
    machines: machines.map(({ name }) => name),
    bind: virtualAddress?.address ?? machines[0]?.address ?? "",
    ...(virtualAddress !== undefined && { virtualAddress }),
  };
}

function machinesOf(
  given: readonly string[],
  { at }: Item<"loadBalancers">,
  machines: readonly MachineSpec[],
  issues: Issues,
): MachineSpec[] {
  const where = [...at, "machines"];
  if (given.length === 0) issues.add(where, 'is empty; name a machine, or leave "machines" out.');
  const known = machines.map(({ name }) => name);
  for (const [index, name] of given.entries()) {
    if (!known.includes(name)) issues.unknown([...where, index], "machine", name, known, "machines");
    else if (given.indexOf(name) < index) issues.add([...where, index], `names "${name}" again; remove it.`);
  }
  const chosen = [...new Set(given)]
    .sort(naturalOrder)
    .flatMap((name) => machines.filter((one) => one.name === name));
  const off = chosen.find(({ power }) => power !== "running");
  if (off !== undefined) {
    issues.add(
      where,
      `machine "${off.name}" is to be ${off.power}; set its "power" to "running", or choose another.`,
    );
  }
  const far = chosen.find(({ hypervisor }) => hypervisor !== chosen[0]!.hypervisor);
  if (far !== undefined) {
    issues.add(
      where,
      `"${chosen[0]!.name}" and "${far.name}" are on different hypervisors, whose networks share no address; choose machines of one.`,
    );
  }
  return chosen;
}

/** Machines pull what runs HAProxy. */
function checkRegistry(
  { at }: Item<"loadBalancers">,
  hypervisor: string,
  { registries }: LoadBalancerSurroundings,
  issues: Issues,
): void {
  if (registries.some((one) => one.hypervisor === hypervisor)) return;
  issues.add(
    [...at, "machines"],
    `there is no registry on hypervisor "${hypervisor}", which they could pull HAProxy from; add one under berth:registries.`,
  );
}

function virtualAddressOf(
  { at, value }: Item<"loadBalancers">,
  machines: readonly MachineSpec[],
  network: HypervisorSpec["network"],
  all: readonly MachineSpec[],
  issues: Issues,
): VirtualAddressSpec | undefined {
  const where = [...at, "virtualAddress"];
  const written = value.virtualAddress;
  if (written === undefined) {
    if (machines.length > 1) {
      issues.add(
        where,
        "missing; give the one address that clients use, such as {address: " +
          freeAddress(network.cidr) +
          "}.",
      );
    }
    return undefined;
  }
  if (machines.length === 1) {
    issues.add(where, 'is for several machines, and this is one; add another to "machines", or remove it.');
  }
  const { address, interval = 500 } = written;
  if (address === undefined) {
    issues.add(
      [...where, "address"],
      "missing; give an address of the hypervisor's network that no machine has.",
    );
    return undefined;
  }
  const owner = all.find((one) => one.address === address);
  const { base, size } = parseCidr(network.cidr)!;
  const number = parseIpv4(address)!;
  if (number <= base || number >= base + size - 1) {
    issues.add(
      [...where, "address"],
      `${address} is no address of ${network.cidr}, the machines' network; choose one of it.`,
    );
  } else if ([network.address, network.gateway].includes(address)) {
    issues.add([...where, "address"], `${address} is ${ownerWords(network, address)}; choose another.`);
  } else if (owner !== undefined) {
    issues.add(
      [...where, "address"],
      `${address} is the address of machine "${owner.name}"; choose another.`,
    );
  }
  if (interval < shortestIntervalMs || interval > longestIntervalMs || interval % 10 !== 0) {
    issues.add(
      [...where, "interval"],
      `${interval}ms can't be said in VRRP; use hundredths of a second from 100ms to ${longestIntervalMs / 1000}s.`,
    );
  }
  return { address, routerId: written.routerId ?? (number % 255) + 1, intervalMs: interval };
}

function freeAddress(cidr: string): string {
  return show(cidr.replace(/\d+\/\d+$/, "5"));
}
