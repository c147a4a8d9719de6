import type * as docker from "@pulumi/docker";
import type { Plain } from "../plain.js";

type Inputs = Plain<docker.BuildxBuilderArgs>;

/** What members of the blocks are called as options of buildx's drivers, where that is not their name with dashes. */
const names: Readonly<Record<string, string>> = {
  cpuPeriod: "cpu-period",
  cpuQuota: "cpu-quota",
  cpuShares: "cpu-shares",
  cpusetCpus: "cpuset-cpus",
  cpusetMems: "cpuset-mems",
  cgroupParent: "cgroup-parent",
  memorySwap: "memory-swap",
  restartPolicy: "restart-policy",
  defaultLoad: "default-load",
  ephemeralStorage: "ephemeral-storage",
};

/** The driver: the given one, else that of the block that is given, else buildx's own default. */
export function driverOf({ driver, dockerContainer, kubernetes, remote }: Inputs): string {
  if (driver) return driver;
  if (kubernetes) return "kubernetes";
  if (remote) return "remote";
  return dockerContainer ? "docker-container" : "docker-container";
}

/** All options of the driver, as `--driver-opt` takes them. */
export function driverOptions({
  driverOptions: given,
  dockerContainer,
  kubernetes,
  remote,
}: Inputs): string[] {
  const block = dockerContainer ?? kubernetes ?? remote ?? {};
  return [...flat(block), ...Object.entries(given ?? {})].map(([name, value]) => `${name}=${value}`);
}

function flat(block: object, prefix = ""): [string, string][] {
  return Object.entries(block).flatMap(([name, value]): [string, string][] => {
    if (value === undefined || value === null) return [];
    // Variables keep their names.
    const own = prefix === "env." ? name : (names[name] ?? name);
    return typeof value === "object"
      ? flat(value as object, `${prefix}${own}.`)
      : [[`${prefix}${own}`, String(value)]];
  });
}
