import type { TopologyEnvironment } from "./environment.js";
import { formatIpv4, overlap, parseCidr } from "./ipv4.js";
import type { Issues } from "./issues.js";
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
  const specs = all.map((item) => resolve(item, environment));
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
  const gateway = formatIpv4(base + 1);
  const poolName = value.pool?.name ?? derivedName(`berth-${unique}`, 50);
  const consoleLogs = value.consoleLogs ?? environment.consoleLogs;
  return {
    name,
    uri: value.uri ?? environment.libvirtUri ?? localUri,
    dockerHost: value.dockerHost ?? remoteDocker(value.uri) ?? environment.dockerHost ?? localDocker,
    accelerator: value.accelerator ?? "auto",
    network: {
      name: value.network?.name ?? derivedName(`berth-${unique}`, 50),
      bridge: value.network?.bridge ?? derivedName(`br-${unique}`, 15),
      cidr,
      prefixLength,
      gateway,
      nameservers: value.network?.nameservers ?? [gateway],
    },
    pool: { name: poolName, path: value.pool?.path ?? `/var/lib/libvirt/berth/${poolName}` },
    ...(consoleLogs !== undefined && { consoleLogs }),
  };
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
