import { frontendUrl } from "./frontendUrl.js";
import { parseCidr, parseIpv4 } from "./ipv4.js";
import { type Issues, show } from "./issues.js";
import type { LoadBalancerSpec } from "./loadBalancerSpec.js";
import type { Item } from "./readSection.js";
import type { ConnectionSpec, HypervisorSpec, MachineSpec, ServiceSpec } from "./topology.js";

export interface ConnectionSurroundings {
  readonly loadBalancers: readonly LoadBalancerSpec[];
  readonly hypervisors: readonly HypervisorSpec[];
  readonly machines: readonly MachineSpec[];
}

/** The services with the addresses of the load balancers by which they reach others. */
export function resolveConnections(
  items: readonly Item<"services">[],
  services: readonly ServiceSpec[],
  surroundings: ConnectionSurroundings,
  issues: Issues,
): ServiceSpec[] {
  return services.map((service) => {
    const item = items.find(({ name }) => name === service.name);
    const connects: Record<string, ConnectionSpec> = {};
    for (const [prefix, written] of Object.entries(item?.value.connects ?? {})) {
      const at = [...(item?.at ?? []), "connects", prefix];
      const found = resolveConnection(written, at, service, surroundings, issues);
      if (found === undefined) continue;
      const twice = Object.keys(connectionVariables({ [prefix]: found })).find(
        (variable) => service.env[variable] !== undefined || service.secrets[variable] !== undefined,
      );
      if (twice !== undefined) {
        issues.add(at, `sets ${twice}, which "env" or "secrets" sets too; rename one of them.`);
      }
      connects[prefix] = found;
    }
    return { ...service, connects };
  });
}

function resolveConnection(
  written: NonNullable<Item<"services">["value"]["connects"]>[string],
  at: readonly (string | number)[],
  service: ServiceSpec,
  { loadBalancers, hypervisors, machines }: ConnectionSurroundings,
  issues: Issues,
): ConnectionSpec | undefined {
  const known = loadBalancers.map(({ name }) => name);
  if (written.loadBalancer === undefined) {
    issues.add(
      [...at, "loadBalancer"],
      `missing; name the load balancer: ${known.map(show).join(", ") || "there is none yet"}.`,
    );
    return undefined;
  }
  const balancer = loadBalancers.find(({ name }) => name === written.loadBalancer);
  if (balancer === undefined) {
    issues.unknown([...at, "loadBalancer"], "load balancer", written.loadBalancer, known, "loadBalancers");
    return undefined;
  }
  const names = balancer.frontends.map(({ name }) => name);
  const wanted = written.frontend ?? (names.length === 1 ? names[0] : undefined);
  const frontend = balancer.frontends.find(({ name }) => name === wanted);
  // With mistakes of its own it has none.
  if (names.length === 0) return undefined;
  if (frontend === undefined) {
    issues.add(
      [...at, "frontend"],
      written.frontend === undefined
        ? `load balancer "${balancer.name}" has several frontends; choose one of ${names.map(show).join(", ")}.`
        : `load balancer "${balancer.name}" has no frontend ${show(written.frontend)}; use ${names.map(show).join(" or ")}.`,
    );
    return undefined;
  }
  const network = hypervisors.find(({ name }) => name === balancer.hypervisor)?.network;
  const host = balancer.machines.length > 0 ? undefined : network?.address;
  const own = machines.find(({ name }) => name === balancer.machines[0])?.address;
  const anywhere = balancer.virtualAddress?.address ?? own ?? host ?? "";
  const address = frontend.bind === "0.0.0.0" ? anywhere : frontend.bind;
  if (address.startsWith("127.")) {
    issues.add(
      at,
      `frontend "${frontend.name}" listens on ${address}, which only programs on its own host reach; give it an address of the machines' network in "bind".`,
    );
    return undefined;
  }
  const far = machines.find(
    (one) => service.machines.includes(one.name) && one.hypervisor !== balancer.hypervisor,
  );
  if (far !== undefined && network !== undefined && isWithin(address, network.cidr)) {
    issues.add(
      at,
      `machine "${far.name}" may run it, on another hypervisor, from where ${address} can't be reached; use a load balancer on hypervisor "${far.hypervisor}", or choose "machines".`,
    );
  }
  const { port } = frontend;
  const url = frontendUrl({ ...frontend, bind: address }).replace(/\/$/, "");
  return { loadBalancer: balancer.name, frontend: frontend.name, host: address, port, url };
}

function isWithin(address: string, cidr: string): boolean {
  const { base, size } = parseCidr(cidr)!;
  const number = parseIpv4(address)!;
  return number >= base && number < base + size;
}

/** `API_URL`, `API_HOST` and `API_PORT` for a connection `API`. */
export function connectionVariables(
  connects: Readonly<Record<string, ConnectionSpec>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(connects).flatMap(([prefix, { url, host, port }]) => [
      [`${prefix}_URL`, url],
      [`${prefix}_HOST`, host],
      [`${prefix}_PORT`, String(port)],
    ]),
  );
}
