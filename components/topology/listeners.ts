import type { Issues, Path } from "./issues.js";
import type { VirtualAddressSpec } from "./loadBalancerSpec.js";
import type { LoadBalancerSurroundings, PlacedLoadBalancer } from "./loadBalancers.js";

const everywhere = "0.0.0.0";
/** Where HAProxy tells the machine's own programs that it works, where it has a virtual address: on loopback. */
export function alivePort({ routerId }: Pick<VirtualAddressSpec, "routerId">): number {
  return 8500 + routerId;
}

interface Listener {
  readonly hypervisor: string;
  /** None: the hypervisor itself. */
  readonly machine?: string;
  readonly bind: string;
  readonly port: number;
  readonly at: Path;
  readonly owner: string;
}

/** No two may listen at one address and port of a host. */
export function checkListeners(
  balancers: readonly PlacedLoadBalancer[],
  surroundings: LoadBalancerSurroundings,
  issues: Issues,
): void {
  const before: Listener[] = [];
  for (const listener of balancers.flatMap(listenersOf)) {
    const { hypervisor, machine, bind, port, at } = listener;
    const where = machine === undefined ? `hypervisor "${hypervisor}"` : `machine "${machine}"`;
    const owner = ownerOf(listener, before, surroundings);
    if (owner !== undefined && hypervisor !== "") {
      issues.add(at, `${port} on ${bind} is already taken by ${owner} on ${where}; choose another.`);
    }
    before.push(listener);
  }
}

function listenersOf({ spec, at, frontends }: PlacedLoadBalancer): Listener[] {
  const { name, hypervisor, machines, virtualAddress, stats } = spec;
  const places =
    machines.length === 0 ? [{ hypervisor }] : machines.map((machine) => ({ hypervisor, machine }));
  return places.flatMap((place) => {
    const own = (where: Path, bind: string, port: number): Listener => ({
      ...place,
      bind,
      port,
      at: where,
      owner: `load balancer "${name}"`,
    });
    return [
      ...(virtualAddress === undefined
        ? []
        : [own([...at, "virtualAddress", "routerId"], "127.0.0.1", alivePort(virtualAddress))]),
      ...frontends.map((one) => own([...one.at, "port"], one.bind, one.port)),
      ...(stats === undefined ? [] : [own([...at, "stats", "port"], stats.bind, stats.port)]),
    ];
  });
}

/** Who else listens where one is to. */
function ownerOf(
  { hypervisor: name, machine, bind, port }: Listener,
  before: readonly Listener[],
  { hypervisors, registries }: LoadBalancerSurroundings,
): string | undefined {
  const listens = (...addresses: string[]) => [...addresses, everywhere].includes(bind);
  const twin = before.find(
    (one) =>
      one.hypervisor === name &&
      one.machine === machine &&
      one.port === port &&
      (one.bind === everywhere || listens(one.bind)),
  );
  if (twin !== undefined) return twin.owner;
  if (machine !== undefined) {
    return port === 22 && bind !== "127.0.0.1" ? "the machine's SSH" : undefined;
  }
  const network = hypervisors.find((one) => one.name === name)?.network;
  const address = network?.address ?? "";
  const registry = registries.find((one) => one.hypervisor === name && one.port === port);
  if (registry !== undefined && listens("127.0.0.1", address)) return `registry "${registry.name}"`;
  if (port === 53 && network?.mode !== "bridge" && listens(address)) return "the network's name server";
  return undefined;
}
