import type { ArgumentTable, ContainerInputs, HostConfig } from "../types.js";
import { fromMebibytes, orNothing, toMebibytes } from "../units.js";
import { hostField, map, set } from "./builders.js";

/** To the Engine API's update 0 and "" mean "as it was": a limit is changed in place, and only lifted by a new container. */
const setInPlace = {
  effect: "in place",
  drifts: true,
  reachable: (after: any) => after !== undefined && after !== 0 && after !== "",
} as const;

const size = (field: "Memory" | "MemoryReservation" | "MemorySwap" | "ShmSize") => ({
  api: `HostConfig.${field}`,
  canonical: (value: number | undefined) => value ?? 0,
  write: (value: number, { HostConfig }: { HostConfig: HostConfig }) => {
    HostConfig[field] = fromMebibytes(value);
  },
});

/** What it may use up, and which devices it sees. */
export const limitArguments: ArgumentTable<
  | "memory"
  | "memoryReservation"
  | "memorySwap"
  | "shmSize"
  | "cpus"
  | "cpuPeriod"
  | "cpuQuota"
  | "cpuSet"
  | "cpuShares"
  | "ulimits"
  | "sysctls"
  | "storageOpts"
  | "devices"
  | "deviceCgroupRules"
  | "deviceRequests"
  | "gpus"
  | "deviceReadBps"
  | "deviceReadIops"
  | "deviceWriteBps"
  | "deviceWriteIops"
> = {
  memory: {
    ...setInPlace,
    ...size("Memory"),
    read: (live) => toMebibytes(live.HostConfig.Memory),
  },
  memoryReservation: {
    ...setInPlace,
    ...size("MemoryReservation"),
    read: (live) => toMebibytes(live.HostConfig.MemoryReservation),
  },
  memorySwap: {
    ...setInPlace,
    ...size("MemorySwap"),
    // Unset it is twice the memory; -1 also where the engine has no swap accounting.
    read: ({ HostConfig: { Memory = 0, MemorySwap } }) =>
      MemorySwap === Memory * 2 || (MemorySwap === -1 && Memory === 0) ? undefined : toMebibytes(MemorySwap),
  },
  shmSize: {
    ...size("ShmSize"),
    effect: "replace",
    canonical: (value) => value || 64,
    read: (live) =>
      live.HostConfig.ShmSize === 64 * 1024 ** 2 ? undefined : toMebibytes(live.HostConfig.ShmSize),
  },
  cpus: {
    ...setInPlace,
    api: "HostConfig.NanoCpus",
    canonical: (value) => Number(value ?? 0),
    write: (value, body) => {
      body.HostConfig.NanoCpus = Math.round(Number(value) * 1e9);
    },
    read: (live) => (live.HostConfig.NanoCpus ? String(live.HostConfig.NanoCpus / 1e9) : undefined),
  },
  cpuPeriod: {
    ...hostField<number | undefined>("CpuPeriod"),
    ...setInPlace,
    write: (value, body, { cpus }) => {
      if (!cpus) body.HostConfig.CpuPeriod = value;
    },
  },
  cpuQuota: {
    ...hostField<number | undefined>("CpuQuota"),
    ...setInPlace,
    write: (value, body, { cpus }) => {
      if (!cpus) body.HostConfig.CpuQuota = value;
    },
  },
  cpuSet: hostField("CpusetCpus", setInPlace),
  cpuShares: hostField("CpuShares", { ...setInPlace, canonical: (value) => value ?? 0 }),
  ulimits: {
    api: "HostConfig.Ulimits",
    effect: "replace",
    ...set,
    write: (ulimits, body) => {
      body.HostConfig.Ulimits = ulimits.map(({ name, soft, hard }) => ({
        Name: name,
        Soft: soft,
        Hard: hard,
      }));
    },
    read: (live) =>
      orNothing(
        ((live.HostConfig.Ulimits ?? []) as EngineUlimit[]).map(({ Name, Soft, Hard }) => ({
          name: Name,
          soft: Soft,
          hard: Hard,
        })),
      ),
  },
  sysctls: hostField("Sysctls", map),
  storageOpts: hostField("StorageOpt", map),
  devices: {
    api: "HostConfig.Devices",
    effect: "replace",
    unordered: true,
    canonical: (devices) =>
      (devices ?? []).map(({ hostPath, containerPath, permissions }) => ({
        hostPath,
        containerPath: containerPath || hostPath,
        permissions: permissions || "rwm",
      })),
    write: (devices, body) => {
      body.HostConfig.Devices = devices.map(({ hostPath, containerPath, permissions }) => ({
        PathOnHost: hostPath,
        PathInContainer: containerPath || hostPath,
        CgroupPermissions: permissions || "rwm",
      }));
    },
    read: (live) =>
      orNothing(
        ((live.HostConfig.Devices ?? []) as Record<string, string>[]).map((device) => ({
          hostPath: device["PathOnHost"] as string,
          containerPath: device["PathInContainer"] as string,
          permissions: device["CgroupPermissions"] as string,
        })),
      ),
  },
  deviceCgroupRules: hostField("DeviceCgroupRules", set),
  deviceRequests: {
    api: "HostConfig.DeviceRequests",
    effect: "replace",
    ...set,
    write: (requests, body) => {
      const made = requests.map(({ driver, count, deviceIds, capabilities, options }) => ({
        Driver: driver ?? "",
        Count: count ?? 0,
        DeviceIDs: deviceIds ?? [],
        Capabilities: capabilities ? [capabilities] : [],
        Options: options ?? {},
      }));
      body.HostConfig.DeviceRequests = [...(body.HostConfig.DeviceRequests ?? []), ...made];
    },
    read: (live) =>
      orNothing(
        (live.HostConfig.DeviceRequests ?? []).map((request) => ({
          driver: orNothing(request.Driver),
          count: orNothing(request.Count),
          deviceIds: orNothing(request.DeviceIDs),
          capabilities: orNothing(request.Capabilities?.[0]),
          options: orNothing(request.Options),
        })),
      ),
  },
  gpus: {
    // Told back as a device request, which describes it as well.
    api: "HostConfig.DeviceRequests",
    effect: "replace",
    write: (gpus, body) => {
      const ids = gpus.startsWith("device=") ? gpus.slice("device=".length).split(",") : undefined;
      const request = { Driver: "", Capabilities: [["gpu"]], Options: {} };
      const made = ids
        ? { ...request, DeviceIDs: ids }
        : { ...request, Count: gpus === "all" ? -1 : Number(gpus) };
      body.HostConfig.DeviceRequests = [...(body.HostConfig.DeviceRequests ?? []), made];
    },
  },
  deviceReadBps: throttle("BlkioDeviceReadBps"),
  deviceReadIops: throttle("BlkioDeviceReadIOps"),
  deviceWriteBps: throttle("BlkioDeviceWriteBps"),
  deviceWriteIops: throttle("BlkioDeviceWriteIOps"),
};

interface EngineUlimit {
  Name: string;
  Soft: number;
  Hard: number;
}

function throttle(field: `BlkioDevice${"Read" | "Write"}${"Bps" | "IOps"}`) {
  return hostField<ContainerInputs["deviceReadBps"]>(field, {
    ...set,
    write: (entries: NonNullable<ContainerInputs["deviceReadBps"]>, body) => {
      body.HostConfig[field] = entries.map(({ path, rate }) => ({ Path: path, Rate: rate }));
    },
    read: (live) => {
      const entries = (live.HostConfig[field] ?? []) as { Path: string; Rate: number }[];
      return orNothing(entries.map(({ Path, Rate }) => ({ path: Path, rate: Rate })));
    },
  });
}
