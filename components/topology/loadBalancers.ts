import { resolveBackends } from "./backends.js";
import type { BalancedService } from "./balancedServices.js";
import { type PlacedFrontend, resolveFrontends } from "./frontends.js";
import type { Issues } from "./issues.js";
import { checkListeners } from "./listeners.js";
import { resolvePlace } from "./loadBalancerPlace.js";
import type { LoadBalancerSpec, LogSpec, StatsSpec, TimeoutsSpec } from "./loadBalancerSpec.js";
import type { Item } from "./readSection.js";
import { defined, imageSource } from "./references.js";
import { requireSecret } from "./tls.js";
import type { ContainerImageSpec, HypervisorSpec, MachineSpec, RegistrySpec } from "./topology.js";

type Written = Item<"loadBalancers">["value"];

/** What load balancers refer to. */
export interface LoadBalancerSurroundings {
  readonly hypervisors: readonly HypervisorSpec[];
  readonly machines: readonly MachineSpec[];
  readonly containerImages: readonly ContainerImageSpec[];
  readonly services: readonly BalancedService[];
  readonly registries: readonly RegistrySpec[];
  readonly secrets: readonly string[];
}

export function resolveLoadBalancers(
  items: readonly Item<"loadBalancers">[],
  surroundings: LoadBalancerSurroundings,
  issues: Issues,
): LoadBalancerSpec[] {
  const { containerImages, services, secrets } = surroundings;
  const images = containerImages.map((one) => one.name);
  const balancers = items.map((item) => {
    const { name, at, value } = item;
    const { bind, ...place } = resolvePlace(item, surroundings, issues);
    const image =
      value.image === undefined ? undefined : imageSource(issues, [...at, "image"], value.image, images);
    const frontends = resolveFrontends(item, {
      bind,
      services,
      secrets,
      issues,
    });
    const spec: LoadBalancerSpec = {
      name,
      ...place,
      frontends: frontends.map(({ at: _, ...frontend }) => frontend),
      backends: resolveBackends(item, frontends, services, issues),
      timeouts: timeoutsOf(value.timeouts),
      retries: value.retries ?? 5,
      maxConnections: value.maxConnections ?? 4000,
      log: logOf(value.log),
      raw: {
        global: value.raw?.global ?? [],
        defaults: value.raw?.defaults ?? [],
        sections: value.raw?.sections ?? {},
      },
      ...defined({ stats: statsOf(value.stats, item, secrets, issues), image }),
    };
    checkBinds(spec, frontends, surroundings, issues);
    return { spec, at, frontends };
  });
  checkRouterIds(balancers, issues);
  checkListeners(balancers, surroundings, issues);
  return balancers.map(({ spec }) => spec);
}

/** On machines there are no other addresses than theirs. */
function checkBinds(
  { machines: names, virtualAddress }: LoadBalancerSpec,
  frontends: readonly PlacedFrontend[],
  { machines }: LoadBalancerSurroundings,
  issues: Issues,
): void {
  if (names.length === 0) return;
  const addresses = machines.filter(({ name }) => names.includes(name)).map(({ address }) => address);
  const own = virtualAddress?.address ?? addresses[0]!;
  for (const { at, bind } of frontends) {
    if (![own, "0.0.0.0", "127.0.0.1"].includes(bind)) {
      issues.add(
        [...at, "bind"],
        `${bind} is not where it runs; use ${own}, or "0.0.0.0" for every address there.`,
      );
    }
  }
}

/** Two groups of one number in one network would take each other's signs of life for their own. */
function checkRouterIds(balancers: readonly PlacedLoadBalancer[], issues: Issues): void {
  for (const [index, { spec, at }] of balancers.entries()) {
    const mine = spec.virtualAddress;
    if (mine === undefined) continue;
    for (const { spec: other } of balancers.slice(0, index)) {
      const theirs = other.virtualAddress;
      if (theirs === undefined || other.hypervisor !== spec.hypervisor) continue;
      if (theirs.address === mine.address) {
        issues.add(
          [...at, "virtualAddress", "address"],
          `${mine.address} is that of load balancer "${other.name}"; choose another.`,
        );
      } else if (theirs.routerId === mine.routerId) {
        issues.add(
          [...at, "virtualAddress", "routerId"],
          `${mine.routerId} is that of load balancer "${other.name}"; choose another from 1 to 255.`,
        );
      }
    }
  }
}

function timeoutsOf(given: Written["timeouts"]): TimeoutsSpec {
  return {
    connectMs: given?.connect ?? 2_000,
    clientMs: given?.client ?? 60_000,
    serverMs: given?.server ?? 60_000,
    requestMs: given?.request ?? 10_000,
    keepAliveMs: given?.keepAlive ?? 10_000,
    queueMs: given?.queue ?? 30_000,
    tunnelMs: given?.tunnel ?? 3_600_000,
  };
}

function logOf(given: Written["log"]): LogSpec {
  return {
    requests: given?.requests ?? "all",
    format: given?.format ?? "text",
    targets: given?.targets ?? ["stdout"],
  };
}

function statsOf(
  given: Written["stats"],
  { at }: Item<"loadBalancers">,
  secrets: readonly string[],
  issues: Issues,
): StatsSpec | undefined {
  if (given === undefined) return undefined;
  const where = [...at, "stats", "password"];
  if (given.password === undefined) {
    issues.add(where, "missing; name the secret that holds it: the page tells what runs where.");
  } else {
    requireSecret(given.password, where, secrets, issues);
  }
  return {
    // For programs on the same machine; anything wider is the operator's word.
    bind: given.bind ?? "127.0.0.1",
    port: given.port ?? 8404,
    user: given.user ?? "admin",
    password: given.password ?? "",
  };
}

export interface PlacedLoadBalancer {
  readonly spec: LoadBalancerSpec;
  readonly at: Item<"loadBalancers">["at"];
  readonly frontends: readonly PlacedFrontend[];
}
