import type { TopologyEnvironment } from "./environment.js";
import { formatIpv4, inNetwork, overlap, parseCidr } from "./ipv4.js";
import type { Issues, Path } from "./issues.js";
import { derivedName } from "./names.js";
import type { Item } from "./readSection.js";
import type { HypervisorSpec } from "./topology.js";

const localUri = "qemu:///system";
const localDocker = "unix:///var/run/docker.sock";
const defaultCidr = "192.168.130.0/24";

/** The hypervisors; the machine that the program runs on, as `local`, where none is given. */
export function resolveHypervisors(
  items: readonly Item<"hypervisors">[],
  environment: TopologyEnvironment,
  issues: Issues,
): HypervisorSpec[] {
  const all = items.length > 0 ? items : [{ name: "local", at: ["hypervisors", "local"], value: {} }];
  for (const { at, value } of items) {
    checkHostKeys(value.uri, [...at, "uri"], issues);
    checkNetwork(value.network ?? {}, [...at, "network"], issues);
  }
  const specs = all.map((item) => resolve(item, environment));
  for (const { at, value } of items) {
    for (const key of ["cpus", "memory", "disk"] as const) {
      if (value.capacity !== undefined && value.capacity[key] === undefined)
        issues.add([...at, "capacity", key], "missing; give what its machines may take of it together.");
    }
  }
  for (const [index, spec] of specs.entries()) {
    const other = specs.slice(0, index).find((one) => one.uri === spec.uri);
    if (other !== undefined) checkShared(spec, other, issues);
  }
  return specs;
}

function resolve({ name, value }: Item<"hypervisors">, environment: TopologyEnvironment): HypervisorSpec {
  const unique = `${environment.stack}-${name}`;
  const cidr = value.network?.cidr ?? defaultCidr;
  const { base, prefixLength } = parseCidr(cidr)!;
  const address = value.network?.address ?? formatIpv4(base + 1);
  const gateway = value.network?.gateway ?? address;
  const range = value.network?.range ?? cidr;
  const poolName = value.pool?.name ?? derivedName(`berth-${unique}`, 50);
  const consoleLogs = value.consoleLogs ?? environment.consoleLogs;
  return {
    name,
    uri: value.uri ?? environment.libvirtUri ?? localUri,
    dockerHost: value.dockerHost ?? remoteDocker(value.uri) ?? environment.dockerHost ?? localDocker,
    accelerator: value.accelerator ?? "auto",
    network: {
      mode: value.network?.mode ?? "nat",
      name: value.network?.name ?? derivedName(`berth-${unique}`, 50),
      bridge: value.network?.bridge ?? derivedName(`br-${unique}`, 15),
      cidr,
      prefixLength,
      ...(value.network?.cidr6 !== undefined && { cidr6: value.network.cidr6 }),
      // One that is a mistake makes no mistakes of the machines' addresses.
      range: isPart(range, cidr) ? range : cidr,
      address,
      gateway,
      nameservers: value.network?.nameservers ?? [gateway],
    },
    pool: { name: poolName, path: value.pool?.path ?? `/var/lib/libvirt/berth/${poolName}` },
    ...(consoleLogs !== undefined && { consoleLogs }),
    templates: {
      path: value.templates?.path ?? environment.templates ?? "/var/lib/libvirt/berth/templates",
      sizeBytes: value.templates?.size ?? 8 * 2 ** 30,
    },
    ...(value.capacity && {
      capacity: {
        cpus: value.capacity.cpus ?? 0,
        memoryBytes: value.capacity.memory ?? 0,
        diskBytes: value.capacity.disk ?? 0,
      },
    }),
    zone: value.zone ?? name,
    labels: value.labels ?? {},
    taints: value.taints ?? [],
    cost: value.cost ?? 0,
  };
}

/** Whoever answers in a hypervisor's name without its key is given everything. */
function checkHostKeys(uri: string | undefined, at: Path, issues: Issues): void {
  const options = new URLSearchParams(uri?.split("?")[1] ?? "");
  const verify = options.get("known_hosts_verify");
  if (options.has("no_verify") || (verify !== null && verify !== "normal")) {
    issues.add(
      at,
      'takes any host key; remove "no_verify" and "known_hosts_verify", and name a file with the right one: ?known_hosts=/path.',
    );
  }
}

/** What is outside of a bridge is not Berth's: whoever runs that network says what there is, and what is free. */
const ofBridge = {
  bridge: "the host's bridge that machines are attached to",
  cidr: "the network that the bridge leads to",
  address: "the hypervisor's own address in that network",
  range: "a part of it in which nobody else gives addresses, such as 192.168.1.192/27",
} as const;

function checkNetwork(
  network: NonNullable<Item<"hypervisors">["value"]["network"]>,
  at: Path,
  issues: Issues,
) {
  const { mode, cidr = defaultCidr, range } = network;
  if (mode === "bridge") {
    for (const key of ["bridge", "cidr", "address", "range"] as const) {
      if (network[key] === undefined)
        issues.add([...at, key], `missing; with mode "bridge", give ${ofBridge[key]}.`);
    }
    if (network.cidr6 !== undefined) {
      issues.add(
        [...at, "cidr6"],
        'is not for mode "bridge", in which nobody knows what is free. Remove it, and give addresses by "interfaces".',
      );
    }
  } else {
    for (const key of ["address", "gateway"] as const) {
      if (network[key] !== undefined)
        issues.add(
          [...at, key],
          'is for mode "bridge"; in the others it is the first address of "cidr", the hypervisor itself. Remove it.',
        );
    }
  }
  for (const key of ["address", "gateway"] as const) {
    if (network[key] !== undefined && !inNetwork({ cidr }, network[key]))
      issues.add([...at, key], `${network[key]} is not in ${cidr}; give an address of that network.`);
  }
  if (range !== undefined && !isPart(range, cidr))
    issues.add([...at, "range"], `${range} is not a part of ${cidr}; give one that is.`);
}

function isPart(range: string, cidr: string): boolean {
  const [part, whole] = [parseCidr(range)!, parseCidr(cidr)!];
  return part.prefixLength >= whole.prefixLength && overlap(part, whole);
}

/** A hypervisor that libvirt reaches over SSH has its Docker Engine there too. */
function remoteDocker(uri: string | undefined): string | undefined {
  const [, host] = /^qemu\+(?:ssh|libssh2?):\/\/([^/?]+)/.exec(uri ?? "") ?? [];
  return host === undefined ? undefined : `ssh://${host}`;
}

/** Two hypervisors on one libvirt: what each makes there must not be the other's. */
function checkShared(spec: HypervisorSpec, other: HypervisorSpec, issues: Issues): void {
  const at = ["hypervisors", spec.name];
  const where = `of hypervisor "${other.name}", which has the same uri`;
  if (overlap(parseCidr(spec.network.cidr)!, parseCidr(other.network.cidr)!)) {
    issues.add(
      [...at, "network", "cidr"],
      `${spec.network.cidr} overlaps ${other.network.cidr} ${where}; give each a network of its own.`,
    );
  }
  const names = [
    ["network", "name", spec.network.name, other.network.name],
    ["network", "bridge", spec.network.bridge, other.network.bridge],
    ["pool", "name", spec.pool.name, other.pool.name],
    ["pool", "path", spec.pool.path, other.pool.path],
  ] as const;
  for (const [group, key, mine, its] of names) {
    if (mine === its) issues.add([...at, group, key], `"${mine}" is also that ${where}; choose another.`);
  }
}
